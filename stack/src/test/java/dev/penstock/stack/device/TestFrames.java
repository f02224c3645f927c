package dev.penstock.stack.device;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.TcpHeader;
import dev.penstock.stack.wire.UdpHeader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** Frames as a stack would offer them, and what they must look like on the wire, computed the slow and obvious way. */
final class TestFrames {
    static final IpAddress SRC4 = IpAddress.parse("192.0.2.1");
    static final IpAddress DST4 = IpAddress.parse("192.0.2.2");
    static final IpAddress SRC6 = IpAddress.parse("2001:db8::1");
    static final IpAddress DST6 = IpAddress.parse("2001:db8::2");
    static final int SEQUENCE = 0xffff_fff0;
    static final int IDENTIFICATION = 0xfffe;

    private TestFrames() {}

    static UnsafeBuffer direct(byte[] bytes) {
        UnsafeBuffer b = new UnsafeBuffer(ByteBuffer.allocateDirect(Math.max(1, bytes.length)));
        b.putBytes(0, bytes);
        return b;
    }

    static byte[] bytes(Frame frame) {
        UnsafeBuffer b = new UnsafeBuffer(new byte[frame.length()]);
        frame.copyTo(b, 0);
        return b.byteArray();
    }

    static byte[] pattern(int length, int seed) {
        byte[] b = new byte[length];
        for (int i = 0; i < length; i++) {
            b[i] = (byte) (i * 31 + (i >>> 8) * 7 + seed);
        }
        return b;
    }

    /** The payload goes into the head up to {@code inHead}, the rest into slices of the given lengths and one more. */
    static Frame withPayload(byte[] payload, int inHead, int... slices) {
        Frame f = new Frame(Frame.MAX_LENGTH);
        int n = Math.min(inHead, payload.length);
        f.append(direct(payload), 0, n);
        UnsafeBuffer rest = direct(payload);
        for (int i = 0; i <= slices.length && n < payload.length; i++) {
            int length = i < slices.length ? Math.min(slices[i], payload.length - n) : payload.length - n;
            f.addSlice(rest, n, length);
            n += length;
        }
        return f;
    }

    static void pushTcp(Frame f, boolean v6, int flags, int optionBytes) {
        int header = TcpHeader.MIN_LENGTH + optionBytes;
        int length = f.length() + header;
        int at = f.pushTransport(header);
        TcpHeader.put(f.buffer(), at, 40_002, 40_003, SEQUENCE, 77, header, flags, 5000, 0, 0);
        for (int i = 0; i < optionBytes; i++) {
            f.buffer().putByte(at + 20 + i, (byte) 1);
        }
        pushIp(f, v6, IpProtocol.TCP, length, header, TcpHeader.CHECKSUM_OFFSET);
    }

    static void pushUdp(Frame f, boolean v6) {
        int length = f.length() + UdpHeader.LENGTH;
        int at = f.pushTransport(UdpHeader.LENGTH);
        UdpHeader.put(f.buffer(), at, 40_000, 40_001, length, 0);
        pushIp(f, v6, IpProtocol.UDP, length, UdpHeader.LENGTH, UdpHeader.CHECKSUM_OFFSET);
    }

    private static void pushIp(Frame f, boolean v6, int protocol, int l4Length, int l4Header, int csumOffset) {
        IpAddress src = v6 ? SRC6 : SRC4;
        IpAddress dst = v6 ? DST6 : DST4;
        int pseudo = InternetChecksum.pseudoHeader(src.hi(), src.lo(), dst.hi(), dst.lo(), protocol, l4Length);
        f.buffer().putShort(f.transportOffset() + csumOffset, (short) pseudo, java.nio.ByteOrder.BIG_ENDIAN);
        if (v6) {
            int at = f.pushNetwork(40);
            f.buffer().setMemory(at, 40, (byte) 0);
            f.buffer().putByte(at, (byte) 0x60);
            f.buffer().putShort(at + 4, (short) l4Length, java.nio.ByteOrder.BIG_ENDIAN);
            f.buffer().putByte(at + 6, (byte) protocol);
            f.buffer().putByte(at + 7, (byte) 64);
            f.buffer().putLong(at + 8, src.hi(), java.nio.ByteOrder.BIG_ENDIAN);
            f.buffer().putLong(at + 16, src.lo(), java.nio.ByteOrder.BIG_ENDIAN);
            f.buffer().putLong(at + 24, dst.hi(), java.nio.ByteOrder.BIG_ENDIAN);
            f.buffer().putLong(at + 32, dst.lo(), java.nio.ByteOrder.BIG_ENDIAN);
        } else {
            int at = f.pushNetwork(20);
            Ipv4Header.put(
                    f.buffer(),
                    at,
                    0,
                    l4Length + 20,
                    IDENTIFICATION,
                    Ipv4Header.DF,
                    64,
                    protocol,
                    src.v4Bits(),
                    dst.v4Bits());
        }
        int link = f.pushLink(EthernetHeader.LENGTH);
        EthernetHeader.put(
                f.buffer(),
                link,
                0x0200_0000_000bL,
                0x0200_0000_000aL,
                v6 ? EthernetHeader.TYPE_IPV6 : EthernetHeader.TYPE_IPV4);
        f.tx().checksumNeeded = true;
        f.tx().csumStart = f.transportOffset() - link;
        f.tx().csumOffset = csumOffset;
        f.tx().headerLength = f.tx().csumStart + l4Header;
    }

