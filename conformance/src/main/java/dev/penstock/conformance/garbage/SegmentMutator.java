package dev.penstock.conformance.garbage;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.SeqNum;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.TcpHeader;
import dev.penstock.stack.wire.Wire;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Makes bad copies of the segments that one host of a live connection receives, with right checksums: SACK blocks that are
 * random, overlapping, reversed, old, beyond SND.NXT; ECN codepoints, ECE, CWR and NS; timestamps, windows, urgent pointers.
 *
 * <p>All of that is advice to a sender, or is ignored: whatever is forged in it, a connection between honest hosts must carry
 * every byte and end in order. With {@code wild} sequence and acknowledgment numbers, control bits and new timestamps are
 * forged, too, each of which may rightly break a connection, but nothing else.
 */
final class SegmentMutator {
    private static final int IP = EthernetHeader.LENGTH;
    private static final int L4 = IP + Ipv4Header.MIN_LENGTH;
    private static final int OPTIONS = L4 + TcpHeader.MIN_LENGTH;
    private static final int LARGEST = 1514;
    private static final int ECN_BITS = TcpHeader.ECE | TcpHeader.CWR | 0x100;

    private final RandomSource random;
    private final boolean wild;
    private final UnsafeBuffer out = new UnsafeBuffer(new byte[LARGEST + 64]);
    private final int[] edges = new int[8];
    /** The highest sequence number that the host has sent, and the one before its oldest that is in flight. */
    private int nxt;

    private boolean known;
    private boolean hasTimestamps;
    private int tsVal;
    private int tsEcr;

    SegmentMutator(RandomSource random, boolean wild) {
        this.random = random;
        this.wild = wild;
    }

    /** The bytes of the last copy. */
    UnsafeBuffer buffer() {
        return out;
    }

    /** Is this frame, of {@code length} bytes, a TCP segment of IPv4 without options of IP? */
    static boolean isSegment(UnsafeBuffer b, int length) {
        return length >= OPTIONS
                && EthernetHeader.type(b, 0) == EthernetHeader.TYPE_IPV4
                && Ipv4Header.headerLength(b, IP) == Ipv4Header.MIN_LENGTH
                && Ipv4Header.protocol(b, IP) == IpProtocol.TCP;
    }

    /** The host sends this segment. */
    void learn(UnsafeBuffer b) {
        int flags = TcpHeader.flags(b, L4);
        int end = TcpHeader.sequence(b, L4)
                + Ipv4Header.totalLength(b, IP)
                - Ipv4Header.MIN_LENGTH
                - TcpHeader.headerLength(b, L4)
                + Integer.bitCount(flags & (TcpHeader.SYN | TcpHeader.FIN));
        boolean syn = (flags & TcpHeader.SYN) != 0;
        nxt = known && !syn ? SeqNum.max(nxt, end) : end;
        known = true;
    }

    /** Writes a bad copy of a segment that the host is about to get; answers its length, 0 if there is none. */
    int mutate(UnsafeBuffer b) {
        int flags = TcpHeader.flags(b, L4);
        if ((flags & TcpHeader.SYN) != 0 && !wild) {
            // What is agreed upon in the handshake binds both.
            return 0;
        }
        int header = TcpHeader.headerLength(b, L4);
        int payload = Ipv4Header.totalLength(b, IP) - Ipv4Header.MIN_LENGTH - header;
        readTimestamps(b, header);
        int seq = TcpHeader.sequence(b, L4);
        int ack = TcpHeader.acknowledgment(b, L4);
        if (random.nextInt(4) == 0) {
            flags ^= random.nextInt(512) & ECN_BITS;
        }
        int urgent = 0;
        if (random.nextInt(4) == 0) {
            flags |= TcpHeader.URG;
            urgent = near(1 + payload, 0xffff);
        }
        int window = TcpHeader.window(b, L4);
        window = random.nextInt(6) == 0 ? random.nextInt(65_536) : window;
        if (wild) {
            int what = random.nextInt(2000);
            seq += what == 0 ? near(payload, 1 << 20) : 0;
            ack += what == 1 ? near(SeqNum.distance(ack, nxt), 1 << 20) : 0;
            flags = what == 2 ? random.nextInt(512) : flags;
            flags |= what == 3 ? 1 << random.nextInt(9) : 0;
        }
        int at = writeOptions(ack);
        int keep = Math.min(payload, LARGEST - at);
        keep = random.nextInt(8) == 0 ? random.nextInt(keep + 1) : keep;
        if (keep < payload) {
            // What comes after the end of the data would be a hole.
            flags &= ~TcpHeader.FIN;
        }
        out.putBytes(0, b, 0, L4);
        out.putBytes(at, b, L4 + header, keep);
        int sourcePort = TcpHeader.sourcePort(b, L4);
        int destinationPort = TcpHeader.destinationPort(b, L4);
        TcpHeader.put(out, L4, sourcePort, destinationPort, seq, ack, at - L4, flags, window, 0, urgent);
        int tos = random.nextInt(4) == 0 ? random.nextInt(4) : Ipv4Header.tos(b, IP);
        Ipv4Header.put(
                out,
                IP,
                tos,
                at - IP + keep,
                random.nextInt(65_536),
                Ipv4Header.DF,
                64,
                IpProtocol.TCP,
                Ipv4Header.source(b, IP),
                Ipv4Header.destination(b, IP));
        FrameMutator.mendTransport(out, at + keep, TcpHeader.CHECKSUM_OFFSET, IpProtocol.TCP);
        return at + keep;
    }

