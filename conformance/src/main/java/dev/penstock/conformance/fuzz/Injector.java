package dev.penstock.conformance.fuzz;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.DeviceDecorator;
import dev.penstock.stack.device.FrameHandler;
import dev.penstock.stack.device.NetworkDevice;
import dev.penstock.stack.wire.ArpPacket;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.MacAddress;
import java.util.ArrayDeque;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Between the wire and the stack under test: hands it forged frames besides the honest ones, loses frames of either direction on
 * demand, watches what is said on all connections, and answers ARP for peers that do not exist, so that the stack talks to them.
 */
final class Injector extends DeviceDecorator implements FrameHandler {
    /** The honest peer is conversation 0; the others' addresses follow its own. */
    static final int CONVERSATIONS = 4;

    private static final int IP = Conversation.IP;
    private static final int HOLDS = 8;
    private static final int LARGEST = 1514;

    private final int stackIp;
    private final int honestIp;
    private final Conversation[] conversations = new Conversation[CONVERSATIONS];
    private final ArrayDeque<byte[]> forged = new ArrayDeque<>();
    private final Frame frame = new Frame(LARGEST);
    private final UnsafeBuffer seen = new UnsafeBuffer(new byte[2048]);
    /** The last segments of the honest peer. */
    private final byte[][] held = new byte[HOLDS][];

    private int heldCount;
    private FrameHandler handler;
    /** So many packets of the stack, and of the peer, are lost from now on. */
    int loseOut;

    int loseIn;
    /** Peers that do not exist answer ARP. */
    boolean answersArp = true;
    /** The last packet of IPv4 that the stack sent, as it would be quoted in an ICMP error; null for none. */
    byte[] lastSent;
    /** Frames that the stack has sent. */
    long sent;
    /** Packets of either direction that were lost on demand. */
    long lost;
    /** Forged frames that the stack was handed. */
    long fed;

    Injector(NetworkDevice delegate, int stackIp, int honestIp) {
        super(delegate);
        this.stackIp = stackIp;
        this.honestIp = honestIp;
        for (int i = 0; i < CONVERSATIONS; i++) {
            conversations[i] = new Conversation(honestIp + (i == 0 ? 0 : 10 + i));
        }
    }

    Conversation conversation(int i) {
        return conversations[i];
    }

    /** A segment that the honest peer has sent, of the last few; null if there were none. */
    byte[] heard(int i) {
        return heldCount == 0 ? null : held[(heldCount - 1 - i % Math.min(HOLDS, heldCount)) % HOLDS];
    }

    /** Hands the stack {@code length} bytes at its next poll. */
    void feed(UnsafeBuffer bytes, int length) {
        byte[] copy = new byte[length];
        bytes.getBytes(0, copy);
        forged.add(copy);
    }

    static long macOf(int ip) {
        return MacAddress.locallyAdministered(0x6600_0000L | ip & 0xff);
    }

    @Override
    public int poll(FrameHandler to, int limit) {
        handler = to;
        int n = delegate.poll(this, limit);
        while (n < limit && !forged.isEmpty()) {
            byte[] next = forged.poll();
            frame.reset();
            int at = frame.append(next.length);
            frame.buffer().putBytes(at, next);
            fed++;
            n++;
            to.onFrame(frame);
        }
        return n;
    }

    @Override
    public void onFrame(Frame arrived) {
        int length = arrived.length();
        if (loseIn > 0 && isIp(arrived)) {
            loseIn--;
            lost++;
            return;
        }
        if (length <= seen.capacity()) {
            arrived.copyTo(seen, 0);
            if (Conversation.isSegment(seen, length)) {
                conversations[0].onReceived(seen);
                byte[] copy = new byte[length];
                seen.getBytes(0, copy);
                held[heldCount++ % HOLDS] = copy;
            }
        }
        handler.onFrame(arrived);
    }

    @Override
    public int offer(Frame out) {
        sent++;
        int length = out.length();
        if (length <= seen.capacity()) {
            out.copyTo(seen, 0);
            learn(length);
        }
        if (loseOut > 0 && isIp(out)) {
            loseOut--;
            lost++;
            return 1;
        }
        return delegate.offer(out);
    }

    /** Without answers to ARP a peer counts as gone, and rightly so: those are never lost. */
    private static boolean isIp(Frame f) {
        return f.headLength() > IP && EthernetHeader.type(f.buffer(), f.start()) == EthernetHeader.TYPE_IPV4;
    }

    private void learn(int length) {
        int type = EthernetHeader.type(seen, 0);
        if (type == EthernetHeader.TYPE_ARP && answersArp) {
            answerArp();
        }
        if (type != EthernetHeader.TYPE_IPV4) {
            return;
        }
        int to = Ipv4Header.destination(seen, IP);
        lastSent = new byte[Math.min(length - IP, 548)];
        seen.getBytes(IP, lastSent);
        if (!Conversation.isSegment(seen, length) || Ipv4Header.isFragment(seen, IP)) {
            return;
        }
        for (Conversation c : conversations) {
            if (c.peerIp == to) {
                c.onSent(seen, length);
            }
        }
    }

    private void answerArp() {
        int target = ArpPacket.targetIp(seen, IP);
        if (ArpPacket.operation(seen, IP) != ArpPacket.REQUEST || target == stackIp || target == honestIp) {
            return;
        }
        long mac = macOf(target);
        UnsafeBuffer reply = new UnsafeBuffer(new byte[IP + ArpPacket.LENGTH]);
        EthernetHeader.put(reply, 0, delegate.macAddress(), mac, EthernetHeader.TYPE_ARP);
        ArpPacket.put(reply, IP, ArpPacket.REPLY, mac, target, delegate.macAddress(), stackIp);
        feed(reply, reply.capacity());
    }
}
