package dev.penstock.tap;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.TxOffload;
import dev.penstock.tap.Frames.Received;
import java.util.Arrays;

/** As much of TCP, by hand, as it takes to exchange super-segments with a kernel socket; no loss, no timers. */
final class TcpPeer {
    static final int MSS = 1448;
    private static final int TCP = 6;
    private static final int SYN = 2;
    private static final int ACK = 0x10;
    private static final int PUSH = 8;
    private static final int PORT = 6001;

    private final TapDevice device;
    private final long kernelMac;
    private final int stack;
    private final int kernel;
    private final int kernelPort;
    private int sndNxt = 1000;
    private int rcvNxt;
    /** The largest frame that carried data, and what the device said of it. */
    Received largest;

    TcpPeer(TapDevice device, long kernelMac, int stack, int kernel, int kernelPort) {
        this.device = device;
        this.kernelMac = kernelMac;
        this.stack = stack;
        this.kernel = kernel;
        this.kernelPort = kernelPort;
    }

    void connect() {
        byte[] mss = {2, 4, (byte) (MSS >> 8), (byte) MSS};
        device.offer(segment(SYN, mss, new byte[0]));
        sndNxt++;
        Received synAck = Frames.await(device, 3000, f -> f.isIpv4(TCP) && f.u8(47) == (SYN | ACK));
        rcvNxt = synAck.u32(38) + 1;
        device.offer(segment(ACK, new byte[0], new byte[0]));
    }

    /** Offers all bytes as one super-segment; returns what the device says. */
    int send(byte[] payload) {
        Frame frame = segment(ACK | PUSH, new byte[0], payload);
        frame.tx().gsoType = TxOffload.GSO_TCPV4;
        frame.tx().gsoSize = MSS;
        frame.tx().headerLength = 54;
        sndNxt += payload.length;
        return device.offer(frame);
    }

    /** Takes in and acknowledges {@code length} bytes. */
    byte[] receive(int length) {
        byte[] out = new byte[length];
        int done = 0;
        while (done < length) {
            Received f = Frames.await(device, 3000, r -> r.isIpv4(TCP) && payloadLength(r) > 0 && r.u32(38) == rcvNxt);
            int n = payloadLength(f);
            System.arraycopy(f.bytes(), f.bytes().length - n, out, done, n);
            done += n;
            rcvNxt += n;
            if (largest == null || n > payloadLength(largest)) {
                largest = f;
            }
            device.offer(segment(ACK, new byte[0], new byte[0]));
        }
        return out;
    }

    static int payloadLength(Received f) {
        return f.u16(16) - 20 - (f.u8(46) >> 4) * 4;
    }

    private Frame segment(int flags, byte[] options, byte[] payload) {
        int header = 20 + options.length;
        byte[] tcp = new byte[header + payload.length];
        Frames.put16(tcp, 0, PORT);
        Frames.put16(tcp, 2, kernelPort);
        Frames.put32(tcp, 4, sndNxt);
        Frames.put32(tcp, 8, rcvNxt);
        tcp[12] = (byte) ((header / 4) << 4);
        tcp[13] = (byte) flags;
        Frames.put16(tcp, 14, 65_535);
        Frames.put16(tcp, 16, Frames.pseudoSum(TCP, stack, kernel, tcp.length));
        System.arraycopy(options, 0, tcp, 20, options.length);
        System.arraycopy(payload, 0, tcp, header, payload.length);
        byte[] bytes =
                Frames.ethernet(kernelMac, device.macAddress(), Frames.IPV4, Frames.ipv4(TCP, stack, kernel, tcp));
        int head = 34 + header;
        Frame frame = Frames.frame(Arrays.copyOf(bytes, head));
        if (payload.length > 0) {
            frame.addSlice(Frames.offHeap(payload), 0, payload.length);
        }
        frame.tx().checksumNeeded = true;
        frame.tx().csumStart = 34;
        frame.tx().csumOffset = 16;
        return frame;
    }
}
