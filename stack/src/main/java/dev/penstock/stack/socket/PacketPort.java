package dev.penstock.stack.socket;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.link.EthernetPort;
import dev.penstock.stack.link.FrameTap;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A tap on a link for one thread other than the shard's: frames that pass a filter, cut to a length. Whole frames can be sent.
 * Of what was received, {@code srcPort} is 1 for a frame that we sent, {@code srcLo} its length before it was cut.
 */
public final class PacketPort extends QueuedPort implements FrameTap {
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
    /** Shard only; null unless open. */
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
        super(commands, listener, bufferBytes, MAX_FRAMES);
        this.interfaceIndex = interfaceIndex;
        this.etherType = etherType;
        this.matcher = matcher;
        this.snapLength = snapLength;
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
        return asked(new PacketPort(commands, listener, interfaceIndex, etherType, matcher, snapLength, bufferBytes));
    }

    /** Sends a whole frame, link header included; see {@link EthernetPort#sendFrame}. Shard. */
    public int sendNow(DirectBuffer data, int length) {
        return port == null ? 0 : port.sendFrame(data, 0, length);
    }

    @Override
    boolean openNow() {
        boolean there = interfaceIndex >= 0 && interfaceIndex < context.ip().interfaceCount();
        EthernetPort of = there ? context.ip().interfaceAt(interfaceIndex).port() : null;
        if (of == null || !of.openTap(etherType, this)) {
            return false;
        }
        port = of;
        return true;
    }

    @Override
    void closeNow() {
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
        queue(from, at, kept, 0, whole, outgoing ? 1 : 0, 0, 0, interfaceIndex, nowNs);
    }
}
