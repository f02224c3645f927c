package dev.penstock.conformance.fuzz;

import dev.penstock.stack.base.SeqNum;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.TcpHeader;
import dev.penstock.stack.wire.Wire;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What the stack and one peer last said to each other on one connection, learned from the frames on the wire: with it a forged
 * segment hits the edges of the window.
 */
final class Conversation {
    static final int IP = EthernetHeader.LENGTH;
    static final int L4 = IP + Ipv4Header.MIN_LENGTH;
    private static final int OPTIONS = L4 + TcpHeader.MIN_LENGTH;
    private static final int TIMESTAMPS = 8;
    private static final int WINDOW_SCALE = 3;

    /** The peer's IPv4 address. */
    final int peerIp;

    int stackPort;
    int peerPort;
    /** A segment of the stack was seen. */
    boolean known;
    /** The sequence number after the highest that the stack sent. */
    int nxt;
    /** The highest acknowledgment that the peer sent. */
    int una;
    /** What the stack expects next. */
    int rcvNxt;
    /** The window that the stack last offered, scaled. */
    int window;
    /** The stack's last TSval, 0 if it sends none. */
    int stackTime;
    /** The peer's last TSval. */
    int peerTime;

    private int scale;

    Conversation(int peerIp) {
        this.peerIp = peerIp;
    }

    /** Is this frame a TCP segment of IPv4 without options of IP? */
    static boolean isSegment(UnsafeBuffer b, int length) {
        return length >= OPTIONS
                && EthernetHeader.type(b, 0) == EthernetHeader.TYPE_IPV4
                && Ipv4Header.headerLength(b, IP) == Ipv4Header.MIN_LENGTH
                && Ipv4Header.protocol(b, IP) == IpProtocol.TCP;
    }

    /** The stack sends this segment, {@code length} bytes as a frame. */
    void onSent(UnsafeBuffer b, int length) {
        int flags = TcpHeader.flags(b, L4);
        boolean syn = (flags & TcpHeader.SYN) != 0;
        if ((flags & TcpHeader.RST) != 0) {
            return;
        }
        int local = TcpHeader.sourcePort(b, L4);
        int remote = TcpHeader.destinationPort(b, L4);
        boolean other = !known || local != stackPort || remote != peerPort;
        stackPort = local;
        peerPort = remote;
        int header = TcpHeader.headerLength(b, L4);
        int phantom = Integer.bitCount(flags & (TcpHeader.SYN | TcpHeader.FIN));
        int end = TcpHeader.sequence(b, L4) + length - L4 - header + phantom;
        nxt = other || syn ? end : SeqNum.max(nxt, end);
        una = other || syn ? TcpHeader.sequence(b, L4) : una;
        scale = syn ? Math.max(0, option(b, WINDOW_SCALE, 3)) : other ? 0 : scale;
        rcvNxt = TcpHeader.acknowledgment(b, L4);
        window = TcpHeader.window(b, L4) << (syn ? 0 : Math.min(14, scale));
        int at = find(b, TIMESTAMPS, 10);
        stackTime = at < 0 ? 0 : Wire.i32(b, at + 2);
        known = true;
    }

    /** The honest peer's segment arrives at the stack. */
    void onReceived(UnsafeBuffer b) {
        if (known && (TcpHeader.flags(b, L4) & TcpHeader.ACK) != 0) {
            una = SeqNum.max(una, TcpHeader.acknowledgment(b, L4));
        }
        int at = find(b, TIMESTAMPS, 10);
        if (at >= 0) {
            peerTime = Wire.i32(b, at + 2);
        }
    }

    private static int option(UnsafeBuffer b, int kind, int size) {
        int at = find(b, kind, size);
        return at < 0 ? -1 : Wire.u8(b, at + 2);
    }

    /** Where an option of that kind and size begins; -1 if there is none. Trusts nobody's lengths. */
    static int find(UnsafeBuffer b, int kind, int size) {
        int end = L4 + TcpHeader.headerLength(b, L4);
        int at = OPTIONS;
        while (at + size <= end) {
            int k = Wire.u8(b, at);
            if (k == 0) {
                return -1;
            }
            int n = k == 1 ? 1 : Wire.u8(b, at + 1);
            if (k == kind && n == size) {
                return at;
            }
            if (n == 0) {
                return -1;
            }
            at += n;
        }
        return -1;
    }
}
