package dev.penstock.conformance.garbage;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.wire.ArpPacket;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.TcpHeader;
import dev.penstock.stack.wire.Wire;
import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What the stack last said to whom, learned from the frames that it sends: with it, bad segments hit a connection's
 * window, and invented peers answer ARP and finish handshakes, so that garbage reaches established connections, too.
 *
 * <p>Only connections that nobody needs are listened to: those with invented peers, and those to one port that is given
 * up for it.
 */
final class Conversations {
    private static final int MOST = 64;
    private static final int DOOMED = 1024;
    private static final int IP = EthernetHeader.LENGTH;
    private static final int L4 = IP + Ipv4Header.MIN_LENGTH;
    private static final int TIMESTAMPS = 8;
    private static final int TIMESTAMPS_LENGTH = 12;
    private static final byte[] REQUEST =
            "GET / HTTP/1.1\r\nHost: x\r\nRange: bytes=0-9,5-\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final RandomSource random;
    private final long stackMac;
    private final int stackIp;
    private final int sacrificedPort;
    private final long[] peerMac = new long[MOST];
    private final int[] peerIp = new int[MOST];
    private final int[] ports = new int[MOST];
    private final int[] sent = new int[MOST];
    private final int[] acknowledged = new int[MOST];
    private final int[] timestamp = new int[MOST];
    private final int[] flags = new int[MOST];
    /** Connections that make room for others are reset, or the stack would collect peers that never speak again. */
    private final long[] doomedMac = new long[DOOMED];

    private final int[] doomedIp = new int[DOOMED];
    private final int[] doomedPorts = new int[DOOMED];
    private final int[] doomedSeq = new int[DOOMED];
    private int doomed;
    private int known;
    private int oldest;
    private int askedFor;

    Conversations(RandomSource random, long stackMac, int stackIp, int sacrificedPort) {
        this.random = random;
        this.stackMac = stackMac;
        this.stackIp = stackIp;
        this.sacrificedPort = sacrificedPort;
    }

    /** The address that ARP last asked for among the invented ones, once; 0 if none. */
    int takeAsked() {
        int ip = askedFor;
        askedFor = 0;
        return ip;
    }

    boolean isEmpty() {
        return known == 0;
    }

    /** The stack sends {@code frame}. */
    void learn(Frame frame) {
        UnsafeBuffer buffer = frame.buffer();
        int start = frame.start();
        int length = frame.headLength();
        if (length < IP + ArpPacket.LENGTH) {
            return;
        }
        int type = EthernetHeader.type(buffer, start);
        if (type == EthernetHeader.TYPE_ARP) {
            int target = ArpPacket.targetIp(buffer, start + IP);
            if (ArpPacket.operation(buffer, start + IP) == ArpPacket.REQUEST
                    && FrameMutator.isInvented(target, stackIp)) {
                askedFor = target;
            }
        } else if (type == EthernetHeader.TYPE_IPV4
                && Ipv4Header.protocol(buffer, start + IP) == IpProtocol.TCP
                && length >= L4 + TcpHeader.MIN_LENGTH) {
            learnSegment(buffer, start, frame.length());
        }
    }

    private void learnSegment(UnsafeBuffer buffer, int start, int length) {
        int to = Ipv4Header.destination(buffer, start + IP);
        int tcp = start + L4;
        int local = TcpHeader.sourcePort(buffer, tcp);
        if (local != sacrificedPort && !FrameMutator.isInvented(to, stackIp)) {
            return;
        }
        int key = local << 16 | TcpHeader.destinationPort(buffer, tcp);
        int i = find(to, key);
        peerMac[i] = EthernetHeader.destination(buffer, start);
        peerIp[i] = to;
        ports[i] = key;
        flags[i] = TcpHeader.flags(buffer, tcp);
        int header = TcpHeader.headerLength(buffer, tcp);
        int phantom = (flags[i] & TcpHeader.SYN) != 0 || (flags[i] & TcpHeader.FIN) != 0 ? 1 : 0;
        sent[i] = TcpHeader.sequence(buffer, tcp) + length - L4 - header + phantom;
        acknowledged[i] = TcpHeader.acknowledgment(buffer, tcp);
        timestamp[i] = timestampOf(buffer, tcp + TcpHeader.MIN_LENGTH, header - TcpHeader.MIN_LENGTH);
    }

    private static int timestampOf(UnsafeBuffer buffer, int options, int length) {
        for (int i = 0; i + 9 < length; i++) {
            if (Wire.u8(buffer, options + i) == TIMESTAMPS && Wire.u8(buffer, options + i + 1) == 10) {
                return (int) Wire.u32(buffer, options + i + 2);
            }
        }
        return 0;
    }

