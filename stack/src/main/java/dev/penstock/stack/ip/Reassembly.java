package dev.penstock.stack.ip;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.Ipv6Extension;
import dev.penstock.stack.wire.Ipv6Header;
import dev.penstock.stack.wire.Wire;
import org.agrona.concurrent.UnsafeBuffer;

/** One datagram in reassembly: its fragments in order, without overlaps. Its deadline is when it is given up. */
final class Reassembly extends Deadline {
    static final int FITS = 0;
    static final int DUPLICATE = 1;
    static final int CONFLICT = 2;

    static final int NO_PROTOCOL = -1;

    private static final int ECN_MASK = 3;
    private static final int CE = 3;

    final boolean v4;
    final long srcHi;
    final long srcLo;
    final long dstHi;
    final long dstLo;
    /** Of IPv4; {@link #NO_PROTOCOL} of IPv6, where it is no part of the name. */
    final int protocol;

    final int id;
    /** That of link-local addresses, which may be the same on two interfaces; else -1. */
    final int zone;

    final int bucket;

    // The reassembler's lists.
    Reassembly nextInBucket;
    Reassembly before;
    Reassembly after;

    /** Fragments overlapped: only the name is kept. */
    boolean refused;
    /** A fragment came to a group. */
    boolean toGroup;

    private final Reassembler reassembler;
    private Fragment first;
    private int count;
    private int bytes;
    /** Payload bytes of the whole, once the last fragment has come; else -1. */
    private int total = -1;
    /** One bit for each ECN codepoint that a fragment had. */
    private int ecnSeen;
    /** Of the first fragment: bytes of its headers that the whole packet has, too. */
    private int headerLength;
    /** Of the first fragment of IPv6: where its headers name the fragment header, bytes from the IPv6 header. */
    private int nextHeaderField;

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

    Reassembly(Reassembler reassembler, IpPacket packet, int protocol, int id, int bucket) {
        this.reassembler = reassembler;
        this.v4 = IpAddress.isV4(packet.dstHi, packet.dstLo);
        this.srcHi = packet.srcHi;
        this.srcLo = packet.srcLo;
        this.dstHi = packet.dstHi;
        this.dstLo = packet.dstLo;
        this.protocol = protocol;
        this.id = id;
        this.zone = packet.zone();
        this.bucket = bucket;
    }

    boolean isOf(IpPacket packet, int packetProtocol, int packetId) {
        return id == packetId
                && srcLo == packet.srcLo
                && dstLo == packet.dstLo
                && srcHi == packet.srcHi
                && dstHi == packet.dstHi
                && zone == packet.zone()
                && protocol == packetProtocol;
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
    void insert(Frame frame, IpPacket packet, int from, boolean more, int field) {
        int to = from + packet.payloadLength;
        if (from == 0) {
            headerLength = packet.headerLength - (v4 ? 0 : Ipv6Extension.MIN_LENGTH);
            nextHeaderField = field;
        }
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

    /** Bytes of the whole packet: the headers are the first fragment's. */
    int length() {
        return headerLength + total;
    }

    /** True when its length does not fit into the header. */
    boolean isTooLong() {
        return length() > IpLayer.MAX_PACKET + (v4 ? 0 : Ipv6Header.LENGTH);
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
        int at = whole.append(headerLength + total);
        UnsafeBuffer buffer = whole.buffer();
        buffer.putBytes(at, head.buffer(), head.start(), headerLength);
        for (Fragment f = first; f != null; f = f.next) {
            int length = f.to - f.from;
            buffer.putBytes(at + headerLength + f.from, f.frame.buffer(), f.frame.end() - length, length);
        }
        boolean marked = (ecnSeen & 1 << CE) != 0;
        if (v4) {
            completeV4(buffer, at, marked);
        } else {
            // RFC 8200, 4.5: "The Next Header field of the last header of the Per-Fragment headers is obtained from the
            // Next Header field of the first fragment's Fragment header."
            int next = Ipv6Extension.nextHeader(head.buffer(), head.start() + headerLength);
            Wire.u8(buffer, at + nextHeaderField, next);
            Ipv6Header.putPayloadLength(buffer, at, headerLength - Ipv6Header.LENGTH + total);
            if (marked) {
                Ipv6Header.putTrafficClass(buffer, at, Ipv6Header.trafficClass(buffer, at) | CE);
            }
        }
    }

    private void completeV4(UnsafeBuffer buffer, int at, boolean marked) {
        if (marked) {
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
