package dev.penstock.stack.socket;

import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.ip.IcmpError;
import dev.penstock.stack.ip.IpOutput;
import dev.penstock.stack.ip.IpPacket;
import dev.penstock.stack.ip.IpPath;
import dev.penstock.stack.ip.RawHandler;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Wire;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.DirectBuffer;
import org.jctools.queues.atomic.SpscAtomicArrayQueue;

/**
 * A raw IP socket for threads other than the shard's: one that receives, one that takes errors. Packets are received whole, with
 * their IP headers, whose length is in {@code srcPort}; errors that find no room are lost and counted as packets are.
 */
public final class RawPort extends QueuedPort implements RawHandler {
    /** The most errors that wait. */
    public static final int MAX_ERRORS = 64;

    private static final int MAX_PACKETS = 4096;

    private final int protocol;
    private final boolean v4;
    private final SpscAtomicArrayQueue<RawError> errors = new SpscAtomicArrayQueue<>(MAX_ERRORS);
    private final AtomicLong errorDrops = new AtomicLong();
    /** Of ICMP and ICMPv6: a bit for each type that is wanted; null for all. */
    private final AtomicReference<long[]> types = new AtomicReference<>();

    /** Shard only. */
    private boolean listening;

    private RawPort(CommandQueue commands, ReadinessListener listener, int protocol, boolean v4, int bufferBytes) {
        super(commands, listener, bufferBytes, MAX_PACKETS);
        this.protocol = protocol;
        this.v4 = v4;
    }

    /** Opens one; the outcome is told by {@link #isOpened}. Null, and counted, when there are too many sockets. */
    public static RawPort open(
            CommandQueue commands, ReadinessListener listener, int protocol, boolean v4, int bufferBytes) {
        return asked(new RawPort(commands, listener, protocol, v4, bufferBytes));
    }

    /** Of ICMP and ICMPv6: only messages of these types come in, {@code wanted} having a bit for each of 0 .. 255. */
    public void setTypes(long[] wanted) {
        types.set(wanted == null ? null : wanted.clone());
    }

    // The application's.

    /** The oldest error, or null. */
    public RawError takeError() {
        return errors.poll();
    }

    /** An error is there. */
    public boolean isErrorReady() {
        return isShardEnded() || !errors.isEmpty();
    }

    /** Errors lost because nobody took them in time. */
    public long errorDrops() {
        return errorDrops.get();
    }

    // The shard's.

    /**
     * Sends a packet; see {@link dev.penstock.stack.ip.RawPackets#send}. Shard.
     *
     * @param zone the interface to leave by, -1 for any
     * @param ttl 0 for that of the path
     */
    public int sendNow(
            ShardContext shard,
            long dstHi,
            long dstLo,
            int zone,
            DirectBuffer data,
            int length,
            int tos,
            int ttl,
            boolean dontFragment) {
        long anyLo = v4 ? IpAddress.V4_PREFIX : 0;
        IpPath path = shard.ip().path(0, anyLo, dstHi, dstLo, zone, shard.nowNs());
        if (path == null) {
            return IpOutput.NO_ROUTE;
        }
        int result = shard.ip().raw().send(path, protocol, data, 0, length, tos, ttl, dontFragment, shard.nowNs());
        path.release();
        return result;
    }

    @Override
    boolean openNow() {
        listening = context.ip().raw().open(protocol, v4, this);
        return listening;
    }

    @Override
    void closeNow() {
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
        queue(
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
}
