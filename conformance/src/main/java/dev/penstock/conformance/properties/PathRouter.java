package dev.penstock.conformance.properties;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.FramePool;
import dev.penstock.stack.device.DeviceDecorator;
import dev.penstock.stack.device.FrameHandler;
import dev.penstock.stack.device.NetworkDevice;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.Ipv6Header;
import dev.penstock.stack.wire.Wire;
import java.util.ArrayDeque;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A router on the way out of a host, as far as it matters here: takes packets up to an MTU only, tells so by ICMP (RFC
 * 1191; RFC 4443) or not, and marks what is ECN-capable (RFC 3168). One thread.
 */
final class PathRouter extends DeviceDecorator {
    private static final int LINK = 14;
    private static final int QUOTE = 48;
    /** The header, a fragment header and the ports; even. */
    private static final int QUOTE_V6 = 60;

    private static final int CE = 3;
    private static final long MAC = 0x02_0000_0000_feL;
    private static final int ADDRESS = 0xc000_02fe;
    private static final int V6 = 0x86dd;
    private static final int ICMPV6 = 58;

    private final RandomSource random;
    private final FramePool pool = new FramePool(128, 64);
    private final ArrayDeque<Frame> messages = new ArrayDeque<>();
    private Runnable wake = () -> {};

    int mtu = 65_535;
    boolean tells;
    double marking;
    long tooBig;
    long marked;

    PathRouter(NetworkDevice below, RandomSource random) {
        super(below);
        this.random = random;
    }

    /** Has {@code wake} called when a message waits. */
    void onMessage(Runnable newWake) {
        wake = newWake;
    }

    @Override
    public int offer(Frame frame) {
        boolean ipv4 = frame.headLength() >= LINK + Ipv4Header.MIN_LENGTH
                && Wire.u16(frame.buffer(), frame.start() + 12) == 0x0800;
        if (ipv4 && frame.length() - LINK > mtu) {
            tooBig++;
            if (tells && (Wire.u8(frame.buffer(), frame.start() + LINK + 6) & 0x40) != 0) {
                message(frame);
            }
            return 1;
        }
        if (ipv4 && marking > 0) {
            mark(frame);
        }
        boolean ipv6 =
                frame.headLength() >= LINK + Ipv6Header.LENGTH && Wire.u16(frame.buffer(), frame.start() + 12) == V6;
        // RFC 8200, section 5: "every link in the Internet have an MTU of 1280 octets or greater".
        if (ipv6 && frame.length() - LINK > Math.max(mtu, Ipv6Header.MIN_LINK_MTU)) {
            tooBig++;
            if (tells) {
                packetTooBig(frame);
            }
            return 1;
        }
        if (ipv6 && marking > 0) {
            markTrafficClass(frame);
        }
        return delegate.offer(frame);
    }

    private void mark(Frame frame) {
        int ip = frame.start() + LINK;
        int tos = Ipv4Header.tos(frame.buffer(), ip);
        if ((tos & CE) != 0 && random.nextDouble() < marking) {
            marked++;
            Wire.u8(frame.buffer(), ip + 1, tos | CE);
            Ipv4Header.putChecksum(frame.buffer(), ip, Ipv4Header.headerLength(frame.buffer(), ip));
        }
    }

    private void markTrafficClass(Frame frame) {
        int second = frame.start() + LINK + 1;
        int octet = Wire.u8(frame.buffer(), second);
        if ((octet >>> 4 & CE) != 0 && random.nextDouble() < marking) {
            marked++;
            Wire.u8(frame.buffer(), second, octet | CE << 4);
        }
    }

    private static byte[] copy(Frame frame) {
        byte[] bytes = new byte[frame.length()];
        frame.copyTo(new UnsafeBuffer(bytes), 0);
        return bytes;
    }

    /** An empty message for who has sent {@code original}. */
    private static byte[] answer(byte[] original, int length) {
        byte[] m = new byte[length];
        System.arraycopy(original, 6, m, 0, 6);
        for (int i = 0; i < 6; i++) {
            m[6 + i] = (byte) (MAC >>> 8 * (5 - i));
        }
        m[12] = original[12];
        m[13] = original[13];
        return m;
    }

    private void send(byte[] m) {
        Frame f = pool.acquire();
        if (f != null) {
            f.buffer().putBytes(f.append(m.length), m);
            messages.addLast(f);
            wake.run();
        }
    }

    /** RFC 4443, section 3.2, from fe80::fe. */
    private void packetTooBig(Frame about) {
        byte[] original = copy(about);
        int length = 8 + Math.min(QUOTE_V6, original.length - LINK);
        byte[] m = answer(original, LINK + Ipv6Header.LENGTH + length);
        m[LINK] = 0x60;
        put(m, LINK + 4, length);
        put(m, LINK + 6, ICMPV6 << 8 | 64);
        put(m, LINK + 8, 0xfe80);
        put(m, LINK + 22, 0xfe);
        System.arraycopy(original, LINK + 8, m, LINK + 24, 16);
        int icmp = LINK + Ipv6Header.LENGTH;
        m[icmp] = 2;
        put(m, icmp + 6, Math.max(mtu, Ipv6Header.MIN_LINK_MTU));
        System.arraycopy(original, LINK, m, icmp + 8, length - 8);
        int sum = sum(m, LINK + 8, 32) + length + ICMPV6 + sum(m, icmp, length);
        put(m, icmp + 2, ~((sum & 0xffff) + (sum >>> 16)));
        send(m);
    }

    /** Fragmentation needed and DF set. */
    private void message(Frame about) {
        byte[] original = copy(about);
        byte[] m = answer(original, LINK + 20 + 8 + QUOTE);
        int ip = LINK;
        put(m, ip, 0x4500);
        put(m, ip + 2, m.length - LINK);
        put(m, ip + 8, 64 << 8 | 1);
        put(m, ip + 12, ADDRESS >>> 16);
        put(m, ip + 14, ADDRESS);
        System.arraycopy(original, LINK + 12, m, ip + 16, 4);
        put(m, ip + 10, ~sum(m, ip, 20));
        int icmp = ip + 20;
        put(m, icmp, 3 << 8 | 4);
        put(m, icmp + 6, mtu);
        System.arraycopy(original, LINK, m, icmp + 8, Math.min(QUOTE, original.length - LINK));
        put(m, icmp + 2, ~sum(m, icmp, m.length - icmp));
        send(m);
    }

    private static void put(byte[] m, int at, int value) {
        m[at] = (byte) (value >>> 8);
        m[at + 1] = (byte) value;
    }

    private static int sum(byte[] m, int from, int length) {
        int sum = 0;
        for (int i = from; i < from + length; i += 2) {
            sum += (m[i] & 0xff) << 8 | m[i + 1] & 0xff;
        }
        while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return sum;
    }

    @Override
    public int poll(FrameHandler handler, int limit) {
        int n = 0;
        while (n < limit && !messages.isEmpty()) {
            Frame frame = messages.pollFirst();
            n++;
            try {
                handler.onFrame(frame);
            } finally {
                frame.release();
            }
        }
        return n + (n < limit ? super.poll(handler, limit - n) : 0);
    }
}
