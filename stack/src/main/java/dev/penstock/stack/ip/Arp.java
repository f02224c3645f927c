package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.link.EtherTypeHandler;
import dev.penstock.stack.link.EthernetPort;
import dev.penstock.stack.neighbor.Neighbor;
import dev.penstock.stack.neighbor.NeighborCache;
import dev.penstock.stack.neighbor.NeighborResolver;
import dev.penstock.stack.wire.ArpPacket;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.MacAddress;

/** ARP on one interface (RFC 826, RFC 5227): answers, asks for the neighbour cache, and feeds it. */
final class Arp implements EtherTypeHandler, NeighborResolver {
    private final IpInterface nic;
    private final NeighborCache neighbors;
    private final AddressClaims claims;
    private final PendingQueue pending;
    private final Counters counters;
    private final TokenBucket replies;
    private ArpMonitor monitor;

    Arp(
            IpInterface nic,
            NeighborCache neighbors,
            AddressClaims claims,
            PendingQueue pending,
            Counters counters,
            IpConfig config) {
        this.nic = nic;
        this.neighbors = neighbors;
        this.claims = claims;
        this.pending = pending;
        this.counters = counters;
        this.replies = new TokenBucket(config.arpRepliesPerSecond, config.arpReplyBurst);
    }

    void setMonitor(ArpMonitor monitor) {
        this.monitor = monitor;
    }

    @Override
    public void onPayload(
            EthernetPort port, Frame frame, int offset, int length, long sourceMac, boolean toGroup, long nowNs) {
        DropReason reason = ArpPacket.check(frame.buffer(), offset, length);
        if (reason == null) {
            reason = receive(frame, offset, toGroup, nowNs);
        }
        if (reason != null) {
            port.drop(reason);
        }
    }

    private DropReason receive(Frame frame, int offset, boolean toGroup, long nowNs) {
        int operation = ArpPacket.operation(frame.buffer(), offset);
        long senderMac = ArpPacket.senderMac(frame.buffer(), offset);
        int senderIp = ArpPacket.senderIp(frame.buffer(), offset);
        int targetIp = ArpPacket.targetIp(frame.buffer(), offset);
        if (operation != ArpPacket.REQUEST && operation != ArpPacket.REPLY) {
            return DropReason.ARP_UNSUPPORTED;
        }
        if (!isGoodSender(senderMac, senderIp)) {
            return DropReason.ARP_BAD_SENDER;
        }
        boolean request = operation == ArpPacket.REQUEST;
        counters.count(request ? StackCounter.ARP_REQUESTS_IN : StackCounter.ARP_REPLIES_IN);
        if (monitor != null) {
            long targetMac = ArpPacket.targetMac(frame.buffer(), offset);
            monitor.onArp(nic, operation, senderMac, senderIp, targetMac, targetIp, toGroup, nowNs);
        }
        if (claims.onArp(nic, senderMac, senderIp, targetIp, nowNs)) {
            return DropReason.ARP_CONFLICT;
        }
        boolean forUs = nic.findUsable(0, IpAddress.v4(targetIp)) != null;
        boolean merged = senderIp != 0 && merge(request, forUs, senderMac, senderIp, nowNs);
        if (forUs && request) {
            return reply(senderMac, senderIp, targetIp, nowNs);
        }
        return forUs || merged ? null : DropReason.ARP_NOT_FOR_US;
    }

    private boolean isGoodSender(long mac, int ip) {
        if (!MacAddress.isUnicast(mac) || mac == nic.port().mac()) {
            return false;
        }
        long lo = IpAddress.v4(ip);
        return !IpAddress.isMulticast(0, lo)
                && !IpAddress.isLoopback(0, lo)
                && ip >>> 28 != 0xf
                && !nic.isDirectedBroadcast(0, lo);
    }

    /**
     * RFC 826, "Packet Reception": "If the pair [protocol type, sender protocol address] is already in my translation
     * table, update the sender hardware address field of the entry ... Am I the target protocol address? ... If
     * Merge_flag is false, add the triplet".
     *
     * @return true if an entry was there
     */
    private boolean merge(boolean request, boolean forUs, long senderMac, int senderIp, long nowNs) {
        long lo = IpAddress.v4(senderIp);
        Neighbor neighbor = neighbors.find(nic.index(), 0, lo);
        if (neighbor != null) {
            if (forUs && !request) {
                neighbors.onSolicitedReply(neighbor, senderMac, nowNs);
            } else {
                neighbors.update(neighbor, senderMac, nowNs);
            }
            return true;
        }
        // A reply that nobody asked for makes no entry: it serves only those who would poison the cache.
        if (forUs && request && nic.isOnLink(0, lo)) {
            neighbors.learn(this, nic.index(), 0, lo, senderMac, nowNs);
        }
        return false;
    }

    private DropReason reply(long theirMac, int theirIp, int ourIp, long nowNs) {
        if (!replies.take(nowNs)) {
            return DropReason.ARP_RATE_LIMITED;
        }
        if (send(theirMac, ArpPacket.REPLY, ourIp, theirMac, theirIp)) {
            counters.count(StackCounter.ARP_REPLIES_OUT);
        }
        return null;
    }

    @Override
    public void solicit(long hi, long lo, long unicastMac, long nowNs) {
        LocalAddress source = nic.sourceFor(hi, lo);
        request(source == null ? 0 : (int) source.lo, (int) lo, unicastMac);
    }

    /** Asks who has an address, all or one station. False when there is no room for the packet. */
    boolean request(int senderIp, int targetIp, long unicastMac) {
        long destination = unicastMac == MacAddress.NONE ? MacAddress.BROADCAST : unicastMac;
        boolean queued = send(destination, ArpPacket.REQUEST, senderIp, 0, targetIp);
        if (queued) {
            counters.count(StackCounter.ARP_REQUESTS_OUT);
        }
        return queued;
    }

    /** RFC 5227, 1.1: an ARP Request "with an all-zero 'sender IP address'". */
    void sendProbe(int ip, long nowNs) {
        request(0, ip, MacAddress.NONE);
    }

    /** RFC 5227, 2.3: as a probe, "except that now the sender and target IP addresses are both set" to ours. */
    void sendAnnouncement(int ip, long nowNs) {
        request(ip, ip, MacAddress.NONE);
    }

    private boolean send(long to, int operation, int ourIp, long theirMac, int theirIp) {
        // RFC 3927, 2.5: "All ARP packets (*replies* as well as requests) that contain a Link-Local 'sender IP
        // address' MUST be sent using link-layer broadcast".
        long destination = IpAddress.isLinkLocalV4(ourIp) ? MacAddress.BROADCAST : to;
        Frame frame = pending.acquire(ArpPacket.LENGTH);
        if (frame == null) {
            return false;
        }
        int at = frame.append(ArpPacket.LENGTH);
        ArpPacket.put(frame.buffer(), at, operation, nic.port().mac(), ourIp, theirMac, theirIp);
        return pending.addLink(frame, nic.port(), destination, EthernetHeader.TYPE_ARP);
    }
}
