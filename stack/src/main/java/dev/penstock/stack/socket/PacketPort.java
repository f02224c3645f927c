package dev.penstock.stack.socket;

import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.link.EthernetPort;
import dev.penstock.stack.link.FrameTap;
import dev.penstock.stack.udp.DatagramInfo;
import dev.penstock.stack.udp.DatagramQueue;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A tap on a link for one thread other than the shard's: frames that pass a filter, cut to a length, in a queue of bounded size;
 * what finds no room is lost and counted. Whole frames can be sent.
 */
public final class PacketPort extends SocketHandle implements FrameTap {
    /** What decides on a frame before anything of it is copied. Shard thread; must not throw. */
    @FunctionalInterface
    public interface Matcher {
        /** @param length bytes that may be looked at, from the link header on: at least 14, perhaps not all of a frame that goes out */
        boolean matches(DirectBuffer buffer, int offset, int length, boolean outgoing);
    }

    private static final int MAX_FRAMES = 8192;

    private final int interfaceIndex;
    private final int etherType;
    private final int snapLength;
    private final Matcher matcher;
    private final DatagramQueue queue;
    private volatile boolean opened;
    private volatile boolean over;
    private volatile boolean shardEnded;
    /** Shard only. */
    private ShardContext context;

    private EthernetPort port;
    /** For frames in pieces; null until one comes. */
    private UnsafeBuffer gathered;

    private PacketPort(
            CommandQueue commands,
            ReadinessListener listener,
            int interfaceIndex,
            int etherType,
            Matcher matcher,
            int snapLength,
            int bufferBytes) {
        super(commands, listener);
        this.interfaceIndex = interfaceIndex;
        this.etherType = etherType;
        this.matcher = matcher;
        this.snapLength = snapLength;
        this.queue = new DatagramQueue(bufferBytes, MAX_FRAMES);
    }

    /**
     * Opens one; the outcome is told by {@link #isOpened}.
     *
     * @param etherType {@link EthernetPort#ANY_TYPE} for all
     * @param matcher null for all
     * @param snapLength the most that is kept of a frame, bytes, 14 .. 65,535
     * @return null, and counted, when there are too many sockets
     */
    public static PacketPort open(
            CommandQueue commands,
            ReadinessListener listener,
            int interfaceIndex,
            int etherType,
            Matcher matcher,
            int snapLength,
            int bufferBytes) {
        PacketPort made =
                new PacketPort(commands, listener, interfaceIndex, etherType, matcher, snapLength, bufferBytes);
        if (!made.open()) {
            return null;
        }
        made.post(CONNECT);
        return made;
    }

    /** It is open, or never will be. */
    public boolean isOpened() {
        return opened || isOver();
    }

    /** There is no such interface, there are too many taps, or the stack was closed. */
    public boolean isOver() {
        return over || shardEnded;
    }

    public boolean isShardEnded() {
        return shardEnded;
    }

    /**
     * Takes the oldest frame. In {@code info}, {@code srcPort} is 1 for one that we sent, {@code srcLo} its length before it was cut.
     *
     * @return bytes copied, or -1 when there is none
     */
    public int receive(MutableDirectBuffer dst, int offset, int length, DatagramInfo info) {
        return queue.poll(dst, offset, length, info);
    }

    /** A frame is there. */
    public boolean isReceiveReady() {
        return shardEnded || !queue.isEmpty();
    }

    /** Frames lost because nobody took them in time. */
    public long receiveDrops() {
        return queue.dropped();
    }

    /** Lets go. The last call. */
    public void close() {
        post(CLOSE);
    }

    /** Sends a whole frame, link header included; see {@link EthernetPort#sendFrame}. Shard. */
    public int sendNow(DirectBuffer data, int length) {
        return port == null ? 0 : port.sendFrame(data, 0, length);
    }

    @Override
    void perform(int ops, ShardContext shard, long nowNs) {
        context = shard;
        if ((ops & CONNECT) != 0 && (ops & CLOSE) == 0) {
            boolean there = interfaceIndex >= 0 && interfaceIndex < shard.ip().interfaceCount();
            EthernetPort of = there ? shard.ip().interfaceAt(interfaceIndex).port() : null;
            if (of != null && of.openTap(etherType, this)) {
                port = of;
                opened = true;
            } else {
                over = true;
            }
            signal(Readiness.BOUND);
        }
        if ((ops & CLOSE) != 0) {
            closeNow();
        }
    }

    private void closeNow() {
        if (port != null) {
            port.closeTap(this);
            port = null;
        }
    }

    @Override
    public void onFrame(Frame frame, boolean outgoing, long nowNs) {
        if (matcher != null && !matcher.matches(frame.buffer(), frame.start(), frame.headLength(), outgoing)) {
            return;
        }
        DirectBuffer from = frame.buffer();
        int at = frame.start();
        int whole = frame.length();
        if (frame.sliceCount() > 0) {
            // Not the shard's scratch memory: slices may lie in it.
            if (gathered == null) {
                gathered = new UnsafeBuffer(ByteBuffer.allocateDirect(Frame.MAX_LENGTH));
            }
            frame.copyTo(gathered, 0);
            from = gathered;
            at = 0;
        }
        int kept = Math.min(whole, snapLength);
        if (queue.offer(from, at, kept, 0, whole, outgoing ? 1 : 0, 0, 0, interfaceIndex, nowNs)) {
            signal(Readiness.READABLE);
        } else {
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
