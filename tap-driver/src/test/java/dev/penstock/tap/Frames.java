package dev.penstock.tap;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.FrameHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.agrona.DirectBuffer;

/** Frames by hand, for tests of the driver, which has no stack above it. All in network byte order. */
final class Frames {
    static final long STACK_MAC = 0x02_00_00_00_00_aaL;
    static final long BROADCAST = 0xff_ff_ff_ff_ff_ffL;
    static final int ARP = 0x0806;
    static final int IPV4 = 0x0800;

    private Frames() {}

    /** A copy of a received frame, with what the device said of it. */
    static final class Received {
        private final byte[] bytes;
        private final boolean partial;
        private final int gsoSize;

        private Received(Frame frame) {
            bytes = new byte[frame.headLength()];
            frame.buffer().getBytes(frame.start(), bytes);
            partial = frame.rx().partial;
            gsoSize = frame.rx().gsoSize;
        }

        byte[] bytes() {
            return bytes;
        }

        boolean partial() {
            return partial;
        }

        int gsoSize() {
            return gsoSize;
        }

        int u8(int at) {
            return bytes[at] & 0xff;
        }

        int u16(int at) {
            return (u8(at) << 8) | u8(at + 1);
        }

        int u32(int at) {
            return (u16(at) << 16) | u16(at + 2);
        }

        long mac(int at) {
            return ((long) u16(at) << 32) | (u32(at + 2) & 0xffff_ffffL);
        }

        int etherType() {
            return u16(12);
        }

        boolean isArpRequestFor(int address) {
            return etherType() == ARP && u16(20) == 1 && u32(38) == address;
        }

        boolean isIpv4(int protocol) {
            return etherType() == IPV4 && u8(23) == protocol;
        }
    }

    /** Polls, sleeping in between, until a frame matches; null after {@code timeoutMillis}. */
    static Received await(TapDevice device, long timeoutMillis, Predicate<Received> wanted) {
        List<Received> found = new ArrayList<>();
        FrameHandler handler = frame -> {
            Received copy = new Received(frame);
            if (found.isEmpty() && wanted.test(copy)) {
                found.add(copy);
            }
        };
        long end = System.nanoTime() + timeoutMillis * 1_000_000;
        while (true) {
            device.poll(handler, 1);
            if (!found.isEmpty()) {
                return found.get(0);
            }
            long left = end - System.nanoTime();
            if (left <= 0) {
                return null;
            }
            device.await(left);
        }
    }

    static byte[] ethernet(long destination, long source, int etherType, byte[] payload) {
        byte[] out = new byte[14 + payload.length];
        for (int i = 0; i < 6; i++) {
            out[i] = (byte) (destination >>> (40 - 8 * i));
            out[6 + i] = (byte) (source >>> (40 - 8 * i));
        }
        put16(out, 12, etherType);
        System.arraycopy(payload, 0, out, 14, payload.length);
        return out;
    }

    static byte[] arp(int operation, long senderMac, int sender, long targetMac, int target) {
        byte[] out = new byte[28];
        put16(out, 0, 1);
        put16(out, 2, IPV4);
        out[4] = 6;
        out[5] = 4;
        put16(out, 6, operation);
        for (int i = 0; i < 6; i++) {
            out[8 + i] = (byte) (senderMac >>> (40 - 8 * i));
            out[18 + i] = (byte) (targetMac >>> (40 - 8 * i));
        }
        put32(out, 14, sender);
        put32(out, 24, target);
        return out;
    }

    /** An IPv4 header of 20 bytes in front of {@code payload}. */
    static byte[] ipv4(int protocol, int source, int destination, byte[] payload) {
        byte[] out = new byte[20 + payload.length];
        out[0] = 0x45;
        put16(out, 2, out.length);
        put16(out, 6, 0x4000);
        out[8] = 64;
        out[9] = (byte) protocol;
        put32(out, 12, source);
        put32(out, 16, destination);
        put16(out, 10, ~fold(sum(out, 0, 20)) & 0xffff);
        System.arraycopy(payload, 0, out, 20, payload.length);
        return out;
    }

    /** A UDP datagram; its checksum field holds {@code checksum}. */
    static byte[] udp(int sourcePort, int destinationPort, byte[] payload, int checksum) {
        byte[] out = new byte[8 + payload.length];
        put16(out, 0, sourcePort);
        put16(out, 2, destinationPort);
        put16(out, 4, out.length);
        put16(out, 6, checksum);
        System.arraycopy(payload, 0, out, 8, payload.length);
        return out;
    }

    /** The folded sum of the IPv4 pseudo-header, not complemented. */
    static int pseudoSum(int protocol, int source, int destination, int length) {
        byte[] pseudo = new byte[12];
        put32(pseudo, 0, source);
        put32(pseudo, 4, destination);
        pseudo[9] = (byte) protocol;
        put16(pseudo, 10, length);
        return fold(sum(pseudo, 0, 12));
    }

    static long sum(byte[] bytes, int offset, int length) {
        long sum = 0;
        for (int i = 0; i < length; i++) {
            sum += (long) (bytes[offset + i] & 0xff) << ((i & 1) == 0 ? 8 : 0);
        }
        return sum;
    }

    static int fold(long sum) {
        long s = sum;
        while (s >>> 16 != 0) {
            s = (s & 0xffff) + (s >>> 16);
        }
        return (int) s;
    }

    static void put16(byte[] out, int at, int value) {
        out[at] = (byte) (value >>> 8);
        out[at + 1] = (byte) value;
    }

    static void put32(byte[] out, int at, int value) {
        put16(out, at, value >>> 16);
        put16(out, at + 2, value);
    }

    static Frame frame(byte[] bytes) {
        Frame frame = new Frame(Math.max(1, bytes.length));
        frame.buffer().putBytes(frame.append(bytes.length), bytes);
        return frame;
    }

    static DirectBuffer offHeap(byte[] bytes) {
        var buffer = NativeMemory.allocate(bytes.length);
        buffer.putBytes(0, bytes);
        return buffer;
    }

    static int address(int a, int b, int c, int d) {
        return (a << 24) | (b << 16) | (c << 8) | d;
    }
}