    private int find(int ip, int key) {
        for (int i = 0; i < known; i++) {
            if (peerIp[i] == ip && ports[i] == key) {
                return i;
            }
        }
        if (known < MOST) {
            return known++;
        }
        oldest = (oldest + 1) % MOST;
        if (doomed < DOOMED) {
            doomedMac[doomed] = peerMacOf(oldest);
            doomedIp[doomed] = peerIp[oldest];
            doomedPorts[doomed] = ports[oldest];
            doomedSeq[doomed++] = acknowledged[oldest];
        }
        return oldest;
    }

    /** Writes a reset that is due, but its checksums; answers the frame's length, 0 if none is due. */
    int reset(UnsafeBuffer buffer) {
        if (doomed == 0) {
            return 0;
        }
        int i = --doomed;
        int header = TcpHeader.MIN_LENGTH;
        TcpHeader.put(
                buffer,
                L4,
                doomedPorts[i] & 0xffff,
                doomedPorts[i] >>> 16,
                doomedSeq[i],
                0,
                header,
                TcpHeader.RST,
                0,
                0,
                0);
        packet(buffer, doomedMac[i], doomedIp[i], header);
        return L4 + header;
    }

    private void packet(UnsafeBuffer buffer, long mac, int ip, int payload) {
        EthernetHeader.put(buffer, 0, stackMac, mac, EthernetHeader.TYPE_IPV4);
        int id = random.nextInt(16);
        Ipv4Header.put(buffer, IP, 0, 20 + payload, id, Ipv4Header.DF, 64, IpProtocol.TCP, ip, stackIp);
    }

    /**
     * Writes a segment of one of the peers into {@code buffer}, all but its checksums: what that peer might say, or
     * nearly.
     *
     * @return the frame's length
     */
    int segment(UnsafeBuffer buffer) {
        int i = random.nextInt(known);
        int options = timestamp[i] != 0 && random.nextInt(8) != 0 ? TIMESTAMPS_LENGTH : 0;
        int blocks = random.nextInt(6) == 0 ? 1 + random.nextInt(3) : 0;
        int sack = blocks == 0 ? 0 : 4 + 8 * blocks;
        int header = TcpHeader.MIN_LENGTH + options + sack;
        int bits = TcpHeader.ACK;
        int seq = acknowledged[i];
        int ack = sent[i];
        int data = 0;
        switch (random.nextInt(9)) {
            case 0 -> seq += near();
            case 1 -> ack += near();
            case 2 -> bits = random.nextInt(512);
            case 3 -> bits |= 1 << random.nextInt(9);
            case 4 -> {
                seq += near();
                bits |= random.nextInt(2) == 0 ? TcpHeader.RST : TcpHeader.SYN;
            }
            case 5 -> {
                seq += random.nextInt(3) * 100;
                data = 100;
            }
            default -> data = random.nextInt(4) == 0 ? random.nextInt(1000) : 0;
        }
        int window = random.nextInt(3) == 0 ? random.nextInt(3) : random.nextInt(65_536);
        int urgent = random.nextInt(16) == 0 ? random.nextInt(65_536) : 0;
        TcpHeader.put(buffer, L4, ports[i] & 0xffff, ports[i] >>> 16, seq, ack, header, bits, window, 0, urgent);
        int at = L4 + TcpHeader.MIN_LENGTH;
        if (options != 0) {
            Wire.u32(buffer, at, 0x0101_080a);
            Wire.u32(buffer, at + 4, random.nextInt(4) == 0 ? random.nextInt() : timestamp[i] + 1);
            Wire.u32(buffer, at + 8, timestamp[i] + (random.nextInt(8) == 0 ? near() : 0));
            at += options;
        }
        if (sack != 0) {
            Wire.u32(buffer, at, 0x0101_0500 | 2 + 8 * blocks);
            for (int k = 0; k < blocks; k++) {
                Wire.u32(buffer, at + 4 + 8 * k, ack + near());
                Wire.u32(buffer, at + 8 + 8 * k, ack + near());
            }
        }
        payload(buffer, L4 + header, data);
        packet(buffer, peerMacOf(i), peerIp[i], header + data);
        return L4 + header + data;
    }

    private long peerMacOf(int i) {
        return MacAddress.isUnicast(peerMac[i]) ? peerMac[i] : FrameMutator.senderMac(peerIp[i]);
    }

    private void payload(UnsafeBuffer buffer, int at, int data) {
        boolean request = random.nextInt(2) == 0;
        for (int i = 0; i < data; i++) {
            buffer.putByte(at + i, request ? REQUEST[i % REQUEST.length] : (byte) random.nextInt());
        }
    }

    /** A distance at which off-by-one errors, window edges and wrapped numbers live. */
    private int near() {
        return switch (random.nextInt(5)) {
            case 0 -> random.nextInt(5) - 2;
            case 1 -> random.nextInt(3000);
            case 2 -> -random.nextInt(3000);
            case 3 -> (random.nextInt(2) * 2 - 1) * (65_535 + random.nextInt(3) - 1);
            default -> 0x8000_0000 + random.nextInt(3) - 1;
        };
    }
}
