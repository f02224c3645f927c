package dev.penstock.perf.bench;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.DeviceCapabilities;
import dev.penstock.stack.device.FrameHandler;
import dev.penstock.stack.device.NetworkDevice;
import dev.penstock.stack.wire.InternetChecksum;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A device with nobody behind it who has as many TCP connections as wanted and remembers two numbers of each: what a stack costs
 * is measured without the cost of another one. The peers' addresses are 10.x; ARP is answered for all of them. One thread.
 */
final class ScriptedPeer implements NetworkDevice {
    /** Of each peer's connections to the one port of the stack. */
    static final int PORTS_EACH = 50_000;

    private static final ByteOrder NETWORK = ByteOrder.BIG_ENDIAN;
    private static final long OWN_MAC = 0x02_00_00_00_00_02L;
    private static final long PEER_MAC = 0x02_00_00_00_00_01L;
    private static final int STACK = 10 << 24 | 2;
    private static final int FIRST_PEER = 10 << 24 | 1 << 16 | 1;
    private static final int FIRST_PORT = 10_000;
    private static final int MTU = 1500;
    private static final int ETHERNET = 14;
    private static final int IP = 20;
    private static final int TCP = 20;
    private static final int SYN_OPTIONS = 8;
    private static final int START = Frame.HEADROOM + 2;
    private static final int QUEUE = 64;
    private static final int SYN = 2;
    private static final int PSH = 8;
    private static final int ACK = 16;
    private static final int ISN = 1000;

    private final int stackPort;
    private final boolean verified;
    private final Frame[] queue = new Frame[QUEUE];
    private final int[] sndNxt;
    private final int[] rcvNxt;
    private int queued;
    private int next;
    private long answered;
    private long framesOut;

    /**
     * @param connections the most that are opened
     * @param verified frames say that their checksum was verified, as those of a good device do
     */
    ScriptedPeer(int connections, int stackPort, boolean verified) {
        this.stackPort = stackPort;
        this.verified = verified;
        this.sndNxt = new int[connections];
        this.rcvNxt = new int[connections];
        for (int i = 0; i < QUEUE; i++) {
            queue[i] = new Frame(MTU + 64);
        }
    }

    /** The stack's address with a prefix that holds all peers. */
    static String prefix() {
        return "10.0.0.2/8";
    }

    // --- what the peer sends ---

    private static int peer(int connection) {
        return FIRST_PEER + connection / PORTS_EACH;
    }

    private static int port(int connection) {
        return FIRST_PORT + connection % PORTS_EACH;
    }

    private int indexOf(int address, int port) {
        int i = (address - FIRST_PEER) * PORTS_EACH + port - FIRST_PORT;
        return i >= 0 && i < sndNxt.length ? i : -1;
    }

    /** Has a SYN come next; the handshake is answered by itself. */
    void open(int connection) {
        sndNxt[connection] = ISN;
        segment(connection, 0, SYN);
        sndNxt[connection] = ISN + 1;
    }

    /** Has data come next. False if the queue is full. */
    boolean data(int connection, int length) {
        if (queued == QUEUE) {
            return false;
        }
        segment(connection, length, ACK | PSH);
        sndNxt[connection] += length;
        return true;
    }

    boolean isEstablished(int connection) {
        return rcvNxt[connection] != 0;
    }

    /** Payload bytes that the stack has sent. */
    long answered() {
        return answered;
    }

    /** Frames that the stack has sent. */
    long framesOut() {
        return framesOut;
    }

    boolean hasQueued() {
        return queued > 0;
    }

    boolean isFull() {
        return queued == QUEUE;
    }

