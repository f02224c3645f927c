package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.TcpOptionSpec;
import dev.penstock.stack.wire.TcpHeader;
import java.util.Iterator;
import java.util.List;

/**
 * A packet that the stack sent, or consecutive segments of one connection seen as the one that a script writes: stacks and
 * devices differ in where they cut.
 */
final class Sent {
    private static final int OF_THE_WHOLE = TcpHeader.FIN | TcpHeader.PSH | TcpHeader.CWR;

    final Packet first;
    /** Packets in it. */
    int count = 1;
    /** Bytes behind the headers, together. */
    int payload;
    /** Of TCP: what any of them says of FIN, PSH and CWR, and all of the others. */
    int flags;
    /** When the last one was sent. */
    long lastNs;

    private Sent(Packet first) {
        this.first = first;
        this.payload = first.payload();
        this.flags = first.isTcp() ? first.flags() : 0;
        this.lastNs = first.timeNs;
    }

    /** The oldest of {@code unread}, which is not empty, alone. */
    static Sent alone(Iterable<Packet> unread) {
        return new Sent(unread.iterator().next());
    }

    /** The oldest of {@code unread} and those that continue it, until there are {@code wanted} bytes or more. */
    static Sent joined(Iterable<Packet> unread, int wanted) {
        Iterator<Packet> packets = unread.iterator();
        Sent sent = new Sent(packets.next());
        int piece = sent.payload;
        while (sent.first.isTcp() && piece > 0 && sent.payload < wanted && packets.hasNext()) {
            Packet next = packets.next();
            // Only the last piece may be shorter, so one that is ends it.
            if (sent.payload != piece * sent.count || !sent.continuedBy(next, piece)) {
                break;
            }
            sent.payload += next.payload();
            sent.flags |= next.flags() & OF_THE_WHOLE;
            sent.lastNs = next.timeNs;
            sent.count++;
        }
        return sent;
    }

    private boolean continuedBy(Packet p, int piece) {
        return p.isTcp()
                && p.payload() > 0
                && p.payload() <= piece
                && p.sourcePort() == first.sourcePort()
                && p.destinationPort() == first.destinationPort()
                && p.dstHi == first.dstHi
                && p.dstLo == first.dstLo
                && p.seq() == first.seq() + payload
                && p.ack() == first.ack()
                && p.window() == first.window()
                && p.tos == first.tos
                && (p.flags() & ~OF_THE_WHOLE) == (flags & ~OF_THE_WHOLE)
                && !p.has(TcpHeader.URG)
                && sameShape(p.options(), first.options());
    }

    private static boolean sameShape(List<TcpOptionSpec> a, List<TcpOptionSpec> b) {
        if (a.size() != b.size()) {
            return false;
        }
        for (int i = 0; i < a.size(); i++) {
            if (a.get(i).getClass() != b.get(i).getClass()) {
                return false;
            }
        }
        return true;
    }
}
