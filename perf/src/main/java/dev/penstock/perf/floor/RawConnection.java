package dev.penstock.perf.floor;

import static dev.penstock.perf.floor.RawFrames.ACK;
import static dev.penstock.perf.floor.RawFrames.HEADERS;
import static dev.penstock.perf.floor.RawFrames.IP_CHECKSUM;
import static dev.penstock.perf.floor.RawFrames.IP_DESTINATION;
import static dev.penstock.perf.floor.RawFrames.IP_LENGTH;
import static dev.penstock.perf.floor.RawFrames.IP_SOURCE;
import static dev.penstock.perf.floor.RawFrames.NETWORK;
import static dev.penstock.perf.floor.RawFrames.PROTOCOL_TCP;
import static dev.penstock.perf.floor.RawFrames.PSH;
import static dev.penstock.perf.floor.RawFrames.SYN;
import static dev.penstock.perf.floor.RawFrames.TCP;
import static dev.penstock.perf.floor.RawFrames.TCP_ACK;
import static dev.penstock.perf.floor.RawFrames.TCP_CHECKSUM;
import static dev.penstock.perf.floor.RawFrames.TCP_HEADER_LENGTH;
import static dev.penstock.perf.floor.RawFrames.TCP_SEQ;
import static dev.penstock.perf.floor.RawFrames.TCP_WINDOW;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.TxOffload;
import dev.penstock.stack.device.NetworkDevice;
import org.agrona.concurrent.UnsafeBuffer;

/** One connection of the raw loop: the numbers, and headers that are written once and then only touched up. */
final class RawConnection {
    /** Bytes behind the IP and TCP headers of a full segment. */
    static final int MSS = 1460;
    /** Whole segments in a super-segment: as many as an IP packet of 65,535 bytes holds. */
    static final int LARGEST = 44 * MSS;

    private static final int INITIAL = 0x1000;

    final int port;
    private final NetworkDevice device;
    private final boolean offload;
    private final int window;
    private final int windowShift;
    /** For acknowledgments. */
    private final Frame bare = new Frame(128);
    /** For data, which is copied behind the headers. */
    private final Frame full = new Frame(HEADERS + LARGEST + 64);

    private final int headersAt = Frame.HEADROOM + 2;
    /** Of the addresses, the part of the TCP checksum that never changes. */
    private long fixedSum;

    int rcvNxt;
    int sndNxt = INITIAL;
    int sndUna = INITIAL;
    int peerWindow;
    private int peerShift;
    long lastProgressNs;

    RawConnection(Frame syn, NetworkDevice device, boolean offload, int window, int windowShift) {
        this.device = device;
        this.offload = offload;
        this.window = window;
        this.windowShift = windowShift;
        UnsafeBuffer b = syn.buffer();
        int at = syn.start();
        this.port = RawFrames.u16(b, at + RawFrames.TCP_SOURCE_PORT);
        this.rcvNxt = b.getInt(at + TCP_SEQ, NETWORK) + 1;
        this.peerShift = scaleOf(b, at);
        putHeaders(bare.buffer(), b, at);
        putHeaders(full.buffer(), b, at);
    }

    /** Both ends swapped, everything that stays as it is filled in. */
    private void putHeaders(UnsafeBuffer to, UnsafeBuffer from, int at) {
        int t = headersAt;
        to.putBytes(t, from, at + 6, 6);
        to.putBytes(t + 6, from, at, 6);
        to.putShort(t + 12, (short) RawFrames.TYPE_IPV4, NETWORK);
        to.putInt(t + 14, 0x4500_0000, NETWORK);
        to.putInt(t + 18, 0x4000, NETWORK); // identification 0, do not fragment
        to.putInt(t + 22, 0x4006_0000, NETWORK);
        to.putInt(t + IP_SOURCE, from.getInt(at + IP_DESTINATION));
        to.putInt(t + IP_DESTINATION, from.getInt(at + IP_SOURCE));
        to.putShort(t + TCP, from.getShort(at + TCP + 2));
        to.putShort(t + TCP + 2, from.getShort(at + TCP));
        to.putShort(t + TCP_HEADER_LENGTH, (short) 0x5000, NETWORK);
        to.putShort(t + TCP_WINDOW, (short) window, NETWORK);
        to.putInt(t + TCP_CHECKSUM, 0);
        fixedSum = RawFrames.words(to, t + IP_SOURCE, 8);
    }