    private void segment(int connection, int payload, int flags) {
        if (queued == QUEUE) {
            throw new IllegalStateException("the stack has not taken what is there");
        }
        Frame f = queue[(next + queued++) % QUEUE];
        UnsafeBuffer b = f.buffer();
        int t = START;
        int options = (flags & SYN) != 0 ? SYN_OPTIONS : 0;
        int tcpLength = TCP + options + payload;
        putMac(b, t, OWN_MAC);
        putMac(b, t + 6, PEER_MAC);
        b.putShort(t + 12, (short) 0x0800, NETWORK);
        int ip = t + ETHERNET;
        b.putInt(ip, 0x4500_0000 | IP + tcpLength, NETWORK);
        b.putInt(ip + 4, 0x4000, NETWORK);
        b.putInt(ip + 8, 0x4006_0000, NETWORK);
        b.putInt(ip + 12, peer(connection), NETWORK);
        b.putInt(ip + 16, STACK, NETWORK);
        b.putShort(ip + 10, (short) InternetChecksum.finish(InternetChecksum.sum(b, ip, IP)), NETWORK);
        int tcp = ip + IP;
        b.putShort(tcp, (short) port(connection), NETWORK);
        b.putShort(tcp + 2, (short) stackPort, NETWORK);
        b.putInt(tcp + 4, sndNxt[connection], NETWORK);
        b.putInt(tcp + 8, rcvNxt[connection], NETWORK);
        b.putInt(tcp + 12, 0x5000_ffff | options / 4 << 28 | flags << 16, NETWORK);
        b.putInt(tcp + 16, 0);
        if (options != 0) {
            b.putInt(tcp + TCP, 0x0204_05b4, NETWORK); // MSS 1460
            b.putInt(tcp + TCP + 4, 0x0103_0307, NETWORK); // no operation, window scale 7
        }
        if (!verified) {
            int sum = InternetChecksum.sum(b, ip + 12, 8 + tcpLength);
            int pseudo = 6 + tcpLength;
            b.putShort(tcp + 16, (short) InternetChecksum.finish(InternetChecksum.add(sum, pseudo)), NETWORK);
        }
        f.reset(t);
        f.setBounds(t, ETHERNET + IP + tcpLength);
        f.rx().verified = verified;
    }

    private static void putMac(UnsafeBuffer b, int at, long mac) {
        b.putShort(at, (short) (mac >>> 32), NETWORK);
        b.putInt(at + 2, (int) mac, NETWORK);
    }

    // --- the device ---

    @Override
    public DeviceCapabilities capabilities() {
        return DeviceCapabilities.offloading(MTU);
    }

    @Override
    public long macAddress() {
        return OWN_MAC;
    }

    @Override
    public int poll(FrameHandler handler, int limit) {
        int n = Math.min(queued, limit);
        for (int i = 0; i < n; i++) {
            Frame f = queue[next];
            next = (next + 1) % QUEUE;
            queued--;
            handler.onFrame(f);
        }
        return n;
    }

    @Override
    public int offer(Frame frame) {
        framesOut++;
        UnsafeBuffer b = frame.buffer();
        int at = frame.start();
        int type = b.getShort(at + 12, NETWORK) & 0xffff;
        if (type == 0x0806) {
            answerArp(b, at);
        } else if (type == 0x0800 && b.getByte(at + ETHERNET + 9) == 6) {
            onSegment(b, at);
        }
        return 1;
    }

    private void onSegment(UnsafeBuffer b, int at) {
        int tcp = at + ETHERNET + IP;
        int i = indexOf(b.getInt(at + ETHERNET + 16, NETWORK), b.getShort(tcp + 2, NETWORK) & 0xffff);
        if (i < 0) {
            return;
        }
        int seq = b.getInt(tcp + 4, NETWORK);
        if ((b.getByte(tcp + 13) & SYN) != 0) {
            rcvNxt[i] = seq + 1;
            segment(i, 0, ACK);
            return;
        }
        int payload = (b.getShort(at + ETHERNET + 2, NETWORK) & 0xffff) - IP - ((b.getByte(tcp + 12) >> 4 & 15) << 2);
        if (payload > 0 && seq == rcvNxt[i]) {
            rcvNxt[i] += payload;
            answered += payload;
        }
    }

    private void answerArp(UnsafeBuffer request, int at) {
        int arp = at + ETHERNET;
        if (request.getShort(arp + 6, NETWORK) != 1 || queued == QUEUE) {
            return;
        }
        int target = request.getInt(arp + 24, NETWORK);
        if (target == STACK) {
            return;
        }
        Frame f = queue[(next + queued++) % QUEUE];
        UnsafeBuffer b = f.buffer();
        putMac(b, START, OWN_MAC);
        putMac(b, START + 6, PEER_MAC);
        b.putShort(START + 12, (short) 0x0806, NETWORK);
        int a = START + ETHERNET;
        b.putBytes(a, request, arp, 6);
        b.putShort(a + 6, (short) 2, NETWORK);
        putMac(b, a + 8, PEER_MAC);
        b.putInt(a + 14, target, NETWORK);
        putMac(b, a + 18, OWN_MAC);
        b.putInt(a + 24, STACK, NETWORK);
        f.reset(START);
        f.setBounds(START, ETHERNET + 28);
    }

    @Override
    public boolean isUp() {
        return true;
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
