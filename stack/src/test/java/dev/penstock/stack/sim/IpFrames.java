package dev.penstock.stack.sim;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.Ipv4Header;

/** Frames with a number in them. */
final class IpFrames {
    private IpFrames() {}

    /** An IPv4 packet whose identification is {@code number}, 0 .. 65,535. */
    static Frame packet(int number, int length, int tos) {
        Frame frame = new Frame(1600);
        int at = frame.append(EthernetHeader.LENGTH + length);
        EthernetHeader.put(frame.buffer(), at, 1, 2, EthernetHeader.TYPE_IPV4);
        int ip = at + EthernetHeader.LENGTH;
        Ipv4Header.put(frame.buffer(), ip, tos, length, number, 0, 64, 17, 1, 2);
        return frame;
    }

    static int number(Frame frame) {
        return Ipv4Header.identification(frame.buffer(), frame.start() + EthernetHeader.LENGTH);
    }

    static int codepoint(Frame frame) {
        return Ipv4Header.tos(frame.buffer(), frame.start() + EthernetHeader.LENGTH) & 3;
    }
}
