package dev.penstock.stack.tcp;

import dev.penstock.stack.ip.IpPacket;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.TcpHeader;
import dev.penstock.stack.wire.Wire;
import org.agrona.concurrent.UnsafeBuffer;

/** The other end, played by a test. Its sequence number 0 is its SYN; payload bytes are those of the known stream. */
final class PeerScript {
    private final TcpFixture f;
    /** The peer's initial sequence number: near the wrap, so that every test crosses it. */
    int irs = -3;
    /** Pieces of this size were joined by the device, 0 for none. */
    int gsoSize;

    /** Which of our addresses it sends to. */
    IpAddress to;

    boolean toGroup;
    int urgentPointer;
    /** Type of service, the ECN field in it. */
    int tos;

    PeerScript(TcpFixture f) {
        this.f = f;
        to = f.ours;
    }

    /** A segment arrives, and the answers go out. */
    void sends(int flags, int seq, int ack, int window, int length, byte[]... options) {
        arrives(flags, seq, ack, window, length, options);
        f.flush();
    }

    /** A segment arrives in the same burst as the next one. */
    void arrives(int flags, int seq, int ack, int window, int length, byte[]... options) {
        byte[] payload = new byte[length];
        for (int i = 0; i < length; i++) {
            payload[i] = TransferApp.byteAt(seq - 1 + i);
        }
        f.deliver(packet(flags, irs + seq, f.iss + ack, window, payload, options));
    }

    /** An acknowledgment without data at sequence number 1. */
    void acks(int ack, int window) {
        sends(TcpHeader.ACK, 1, ack, window, 0);
    }

    IpPacket packet(int flags, int rawSeq, int rawAck, int window, byte[] payload, byte[]... options) {
        byte[] all = TcpFixture.concat(options);
        int headerLength = TcpHeader.MIN_LENGTH + (all.length + 3) / 4 * 4;
        UnsafeBuffer b = new UnsafeBuffer(new byte[headerLength + payload.length]);
        b.putBytes(TcpHeader.MIN_LENGTH, all);
        b.putBytes(headerLength, payload);
        int ack = (flags & TcpHeader.ACK) != 0 ? rawAck : 0;
        TcpHeader.put(b, 0, f.remotePort, f.localPort, rawSeq, ack, headerLength, flags, window, 0, urgentPointer);
        int pseudo = InternetChecksum.pseudoHeader(
                f.theirs.hi(), f.theirs.lo(), to.hi(), to.lo(), IpProtocol.TCP, b.capacity());
        int sum = InternetChecksum.add(pseudo, InternetChecksum.sum(b, 0, b.capacity()));
        Wire.u16(b, TcpHeader.CHECKSUM_OFFSET, InternetChecksum.finish(sum));
        IpPacket p = FakeIp.packet(b.byteArray(), f.theirs, to);
        p.gsoSize = gsoSize;
        p.toGroup = toGroup;
        p.tos = tos;
        return p;
    }
}
