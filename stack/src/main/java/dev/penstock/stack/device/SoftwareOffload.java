package dev.penstock.stack.device;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.TxOffload;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.TcpHeader;
import dev.penstock.stack.wire.Wire;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Does in software what a device cannot: completes transport checksums and cuts super-segments, so that the layers
 * above see an offloading device everywhere. What the device can do itself is left to it.
 *
 * <p>The pieces of a super-segment are made one after the other in a single scratch frame and offered in order; when
 * the device refuses one, {@link #offer} tells how many went out, and the caller offers the rest again later. Each piece
 * carries the IPv4 identification of the one before it plus 1, and its own lengths and checksums; FIN and PSH are on
 * the last piece only, CWR on the first only, as a device does it. Urgent data does not survive cutting: a
 * super-segment never carries URG. Received frames pass untouched. Shard thread; allocates nothing once built.
 */
public class SoftwareOffload extends DeviceDecorator {
    private static final int FLAGS_OFFSET = 12;

    private final DeviceCapabilities capabilities;
    private final DeviceCapabilities able;
    private final Frame scratch;

    SoftwareOffload(NetworkDevice delegate, DeviceCapabilities capabilities) {
        super(delegate);
        this.able = delegate.capabilities();
        this.capabilities = capabilities;
        this.scratch = new Frame(Math.min(able.mtu() + 22, Frame.MAX_LENGTH));
    }

    /**
     * The same device with checksums, TCP segmentation of both families and UDP segmentation up to 65,535 bytes: in
     * software as far as the device lacks them. A {@link BlockingDevice} stays one.
     *
     * @return {@code device} itself if it lacks nothing
     */
    public static NetworkDevice over(NetworkDevice device) {
        DeviceCapabilities all = new DeviceCapabilities(device.capabilities().mtu(), true, true, true, true, 65_535);
        return over(device, all);
    }

    /** As {@link #over(NetworkDevice)}. */
    public static BlockingDevice over(BlockingDevice device) {
        return (BlockingDevice) over((NetworkDevice) device);
    }

    /** {@code device}, made to have {@code capabilities}. */
    static NetworkDevice over(NetworkDevice device, DeviceCapabilities capabilities) {
        if (device.capabilities().equals(capabilities)) {
            return device;
        }
        return device instanceof BlockingDevice blocking
                ? new Blocking(blocking, capabilities)
                : new SoftwareOffload(device, capabilities);
    }

    @Override
    public DeviceCapabilities capabilities() {
        return capabilities;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if the offload fields do not fit the frame, or a piece would exceed the MTU
     */
    @Override
    public int offer(Frame frame) {
        TxOffload tx = frame.tx();
        if (tx.gsoType == TxOffload.GSO_NONE) {
            return tx.checksumNeeded && !able.txChecksum() ? offerWithChecksum(frame) : delegate.offer(frame);
        }
        int type = tx.gsoType & ~TxOffload.GSO_ECN;
        return deviceCuts(type) && fitsDevice(frame) ? delegate.offer(frame) : offerInPieces(frame, type);
    }

    private boolean deviceCuts(int type) {
        if (!able.txChecksum()) {
            return false;
        }
        return switch (type) {
            case TxOffload.GSO_TCPV4 -> able.tso4();
            case TxOffload.GSO_TCPV6 -> able.tso6();
            default -> able.uso();
        };
    }

    private boolean fitsDevice(Frame frame) {
        int link = Packets.linkLength(frame.buffer(), frame.start(), frame.headLength());
        return link > 0 && frame.length() - link <= able.gsoMaxLength();
    }

    /** Writes the checksum into the caller's frame for the length of the delegate's call: nothing is copied. */
    private int offerWithChecksum(Frame frame) {
        TxOffload tx = frame.tx();
        int field = tx.csumStart + tx.csumOffset;
        if (tx.csumStart < 0 || field < tx.csumStart || field + 2 > frame.headLength()) {
            throw new IllegalArgumentException("the checksum field is not in the frame's head: " + field);
        }
        int at = frame.start() + field;
        int pseudo = Wire.u16(frame.buffer(), at);
        Wire.u16(frame.buffer(), at, Packets.finish(Packets.sum(frame, tx.csumStart), tx.csumOffset));
        tx.checksumNeeded = false;
        try {
            return delegate.offer(frame);
        } finally {
            tx.checksumNeeded = true;
            Wire.u16(frame.buffer(), at, pseudo);
        }
    }

    private int offerInPieces(Frame frame, int type) {
        TxOffload tx = frame.tx();
        int link = Packets.linkLength(frame.buffer(), frame.start(), frame.headLength());
        boolean good = link > 0
                && tx.checksumNeeded
                && tx.gsoSize > 0
                && tx.csumStart >= link + Ipv4Header.MIN_LENGTH
                && tx.csumStart + tx.csumOffset + 2 <= tx.headerLength
                && tx.headerLength <= frame.headLength();
        if (!good || tx.headerLength + tx.gsoSize - link > able.mtu()) {
            throw new IllegalArgumentException("super-segment with headers of " + tx.headerLength + " and pieces of "
                    + tx.gsoSize + " bytes for an MTU of " + able.mtu());
        }
        int payload = frame.length() - tx.headerLength;
        int taken = 0;
        int from = 0;
        do {
            int n = Math.min(tx.gsoSize, payload - from);
            cut(frame, link, type, from, n, taken);
            if (delegate.offer(scratch) == 0) {
                break;
            }
            taken++;
            from += n;
        } while (from < payload);
        return taken;
    }

    /** Makes piece number {@code index} in the scratch frame: {@code n} bytes of payload from {@code from} on. */
    private void cut(Frame frame, int link, int type, int from, int n, int index) {
        TxOffload tx = frame.tx();
        int headers = tx.headerLength;
        scratch.reset();
        int start = scratch.append(headers + n);
        UnsafeBuffer b = scratch.buffer();
        Packets.copy(frame, 0, headers, b, start);
        Packets.copy(frame, headers + from, n, b, start + headers);

        int ip = start + link;
        int transport = start + tx.csumStart;
        if (Wire.u8(b, ip) >>> 4 == 4) {
            Wire.u16(b, ip + 2, headers + n - link);
            Wire.u16(b, ip + 4, Ipv4Header.identification(b, ip) + index);
            Ipv4Header.putChecksum(b, ip, Ipv4Header.headerLength(b, ip));
        } else {
            Wire.u16(b, ip + 4, headers + n - link - Packets.IPV6_HEADER);
        }
        int pieceLength = headers - tx.csumStart + n;
        if (type == TxOffload.GSO_UDP_L4) {
            Wire.u16(b, transport + 4, pieceLength);
        } else {
            Wire.u32(b, transport + 4, TcpHeader.sequence(b, transport) + from);
            int drop = from + n < frame.length() - headers ? TcpHeader.FIN | TcpHeader.PSH : 0;
            drop |= index > 0 ? TcpHeader.CWR : 0;
            Wire.u16(b, transport + FLAGS_OFFSET, Wire.u16(b, transport + FLAGS_OFFSET) & ~drop);
        }
        putChecksum(tx, transport, frame.length() - tx.csumStart, pieceLength);
    }

    /** The field holds the pseudo-header's sum with the whole length: put the piece's length in its place. */
    private void putChecksum(TxOffload tx, int transport, int wholeLength, int pieceLength) {
        UnsafeBuffer b = scratch.buffer();
        int field = transport + tx.csumOffset;
        int pseudo = InternetChecksum.add(Wire.u16(b, field), ~wholeLength & 0xffff);
        Wire.u16(b, field, InternetChecksum.add(pseudo, pieceLength));
        if (able.txChecksum()) {
            scratch.tx().checksumNeeded = true;
            scratch.tx().csumStart = tx.csumStart;
            scratch.tx().csumOffset = tx.csumOffset;
        } else {
            int sum = InternetChecksum.sum(b, transport, pieceLength);
            Wire.u16(b, field, Packets.finish(sum, tx.csumOffset));
        }
    }

    private static final class Blocking extends SoftwareOffload implements BlockingDevice {
        private final BlockingDevice blocking;

        Blocking(BlockingDevice delegate, DeviceCapabilities capabilities) {
            super(delegate, capabilities);
            this.blocking = delegate;
        }

        @Override
        public void await(long timeoutNs) {
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
