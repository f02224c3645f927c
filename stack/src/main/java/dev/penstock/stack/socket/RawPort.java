package dev.penstock.stack.socket;

import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.ip.IcmpError;
import dev.penstock.stack.ip.IpOutput;
import dev.penstock.stack.ip.IpPacket;
import dev.penstock.stack.ip.IpPath;
import dev.penstock.stack.ip.RawHandler;
import dev.penstock.stack.udp.DatagramInfo;
import dev.penstock.stack.udp.DatagramQueue;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Wire;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.jctools.queues.atomic.SpscAtomicArrayQueue;

/**
 * A raw IP socket for threads other than the shard's: one that receives, one that takes errors. Packets wait in a queue of bounded
 * size, whole, with their IP headers; what finds no room is lost and counted, as are errors.
 */
public final class RawPort extends SocketHandle implements RawHandler {
    /** The most errors that wait. */
    public static final int MAX_ERRORS = 64;

    private static final int MAX_PACKETS = 4096;

    private final int protocol;
    private final boolean v4;
    private final DatagramQueue queue;
    private final SpscAtomicArrayQueue<RawError> errors = new SpscAtomicArrayQueue<>(MAX_ERRORS);
    private final AtomicLong errorDrops = new AtomicLong();
    /** Of ICMP and ICMPv6: a bit for each type that is wanted; null for all. */
    private final AtomicReference<long[]> types = new AtomicReference<>();

    private volatile boolean opened;
    private volatile boolean over;
    private volatile boolean shardEnded;
    /** Shard only. */
    private ShardContext context;

    private boolean listening;

    private RawPort(CommandQueue commands, ReadinessListener listener, int protocol, boolean v4, int bufferBytes) {
        super(commands, listener);
        this.protocol = protocol;
        this.v4 = v4;
        this.queue = new DatagramQueue(bufferBytes, MAX_PACKETS);
    }

    /** Opens one; the outcome is told by {@link #isOpened}. Null, and counted, when there are too many sockets. */
    public static RawPort open(
            CommandQueue commands, ReadinessListener listener, int protocol, boolean v4, int bufferBytes) {
        RawPort port = new RawPort(commands, listener, protocol, v4, bufferBytes);
        if (!port.open()) {
            return null;
        }
        port.post(CONNECT);
        return port;
    }

    /** It is open, or never will be. */
    public boolean isOpened() {
        return opened || isOver();
    }

    /** There were too many, or the stack was closed. */
    public boolean isOver() {
        return over || shardEnded;
    }

    public boolean isShardEnded() {
        return shardEnded;
    }

    /** Of ICMP and ICMPv6: only messages of these types come in, {@code wanted} having a bit for each of 0 .. 255. */
    public void setTypes(long[] wanted) {
        types.set(wanted == null ? null : wanted.clone());
    }

    // The application's.

    /** See {@link DatagramQueue#poll}: the packet begins with its IP header; the port in {@code info} means nothing. */
    public int receive(MutableDirectBuffer dst, int offset, int length, DatagramInfo info) {
        return queue.poll(dst, offset, length, info);
    }

    /** A packet is there. */
    public boolean isReceiveReady() {
        return shardEnded || !queue.isEmpty();
    }

    /** The oldest error, or null. */
    public RawError takeError() {
        return errors.poll();
    }

    /** An error is there. */
    public boolean isErrorReady() {
        return shardEnded || !errors.isEmpty();
    }

    /** Packets lost because nobody took them in time. */
    public long receiveDrops() {
        return queue.dropped();
    }

    /** Errors lost because nobody took them in time. */
    public long errorDrops() {
        return errorDrops.get();
    }

    /** Lets go. The last call. */
    public void close() {
        post(CLOSE);
    }

    // The shard's.

    /** Sends a packet; see {@link dev.penstock.stack.ip.RawPackets#send}. Shard. */
    public int sendNow(
            ShardContext shard,
            long dstHi,
            long dstLo,
            DirectBuffer data,
            int length,
            int tos,
            int ttl,
            boolean dontFragment) {
        long anyLo = v4 ? IpAddress.V4_PREFIX : 0;
        IpPath path = shard.ip().path(0, anyLo, dstHi, dstLo, shard.nowNs());
        if (path == null) {
            return IpOutput.NO_ROUTE;
        }
        int result = shard.ip().raw().send(path, protocol, data, 0, length, tos, ttl, dontFragment, shard.nowNs());
        path.release();
        return result;
    }

    @Override
    void perform(int ops, ShardContext shard, long nowNs) {
        context = shard;
        if ((ops & CONNECT) != 0 && (ops & CLOSE) == 0) {
            listening = shard.ip().raw().open(protocol, v4, this);
            over = !listening;
            opened = listening;
            signal(Readiness.BOUND);
        }
        if ((ops & CLOSE) != 0) {
            closeNow();
        }
    }

    private void closeNow() {
        if (listening) {
            listening = false;
            context.ip().raw().close(this);
        }
    }

    @Override
    public void onPacket(IpPacket packet, long nowNs) {
        long[] wanted = types.get();
        boolean icmp = packet.protocol == (v4 ? IpProtocol.ICMP : IpProtocol.ICMPV6);
        if (wanted != null && icmp && packet.payloadLength > 0) {
            int type = Wire.u8(packet.buffer, packet.payloadOffset);
            if ((wanted[type >>> 6] & 1L << type) == 0) {
                return;
            }
        }
        int length = packet.headerLength + packet.payloadLength;
        boolean taken = queue.offer(
                packet.buffer,
                packet.headerOffset,
                length,
                packet.srcHi,
                packet.srcLo,
                packet.headerLength,
                packet.dstHi,
                packet.dstLo,
                packet.interfaceIndex,
                nowNs);
        if (taken) {
            signal(Readiness.READABLE);
        } else {
            context.counters().drop(DropReason.RAW_QUEUE_FULL);
        }
    }

    @Override
    public void onIcmpError(IcmpError error, long nowNs) {
        if (errors.offer(RawError.of(error, nowNs))) {
            signal(Readiness.READABLE);
        } else {
            errorDrops.incrementAndGet();
            context.counters().drop(DropReason.RAW_QUEUE_FULL);
        }
    }

    @Override
    void onShardEnds(long nowNs) {
        closeNow();
        onShardEnded();
    }

    @Override
    void onShardEnded() {
        shardEnded = true;
        signal(Readiness.OVER | Readiness.READABLE | Readiness.BOUND);
    }
}
