package dev.penstock.stack.sim;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.wire.ArpPacket;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.MacAddress;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;

/** One link of a router: its addresses there, and its neighbours, of both families. */
final class RouterPort {
    /** At the limit, packets to others are dropped and counted. */
    private static final int MAX_NEIGHBORS = 4096;

    private static final int MAX_WAITING = 16;
    private static final int MAX_ASKED = 3;
    private static final long RETRY_NS = 1_000_000_000L;

    private final SimulatedRouter router;
    private final LinkEnd end;
    private final List<IpPrefix> own;
    private final Map<IpAddress, Neighbor> neighbors = new HashMap<>();
    /** Some of them, by a hash of their address, so that a packet on its way allocates nothing. */
    private final Neighbor[] recent = new Neighbor[64];

    private final Frame made = new Frame(128);

    RouterPort(SimulatedRouter router, LinkEnd end, List<IpPrefix> own) {
        this.router = router;
        this.end = end;
        this.own = own;
    }

    /** Advertises it here, or null. */
    RouterAdvertiser advertiser;

    /** Its link-local IPv6 address here, or null. */
    IpAddress linkLocal() {
        for (IpPrefix p : own) {
            if (IpAddress.isLinkLocalV6(p.address().hi())) {
                return p.address();
            }
        }
        return null;
    }

    LinkEnd end() {
        return end;
    }

    /** The MTU of what goes out here, now. */
    int mtu() {
        return end.outgoing().mtu();
    }

    boolean isOwn(long hi, long lo) {
        for (int i = 0; i < own.size(); i++) {
            IpAddress a = own.get(i).address();
            if (a.hi() == hi && a.lo() == lo) {
                return true;
            }
        }
        return false;
    }

    boolean isBroadcast(long hi, long lo) {
        for (int i = 0; i < own.size(); i++) {
            IpPrefix p = own.get(i);
            if (hi == 0 && lo == p.broadcastLo() && p.broadcastLo() != 0) {
                return true;
            }
        }
        return false;
    }

    /** One of its addresses, of the family of {@code hi, lo}; preferably in the same network. Null if there is none. */
    IpAddress addressFor(long hi, long lo) {
        boolean v4 = IpAddress.isV4(hi, lo);
        IpAddress some = null;
        for (IpPrefix p : own) {
            if (p.address().isV4() == v4) {
                if (p.contains(hi, lo)) {
                    return p.address();
                }
                some = some == null ? p.address() : some;
            }
        }
        return some;
    }

    /** A neighbour, or who asks to become one. */
    private final class Neighbor extends Deadline {
        private final IpAddress address;
        private final ArrayDeque<Frame> waiting = new ArrayDeque<>();
        private long mac = MacAddress.NONE;
        private int asked;

        Neighbor(IpAddress address) {
            this.address = address;
        }

        void ask(long nowNs) {
            asked++;
            if (address.isV4()) {
                askArp(address);
            } else {
                router.ipv6().solicit(RouterPort.this, address);
            }
            router.network.schedule(this, nowNs + RETRY_NS);
        }

        void answered(long newMac) {
            mac = newMac;
            router.network.cancel(this);
            Frame frame;
            while ((frame = waiting.pollFirst()) != null) {
                transmit(frame, mac);
            }
        }

        @Override
        protected void onDeadline(long nowNs) {
            if (asked < MAX_ASKED) {
                ask(nowNs);
                return;
            }
            neighbors.remove(address);
            Frame frame;
            while ((frame = waiting.pollFirst()) != null) {
                unreachable(frame, nowNs);
            }
        }
    }

    private void unreachable(Frame frame, long nowNs) {
        router.drop(RouterDrop.UNREACHABLE, this, frame, nowNs);
        if (EthernetHeader.type(frame.buffer(), frame.start()) == EthernetHeader.TYPE_IPV4) {
            router.ipv4().hostUnreachable(this, frame, nowNs);
        } else {
            router.ipv6().addressUnreachable(this, frame, nowNs);
        }
    }

