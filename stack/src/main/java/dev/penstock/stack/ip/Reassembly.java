package dev.penstock.stack.ip;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.Wire;
import org.agrona.concurrent.UnsafeBuffer;

/** One datagram in reassembly: its fragments in order, without overlaps. Its deadline is when it is given up. */
final class Reassembly extends Deadline {
    static final int FITS = 0;
    static final int DUPLICATE = 1;
    static final int CONFLICT = 2;

    private static final int ECN_MASK = 3;
    private static final int CE = 3;

    final long srcLo;
    final long dstLo;
    final int protocol;
    final int id;
    final int bucket;

    // The reassembler's lists.
    Reassembly nextInBucket;
    Reassembly before;
    Reassembly after;

    /** Fragments overlapped: only the name is kept. */
    boolean refused;
    /** A fragment came to a group. */
    boolean toGroup;

    private final Ipv4Reassembler reassembler;
    private Fragment first;
    private int count;
    private int bytes;
    /** Payload bytes of the whole, once the last fragment has come; else -1. */
    private int total = -1;
    /** One bit for each ECN codepoint that a fragment had. */
    private int ecnSeen;

    private static final class Fragment {
        final Frame frame;
        final int from;
        final int to;
        Fragment next;

        Fragment(Frame frame, int from, int to) {
            this.frame = frame;
            this.from = from;
            this.to = to;
        }
    }

    Reassembly(Ipv4Reassembler reassembler, long srcLo, long dstLo, int protocol, int id, int bucket) {
        this.reassembler = reassembler;
        this.srcLo = srcLo;
        this.dstLo = dstLo;
        this.protocol = protocol;
        this.id = id;
        this.bucket = bucket;
    }

    /** Whether a fragment goes with those that are there. */
    int fit(IpPacket packet, int from, boolean more) {
        int to = from + packet.payloadLength;
        // The last fragment alone ends where the datagram does.
        boolean endsWrong = total < 0 ? !more && to < last() : to > total || more == (to == total);
        if (endsWrong) {
            return CONFLICT;
        }
        Fragment f = first;
        while (f != null && f.to <= from) {
            f = f.next;
        }
        if (f == null || to <= f.from) {
            return FITS;
        }
        return f.from == from && f.to == to && sameBytes(f, packet) ? DUPLICATE : CONFLICT;
    }

    private int last() {
        int last = 0;
        for (Fragment f = first; f != null; f = f.next) {
            last = f.to;
        }
        return last;
    }

    private static boolean sameBytes(Fragment f, IpPacket packet) {
        UnsafeBuffer held = f.frame.buffer();
        int a = f.frame.end() - packet.payloadLength;
        int b = packet.payloadOffset;
        for (int i = 0; i < packet.payloadLength; i++) {
            if (held.getByte(a + i) != packet.buffer.getByte(b + i)) {
                return false;
            }
        }
        return true;
    }

    /** Takes a fragment that fits; {@code frame} holds its IP packet and belongs to this from now on. */
    void insert(Frame frame, IpPacket packet, int from, boolean more) {
        int to = from + packet.payloadLength;
        Fragment added = new Fragment(frame, from, to);
        if (first == null || to <= first.from) {
            added.next = first;
            first = added;
        } else {
            Fragment f = first;
            while (f.next != null && f.next.to <= from) {
                f = f.next;
            }
            added.next = f.next;
            f.next = added;
        }
        count++;
        bytes += to - from;
        ecnSeen |= 1 << (packet.tos & ECN_MASK);
        toGroup |= packet.toGroup;
        if (!more) {
            total = to;
        }
    }

    boolean isComplete() {
        return bytes == total;
    }

    /** Bytes of the whole packet: the header is the first fragment's. */
    int length() {
        return Ipv4Header.headerLength(first.frame.buffer(), first.frame.start()) + total;
    }

    /** RFC 3168, 5.3: CE and not-ECT fragments do not go together. */
    boolean hasBadEcn() {
        return (ecnSeen & 1 << CE) != 0 && (ecnSeen & 1) != 0;
    }

    /** Fragment zero's IP packet, or null. */
    Frame firstFragment() {
        return first != null && first.from == 0 ? first.frame : null;
    }

    /** Writes the whole packet to an empty frame. */
    void assemble(Frame whole) {
        Frame head = first.frame;
        int headerLength = Ipv4Header.headerLength(head.buffer(), head.start());
        int at = whole.append(headerLength + total);
        UnsafeBuffer buffer = whole.buffer();
        buffer.putBytes(at, head.buffer(), head.start(), headerLength);
        for (Fragment f = first; f != null; f = f.next) {
            int length = f.to - f.from;
            buffer.putBytes(at + headerLength + f.from, f.frame.buffer(), f.frame.end() - length, length);
        }
        if ((ecnSeen & 1 << CE) != 0) {
            Wire.u8(buffer, at + 1, Ipv4Header.tos(buffer, at) | CE);
        }
        Wire.u16(buffer, at + 2, headerLength + total);
        Wire.u16(buffer, at + 6, 0);
        Ipv4Header.putChecksum(buffer, at, headerLength);
    }

    /** Gives all fragments back and returns how many there were. */
    int releaseAll() {
        int released = count;
        for (Fragment f = first; f != null; f = f.next) {
            f.frame.release();
        }
        first = null;
        count = 0;
        return released;
    }

    @Override
    protected void onDeadline(long nowNs) {
        reassembler.onTimeout(this, nowNs);
    }
}
