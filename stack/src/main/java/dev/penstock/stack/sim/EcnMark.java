package dev.penstock.stack.sim;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.Packets;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.Wire;
import org.agrona.concurrent.UnsafeBuffer;

/** The ECN field of the IP packet in a frame, of either family (RFC 3168, section 5). */
final class EcnMark {
    private static final int CE = 3;
    private static final int MIN_LENGTH = 20;

    private EcnMark() {}

    /** True if the sender said that it understands marks. */
    static boolean isCapable(Frame frame) {
        int ip = ip(frame);
        return ip >= 0 && codepoint(frame.buffer(), ip) != 0;
    }

    /** Sets CE, if the packet is ECN-capable; false if it is not. */
    static boolean mark(Frame copy) {
        int ip = ip(copy);
        UnsafeBuffer b = copy.buffer();
        if (ip < 0 || codepoint(b, ip) == 0) {
            return false;
        }
        if (Wire.u8(b, ip) >>> 4 == 4) {
            Wire.u8(b, ip + 1, Ipv4Header.tos(b, ip) | CE);
            Ipv4Header.putChecksum(b, ip, Math.max(MIN_LENGTH, Ipv4Header.headerLength(b, ip)));
        } else {
            Wire.u8(b, ip + 1, Wire.u8(b, ip + 1) | CE << 4);
        }
        return true;
    }

    private static int codepoint(UnsafeBuffer b, int ip) {
        return Wire.u8(b, ip) >>> 4 == 4 ? Ipv4Header.tos(b, ip) & CE : Wire.u8(b, ip + 1) >>> 4 & CE;
    }

    private static int ip(Frame frame) {
        int link = Packets.linkLength(frame.buffer(), frame.start(), frame.headLength());
        return link < 0 || frame.headLength() - link < MIN_LENGTH ? -1 : frame.start() + link;
    }
}