    /** The SYN's window scale; 0 if it has none. */
    private static int scaleOf(UnsafeBuffer b, int at) {
        int end = at + TCP + ((b.getByte(at + TCP_HEADER_LENGTH) >> 4 & 15) << 2);
        int i = at + HEADERS;
        while (i + 2 < end && b.getByte(i) != 0) {
            int kind = b.getByte(i);
            if (kind == 3) {
                return Math.min(14, b.getByte(i + 2));
            }
            i += kind == 1 ? 1 : Math.max(2, b.getByte(i + 1));
        }
        return 0;
    }

    void onWindow(int announced) {
        peerWindow = announced << peerShift;
    }

    /** Writes lengths, numbers and checksums; the payload is there already. */
    private void finish(Frame f, int optionBytes, int payload, int flags, boolean summed) {
        UnsafeBuffer b = f.buffer();
        int t = headersAt;
        int tcpLength = 20 + optionBytes + payload;
        b.putShort(t + IP_LENGTH, (short) (20 + tcpLength), NETWORK);
        b.putShort(t + IP_CHECKSUM, (short) 0);
        b.putShort(t + IP_CHECKSUM, (short) ~RawFrames.fold(RawFrames.words(b, t + 14, 20)), NETWORK);
        b.putInt(t + TCP_SEQ, sndNxt, NETWORK);
        b.putInt(t + TCP_ACK, rcvNxt, NETWORK);
        b.putShort(t + TCP_HEADER_LENGTH, (short) ((5 + optionBytes / 4) << 12 | flags), NETWORK);
        long pseudo = fixedSum + PROTOCOL_TCP + tcpLength;
        f.reset(t);
        f.setBounds(t, 14 + 20 + tcpLength);
        TxOffload tx = f.tx();
        if (summed) {
            b.putShort(t + TCP_CHECKSUM, (short) 0);
            b.putShort(
                    t + TCP_CHECKSUM,
                    (short) ~RawFrames.fold(pseudo + RawFrames.words(b, t + TCP, tcpLength)),
                    NETWORK);
            return;
        }
        b.putShort(t + TCP_CHECKSUM, (short) RawFrames.fold(pseudo), NETWORK);
        tx.checksumNeeded = true;
        tx.csumStart = TCP;
        tx.csumOffset = 16;
        tx.headerLength = HEADERS;
        if (payload > MSS) {
            tx.gsoType = TxOffload.GSO_TCPV4;
            tx.gsoSize = MSS;
        }
    }

    void sendSynAck() {
        UnsafeBuffer b = bare.buffer();
        b.putInt(headersAt + HEADERS, 0x0204_0000 | MSS, NETWORK);
        b.putInt(headersAt + HEADERS + 4, 0x0103_0300 | windowShift, NETWORK);
        b.putShort(headersAt + TCP_WINDOW, (short) 0xffff, NETWORK);
        finish(bare, 8, 0, SYN | ACK, true);
        device.offer(bare);
        b.putShort(headersAt + TCP_WINDOW, (short) window, NETWORK);
        sndNxt = INITIAL + 1;
        sndUna = sndNxt;
    }

    void sendAck() {
        finish(bare, 0, 0, ACK, !offload);
        device.offer(bare);
    }

    /** One segment with a copy of {@code length} bytes of {@code payload}; false if the device has no room. */
    boolean sendData(UnsafeBuffer payload, int from, int length) {
        full.buffer().putBytes(headersAt + HEADERS, payload, from, length);
        finish(full, 0, length, PSH | ACK, !offload);
        if (device.offer(full) == 0) {
            return false;
        }
        sndNxt += length;
        return true;
    }
}