    /** Sends to a neighbour; waits for its address, if that is not known. The frame stays the caller's. */
    void send(long hi, long lo, Frame frame, long nowNs) {
        int slot = (int) ((hi ^ lo) * 0x9E37_79B9_7F4A_7C15L >>> 58);
        Neighbor cached = recent[slot];
        if (cached != null && cached.address.lo() == lo && cached.address.hi() == hi) {
            transmit(frame, cached.mac);
            return;
        }
        IpAddress address = new IpAddress(hi, lo);
        Neighbor neighbor = neighbors.get(address);
        if (neighbor != null && neighbor.mac != MacAddress.NONE) {
            // Once it is known, it stays.
            recent[slot] = neighbor;
            transmit(frame, neighbor.mac);
            return;
        }
        if (neighbor == null && neighbors.size() < MAX_NEIGHBORS) {
            neighbor = new Neighbor(address);
            neighbors.put(address, neighbor);
            neighbor.ask(nowNs);
        }
        if (neighbor == null || neighbor.waiting.size() == MAX_WAITING) {
            router.drop(RouterDrop.QUEUE_FULL, this, frame, nowNs);
            return;
        }
        Frame copy = new Frame(frame.length());
        frame.copyTo(copy.buffer(), copy.append(frame.length()));
        copy.rx().partial = frame.rx().partial;
        neighbor.waiting.add(copy);
    }

    private void transmit(Frame frame, long mac) {
        UnsafeBuffer b = frame.buffer();
        EthernetHeader.put(b, frame.start(), mac, end.macAddress(), EthernetHeader.type(b, frame.start()));
        end.offer(frame);
    }

    /** Somebody told its address; {@code create} where it was told to us. */
    void learn(IpAddress address, long mac, boolean create) {
        Neighbor neighbor = neighbors.get(address);
        if (neighbor == null && create && neighbors.size() < MAX_NEIGHBORS) {
            neighbor = new Neighbor(address);
            neighbors.put(address, neighbor);
        }
        if (neighbor != null && MacAddress.isUnicast(mac)) {
            neighbor.answered(mac);
        }
    }

    void onArp(Frame frame, long nowNs) {
        UnsafeBuffer b = frame.buffer();
        int arp = frame.start() + EthernetHeader.LENGTH;
        if (ArpPacket.check(b, arp, frame.headLength() - EthernetHeader.LENGTH) != null) {
            router.drop(RouterDrop.MALFORMED, this, frame, nowNs);
            return;
        }
        int asker = ArpPacket.senderIp(b, arp);
        int asked = ArpPacket.targetIp(b, arp);
        boolean forUs = isOwn(0, IpAddress.v4(asked));
        if (asker != 0) {
            learn(IpAddress.ofV4(asker), ArpPacket.senderMac(b, arp), forUs);
        }
        if (forUs && ArpPacket.operation(b, arp) == ArpPacket.REQUEST) {
            long mac = ArpPacket.senderMac(b, arp);
            putArp(ArpPacket.REPLY, mac, asked, mac, asker);
        }
    }

    private void askArp(IpAddress address) {
        IpAddress source = addressFor(address.hi(), address.lo());
        if (source != null) {
            putArp(ArpPacket.REQUEST, MacAddress.BROADCAST, source.v4Bits(), 0, address.v4Bits());
        }
    }

    private void putArp(int operation, long toMac, int senderIp, long targetMac, int targetIp) {
        made.reset();
        int at = made.append(EthernetHeader.LENGTH + ArpPacket.LENGTH);
        EthernetHeader.put(made.buffer(), at, toMac, end.macAddress(), EthernetHeader.TYPE_ARP);
        int arp = at + EthernetHeader.LENGTH;
        ArpPacket.put(made.buffer(), arp, operation, end.macAddress(), senderIp, targetMac, targetIp);
        end.offer(made);
    }

    void close() {
        if (advertiser != null) {
            advertiser.stop();
        }
        for (Neighbor neighbor : neighbors.values()) {
            router.network.cancel(neighbor);
            neighbor.waiting.clear();
        }
        neighbors.clear();
    }
}