    static Frame segmented(Frame f, int gsoType, int gsoSize) {
        f.tx().gsoType = gsoType;
        f.tx().gsoSize = gsoSize;
        return f;
    }

    /** A complete frame, checksums right: a small UDP datagram with this payload. */
    static Frame udp(byte[] payload) {
        Frame f = withPayload(payload, payload.length);
        pushUdp(f, false);
        Packets.completeChecksum(f.buffer(), f.start(), f.length());
        f.tx().checksumNeeded = false;
        return f;
    }

    static int u16(byte[] b, int at) {
        return (b[at] & 0xff) << 8 | (b[at + 1] & 0xff);
    }

    static int i32(byte[] b, int at) {
        return u16(b, at) << 16 | u16(b, at + 2);
    }

    /** Sums 16-bit words one by one; right checksums make 0xffff. */
    static int naiveSum(byte[] b, int from, int to, int start) {
        int sum = start;
        for (int i = from; i < to; i += 2) {
            sum += (b[i] & 0xff) << 8 | (i + 1 < to ? b[i + 1] & 0xff : 0);
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return sum;
    }

    /** True when lengths and checksums of this untagged TCP or UDP packet are right, without options or extensions. */
    static boolean checksumsRight(byte[] b) {
        boolean v6 = u16(b, 12) == EthernetHeader.TYPE_IPV6;
        int l4 = v6 ? 54 : 34;
        int l4Length = v6 ? u16(b, 18) : u16(b, 16) - 20;
        int protocol = b[v6 ? 20 : 23];
        if (l4 + l4Length != b.length || (!v6 && naiveSum(b, 14, 34, 0) != 0xffff)) {
            return false;
        }
        int pseudo = naiveSum(b, v6 ? 22 : 26, l4, protocol + (l4Length & 0xffff));
        pseudo = (pseudo & 0xffff) + (pseudo >>> 16);
        if (protocol == IpProtocol.UDP && (u16(b, l4 + 4) != l4Length || u16(b, l4 + 6) == 0)) {
            return false;
        }
        return naiveSum(b, l4, b.length, pseudo) == 0xffff;
    }

    /** A device that keeps what it is offered, up to {@code room} frames. */
    static final class Sink implements NetworkDevice {
        final List<byte[]> taken = new ArrayList<>();
        final List<Boolean> checksumNeeded = new ArrayList<>();
        final List<Integer> gsoTypes = new ArrayList<>();
        final List<Frame> incoming = new ArrayList<>();
        final DeviceCapabilities capabilities;
        int room = Integer.MAX_VALUE;
        boolean closed;

        Sink(DeviceCapabilities capabilities) {
            this.capabilities = capabilities;
        }

        @Override
        public DeviceCapabilities capabilities() {
            return capabilities;
        }

        @Override
        public long macAddress() {
            return 0x0200_0000_0001L;
        }

        @Override
        public int poll(FrameHandler handler, int limit) {
            int n = 0;
            while (n < limit && !incoming.isEmpty()) {
                handler.onFrame(incoming.remove(0));
                n++;
            }
            return n;
        }

        @Override
        public int offer(Frame frame) {
            if (room == 0) {
                return 0;
            }
            room--;
            taken.add(bytes(frame));
            checksumNeeded.add(frame.tx().checksumNeeded);
            gsoTypes.add(frame.tx().gsoType);
            return 1;
        }

        @Override
        public boolean isUp() {
            return !closed;
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
