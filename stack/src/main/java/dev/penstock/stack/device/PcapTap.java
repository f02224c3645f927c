package dev.penstock.stack.device;

import dev.penstock.stack.base.DropListener;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.RxOffload;
import dev.penstock.stack.buffer.TxOffload;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.TcpHeader;
import dev.penstock.stack.wire.Wire;
import java.nio.ByteBuffer;
import java.util.function.LongSupplier;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Captures what passes a device, as pcapng.
 *
 * <p>A received frame is written after its handler has returned, with the bytes and the time of its arrival, because
 * only then it is known whether it was dropped: the first reason told to {@link #onDrop} during the call becomes the
 * packet's comment, {@code drop: TCP_BAD_CHECKSUM}. A frame to send is written once the device took it; of a
 * super-segment, the part that was taken.
 *
 * <p>Above {@link SoftwareOffload}, or above a device that offloads, super-segments appear as they are, up to 64 KiB, as
 * they do in captures on Linux; below it, the packets of the wire. Checksums that are left to a device are right in the
 * capture. Shard thread; allocates nothing once built.
 */
public class PcapTap extends DeviceDecorator implements DropListener {
    private static final int FLAGS_OFFSET = 12;
    private static final int MAX_COPY = Frame.HEADROOM + Frame.MAX_LENGTH;
    /** One comment for each reason, so that a drop allocates nothing. */
    private static final String[] COMMENTS = comments();

    private final PcapngWriter writer;
    private final LongSupplier epochNs;
    private final int interfaceId;
    private final UnsafeBuffer copy = new UnsafeBuffer(ByteBuffer.allocateDirect(MAX_COPY));
    private final FrameHandler capturing = this::onFrame;
    private FrameHandler handler;
    private DropReason dropped;

    PcapTap(NetworkDevice delegate, PcapngWriter writer, String name, LongSupplier epochNs) {
        super(delegate);
        this.writer = writer;
        this.epochNs = epochNs;
        this.interfaceId = writer.addInterface(name);
    }

    /**
     * Captures what passes {@code device}. A {@link BlockingDevice} stays one, and its {@code await} writes out what is
     * buffered first, so that the file is complete whenever the stack is idle.
     *
     * @param writer where to; may serve more than one device of the same thread; closed by whoever made it
     * @param name the interface's name in the capture, ASCII
     * @param epochNs the time, nanoseconds since 1970-01-01T00:00:00Z
     */
    public static PcapTap over(NetworkDevice device, PcapngWriter writer, String name, LongSupplier epochNs) {
        return device instanceof BlockingDevice blocking
                ? new Blocking(blocking, writer, name, epochNs)
                : new PcapTap(device, writer, name, epochNs);
    }

    @Override
    public int poll(FrameHandler handler, int limit) {
        this.handler = handler;
        return delegate.poll(capturing, limit);
    }

    private void onFrame(Frame frame) {
        if (writer.isStopped()) {
            handler.onFrame(frame);
            return;
        }
        long at = epochNs.getAsLong();
        int length = Math.min(frame.length(), MAX_COPY);
        RxOffload rx = frame.rx();
        copy(frame, rx.partial);
        if (rx.partial) {
            Packets.completeChecksum(copy, 0, length);
        }
        dropped = null;
        try {
            handler.onFrame(frame);
        } finally {
            String comment = dropped == null ? null : comment(dropped);
            writer.packet(interfaceId, at, PcapngWriter.INBOUND, copy, 0, length, comment);
        }
    }

    /** The frame that is being handled was dropped: outside of a handler's call nothing happens. */
    @Override
    public void onDrop(DropReason reason, DirectBuffer buffer, int offset, int length) {
        if (dropped == null) {
            dropped = reason;
        }
    }

    @Override
    public int offer(Frame frame) {
        int taken = delegate.offer(frame);
        if (taken > 0 && !writer.isStopped()) {
            TxOffload tx = frame.tx();
            copy(frame, tx.checksumNeeded);
            int length = Math.min(frame.length(), MAX_COPY);
            if (tx.gsoType != TxOffload.GSO_NONE && tx.headerLength + (long) taken * tx.gsoSize < length) {
                length = tx.headerLength + taken * tx.gsoSize;
                shorten(tx, length);
            }
            if (tx.checksumNeeded) {
                Packets.completeChecksum(copy, 0, length);
            }
            writer.packet(interfaceId, epochNs.getAsLong(), PcapngWriter.OUTBOUND, copy, 0, length, null);
        }
        return taken;
    }

    private void copy(Frame frame, boolean whole) {
        int length = Math.min(frame.length(), MAX_COPY);
        Packets.copy(frame, 0, whole ? length : Math.min(length, writer.snapLength()), copy, 0);
    }

    /** Makes of the copied super-segment the one that was taken: the first {@code length} bytes. */
    private void shorten(TxOffload tx, int length) {
        int ip = Packets.linkLength(copy, 0, length);
        if (ip < 0) {
            return;
        }
        if (Wire.u8(copy, ip) >>> 4 == 4) {
            Wire.u16(copy, ip + 2, length - ip);
            Ipv4Header.putChecksum(copy, ip, Ipv4Header.headerLength(copy, ip));
        } else {
            Wire.u16(copy, ip + 4, length - ip - Packets.IPV6_HEADER);
        }
        if (tx.gsoType == TxOffload.GSO_UDP_L4) {
            Wire.u16(copy, tx.csumStart + 4, length - tx.csumStart);
        } else {
            int flags = Wire.u16(copy, tx.csumStart + FLAGS_OFFSET) & ~(TcpHeader.FIN | TcpHeader.PSH);
            Wire.u16(copy, tx.csumStart + FLAGS_OFFSET, flags);
        }
    }

    /** The capture itself. */
    public PcapngWriter writer() {
        return writer;
    }

    @SuppressWarnings("EnumOrdinal")
    private static String comment(DropReason reason) {
        return COMMENTS[reason.ordinal()];
    }

    private static String[] comments() {
        DropReason[] reasons = DropReason.values();
        String[] comments = new String[reasons.length];
        for (int i = 0; i < reasons.length; i++) {
            comments[i] = "drop: " + reasons[i].name();
        }
        return comments;
    }

    @Override
    public void close() {
        writer.flush();
        delegate.close();
    }

    private static final class Blocking extends PcapTap implements BlockingDevice {
        private final BlockingDevice blocking;

        Blocking(BlockingDevice delegate, PcapngWriter writer, String name, LongSupplier epochNs) {
            super(delegate, writer, name, epochNs);
            this.blocking = delegate;
        }

        @Override
        public void await(long timeoutNs) {
            if (timeoutNs > 0) {
                writer().flush();
            }
            blocking.await(timeoutNs);
        }

        @Override
        public void wakeUp() {
            blocking.wakeUp();
        }

        @Override
        public boolean awaitAlso(BlockingDevice other) {
            return blocking.awaitAlso(other);
        }

        @Override
        public BlockingDevice sleepsOn() {
            return blocking.sleepsOn();
        }

        @Override
        public long dueInNs() {
            return blocking.dueInNs();
        }
    }
}
