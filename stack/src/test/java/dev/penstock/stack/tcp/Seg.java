package dev.penstock.stack.tcp;

import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.TcpHeader;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;

/** A segment that went out, as a test sees it. */
final class Seg {
    final long atNs;
    /** The ECN field of the IP header. */
    int ecn;
    /** The type of service, the ECN field in it. */
    int tos;

    int ttl;
    /** The source address. */
    IpAddress source;

    final byte[] bytes;
    final int flags;
    final int rawSeq;
    final int rawAck;
    final int window;
    final int urgentPointer;
    final int headerLength;
    final byte[] payload;
    final Segment options = new Segment();
    final int sourcePort;
    final int destinationPort;

    Seg(byte[] bytes, long atNs) {
        this.bytes = bytes;
        this.atNs = atNs;
        UnsafeBuffer b = new UnsafeBuffer(bytes);
        flags = TcpHeader.flags(b, 0);
        rawSeq = TcpHeader.sequence(b, 0);
        rawAck = TcpHeader.acknowledgment(b, 0);
        window = TcpHeader.window(b, 0);
        urgentPointer = TcpHeader.urgentPointer(b, 0);
        sourcePort = TcpHeader.sourcePort(b, 0);
        destinationPort = TcpHeader.destinationPort(b, 0);
        headerLength = TcpHeader.headerLength(b, 0);
        payload = Arrays.copyOfRange(bytes, headerLength, bytes.length);
        options.parseOptions(b, TcpHeader.MIN_LENGTH, headerLength - TcpHeader.MIN_LENGTH);
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** The edges of the SACK blocks, relative to this sequence number. */
    int[] sackEdges(int base) {
        int[] edges = new int[2 * options.sackCount];
        for (int i = 0; i < options.sackCount; i++) {
            edges[2 * i] = options.sackStart[i] - base;
            edges[2 * i + 1] = options.sackEnd[i] - base;
        }
        return edges;
    }

    static String name(int flags) {
        String[] names = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", "AE"};
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < names.length; i++) {
            if ((flags & 1 << i) != 0) {
                text.append(text.length() == 0 ? "" : " ").append(names[i]);
            }
        }
        return text.toString();
    }

    String show(TcpFixture f) {
        return name(flags) + " seq " + (rawSeq - f.iss) + " ack " + (rawAck - f.peer.irs) + " win " + window + " len "
                + payload.length;
    }
}