    private void readTimestamps(UnsafeBuffer b, int header) {
        hasTimestamps = false;
        for (int at = OPTIONS; at + 10 <= L4 + header; at++) {
            int kind = Wire.u8(b, at);
            if (kind == 8 && Wire.u8(b, at + 1) == 10) {
                hasTimestamps = true;
                tsVal = Wire.i32(b, at + 2);
                tsEcr = Wire.i32(b, at + 6);
                return;
            } else if (kind != 1) {
                at += Math.max(2, Wire.u8(b, at + 1)) - 1;
            }
        }
    }

    /** Writes options behind the header; answers where they end. */
    private int writeOptions(int ack) {
        int at = OPTIONS;
        int room = 40;
        if (hasTimestamps && (!wild || random.nextInt(2000) != 0)) {
            // Older ones only, unless wild: a newer TSval makes all that is honest old (RFC 7323, section 5.8).
            int older = random.nextInt(4) == 0 ? random.nextInt(wild ? 8 : 1 << 20) : 0;
            int newer = wild && random.nextInt(2000) == 0 ? near(8, 1 << 20) : 0;
            Wire.u32(out, at, 0x0101_080a);
            Wire.u32(out, at + 4, tsVal - older + newer);
            Wire.u32(out, at + 8, random.nextInt(4) == 0 ? tsEcr + near(100, 1 << 20) : tsEcr);
            at += 12;
            room -= 12;
        }
        int blocks = random.nextInt(8) == 0 ? 0 : 1 + random.nextInt((room - 4) / 8);
        if (blocks > 0) {
            Wire.u32(out, at, 0x0101_0500 | 2 + 8 * blocks);
            at += 4;
            for (int i = 0; i < blocks; i++) {
                block(i, ack);
                Wire.u32(out, at, edges[2 * i]);
                Wire.u32(out, at + 4, edges[2 * i + 1]);
                at += 8;
            }
        }
        return at;
    }

    /** The i-th SACK block of an acknowledgment of {@code ack}. */
    private void block(int i, int ack) {
        int flight = Math.max(1, SeqNum.distance(ack, nxt));
        int left = ack + random.nextInt(flight);
        int right = left + 1 + random.nextInt(flight);
        switch (random.nextInt(12)) {
            case 0 -> right = left - random.nextInt(3000);
            case 1 -> right = nxt + near(0, 1 << 20);
            case 2 -> left = ack - random.nextInt(100_000);
            case 3 -> {
                left = ack - 1460 * random.nextInt(10);
                right = left + random.nextInt(1461);
            }
            case 4 -> {
                left = ack + near(0, 1 << 20);
                right = ack + near(flight, 1 << 20);
            }
            case 5 -> {
                left = i == 0 ? left : edges[2 * i - 2] + near(0, 1460);
                right = i == 0 ? right : edges[2 * i - 1] + near(0, 1460);
            }
            case 6 -> right = left + 1;
            case 7 -> {
                left = random.nextInt();
                right = random.nextInt();
            }
            case 8 -> right = SeqNum.min(left + 1448 * (1 + random.nextInt(20)), nxt);
            default -> right = SeqNum.min(right, nxt);
        }
        edges[2 * i] = left;
        edges[2 * i + 1] = right;
    }

    /** About {@code distance}, about nothing, the half of the sequence space, or anything up to {@code most}. */
    private int near(int distance, int most) {
        return switch (random.nextInt(5)) {
            case 0 -> distance + random.nextInt(5) - 2;
            case 1 -> random.nextInt(5) - 2;
            case 2 -> random.nextInt(most);
            case 3 -> -random.nextInt(most);
            default -> 0x8000_0000 + random.nextInt(5) - 2;
        };
    }
}
