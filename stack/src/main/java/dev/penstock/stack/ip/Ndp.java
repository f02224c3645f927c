package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.neighbor.Neighbor;
import dev.penstock.stack.neighbor.NeighborCache;
import dev.penstock.stack.neighbor.NeighborConfig;
import dev.penstock.stack.neighbor.NeighborResolver;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.Icmpv6Header;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv6Header;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.NdpMessage;
import dev.penstock.stack.wire.NdpOption;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Neighbour discovery of a host on one interface (RFC 4861): answers, asks for the neighbour cache, and feeds it. */
final class Ndp implements NeighborResolver {
    private static final int LONGEST_MESSAGE = NdpMessage.NEIGHBOR_LENGTH + 8;

    private final IpInterface nic;
    private final NeighborCache neighbors;
    private final DuplicateDetection duplicates;
    private final PendingQueue pending;
    private final Counters counters;
    private final TokenBucket replies;
    private final RouterDiscovery discovery;
    private final Redirects redirects;

    Ndp(
            IpInterface nic,
            NeighborCache neighbors,
            DuplicateDetection duplicates,
            RouterDiscovery discovery,
            Redirects redirects,
            PendingQueue pending,
            Counters counters,
            IpConfig config) {
        this.nic = nic;
        this.neighbors = neighbors;
        this.duplicates = duplicates;
        this.discovery = discovery;
        this.redirects = redirects;
        this.pending = pending;
        this.counters = counters;
        this.replies = new TokenBucket(config.ndpRepliesPerSecond, config.ndpReplyBurst);
    }

    /** A message of neighbour discovery came in, its checksum right. Null, or why it went no further. */
    DropReason onMessage(IpPacket packet, int type, long nowNs) {
        // RFC 6980, 5: "Nodes MUST silently ignore the following Neighbor Discovery ... messages if the packets
        // carrying them include an IPv6 Fragmentation Header".
        if (packet.fragmented) {
            return DropReason.NDP_FRAGMENTED;
        }
        // RFC 4861, 7.1.1: "The IP Hop Limit field has a value of 255, i.e., the packet could not possibly have been
        // forwarded by a router."
        if (packet.ttl != NdpMessage.HOP_LIMIT) {
            return DropReason.NDP_BAD_HOP_LIMIT;
        }
        DropReason bad = NdpMessage.check(packet.buffer, packet.payloadOffset, packet.payloadLength, type);
        if (bad != null) {
            return bad;
        }
        return switch (type) {
            case Icmpv6Header.NEIGHBOR_SOLICITATION -> onSolicitation(packet, nowNs);
            case Icmpv6Header.NEIGHBOR_ADVERTISEMENT -> onAdvertisement(packet, nowNs);
            case Icmpv6Header.REDIRECT -> onRedirect(packet, nowNs);
            case Icmpv6Header.ROUTER_ADVERTISEMENT -> discovery.onAdvertisement(packet, nowNs);
            // 6.2.6: "A host MUST silently discard any received Router Solicitation messages."
            default -> DropReason.NDP_ROUTER_IGNORED;
        };
    }

    private DropReason onSolicitation(IpPacket packet, long nowNs) {
        counters.count(StackCounter.NDP_SOLICITS_IN);
        DirectBuffer buffer = packet.buffer;
        int at = packet.payloadOffset;
        int options = at + NdpMessage.NEIGHBOR_LENGTH;
        int end = at + packet.payloadLength;
        long targetHi = NdpMessage.targetHi(buffer, at);
        long targetLo = NdpMessage.targetLo(buffer, at);
        boolean fromNobody = IpAddress.isAny(packet.srcHi, packet.srcLo);
        // 7.1.1: "If the IP source address is the unspecified address, the IP destination address is a solicited-node
        // multicast address ... there is no source link-layer address option in the message."
        boolean badProbe = fromNobody
                && (!isSolicitedNode(packet.dstHi, packet.dstLo)
                        || NdpOption.find(buffer, options, end, NdpOption.SOURCE_LINK_ADDRESS) >= 0);
        if (badProbe || IpAddress.isMulticast(targetHi, targetLo)) {
            return DropReason.NDP_MALFORMED;
        }
        LocalAddress target = nic.find(targetHi, targetLo);
        if (target == null) {
            return DropReason.NDP_NOT_FOR_US;
        }
        if (fromNobody) {
            // RFC 4862, 5.4.3: "If the source address of the Neighbor Solicitation is the unspecified address, the
            // solicitation is from a node performing Duplicate Address Detection."
            if (target.tentative) {
                return duplicates.onProbe(target, nonce(buffer, options, end), packet.linkSource, nowNs);
            }
            IpAddress all = IpAddress.ALL_NODES;
            return answer(target, all.hi(), all.lo(), MacAddress.forIpv6Multicast(all.lo()), false, nowNs);
        }
        if (!target.usable) {
            return DropReason.NDP_NOT_FOR_US;
        }
        long mac = NdpOption.linkAddress(buffer, options, end, NdpOption.SOURCE_LINK_ADDRESS);
        // What claims an address outside of our networks is answered, but not remembered.
        if (mac != MacAddress.NONE && mac != nic.port().mac() && nic.isOnLink(packet.srcHi, packet.srcLo)) {
            neighbors.learn(this, nic.index(), packet.srcHi, packet.srcLo, mac, nowNs);
        }
        return answer(target, packet.srcHi, packet.srcLo, macFor(packet, mac), true, nowNs);
    }

    private static long nonce(DirectBuffer buffer, int options, int end) {
        int option = NdpOption.find(buffer, options, end, NdpOption.NONCE);
        boolean ofOurLength = option >= 0 && NdpOption.length(buffer, option) == 2 + NdpOption.NONCE_BYTES;
        return ofOurLength ? NdpOption.nonce(buffer, option) : -1;
    }

    /** RFC 4861, section 8.1; the source and what is redirected are left to {@link Redirects}. */
    private DropReason onRedirect(IpPacket packet, long nowNs) {
        DirectBuffer buffer = packet.buffer;
        int at = packet.payloadOffset;
        long targetHi = NdpMessage.targetHi(buffer, at);
        long targetLo = NdpMessage.targetLo(buffer, at);
        long dstHi = NdpMessage.destinationHi(buffer, at);
        long dstLo = NdpMessage.destinationLo(buffer, at);
        boolean toItself = targetHi == dstHi && targetLo == dstLo;
        // "IP Source Address is a link-local address ... The ICMP Destination Address field in the redirect message
        // does not contain a multicast address. The ICMP Target Address is either a link-local address (when
        // redirected to a router) or the same as the ICMP Destination Address (when redirected to the on-link
        // destination)."
        if (!IpAddress.isLinkLocalV6(packet.srcHi)
                || IpAddress.isMulticast(dstHi, dstLo)
                || IpAddress.isMulticast(targetHi, targetLo)
                || !(toItself || IpAddress.isLinkLocalV6(targetHi))) {
            return DropReason.NDP_MALFORMED;
        }
        int options = at + NdpMessage.fixedLength(Icmpv6Header.REDIRECT);
        long mac = NdpOption.linkAddress(buffer, options, at + packet.payloadLength, NdpOption.TARGET_LINK_ADDRESS);
        if (mac == nic.port().mac()) {
            return DropReason.NDP_MALFORMED;
        }
        DropReason refused = redirects.onRedirect(nic, packet.srcHi, packet.srcLo, dstHi, dstLo, targetHi, targetLo);
        if (refused == null && mac != MacAddress.NONE) {
            neighbors.learn(this, nic.index(), targetHi, targetLo, mac, nowNs);
        }
        Neighbor target = neighbors.find(nic.index(), targetHi, targetLo);
        if (refused == null && target != null && !toItself) {
            // 8.3: "If the Target Address is not the same as the Destination Address, the host MUST set IsRouter to
            // TRUE for the target."
            target.setRouter(true);
        }
        return refused;
    }

    /** Where an answer goes: what the question tells, or what we know, or whence it came. */
    private long macFor(IpPacket packet, long told) {
        if (told != MacAddress.NONE) {
            return told;
        }
        Neighbor known = neighbors.find(nic.index(), packet.srcHi, packet.srcLo);
        return known != null && known.mac() != MacAddress.NONE ? known.mac() : packet.linkSource;
    }

    private static boolean isSolicitedNode(long hi, long lo) {
        return hi == IpAddress.SOLICITED_NODE_HI && lo >>> 24 == 0x1ff;
    }

    private DropReason onAdvertisement(IpPacket packet, long nowNs) {
        counters.count(StackCounter.NDP_ADVERTS_IN);
        DirectBuffer buffer = packet.buffer;
        int at = packet.payloadOffset;
        int options = at + NdpMessage.NEIGHBOR_LENGTH;
        long hi = NdpMessage.targetHi(buffer, at);
        long lo = NdpMessage.targetLo(buffer, at);
        boolean solicited = NdpMessage.isSolicited(buffer, at);
        // 7.1.2: "If the IP Destination Address is a multicast address the Solicited flag is zero."
        if (IpAddress.isMulticast(hi, lo) || (packet.toGroup && solicited)) {
            return DropReason.NDP_MALFORMED;
        }
        LocalAddress ours = nic.find(hi, lo);
        if (ours != null) {
            duplicates.onDuplicate(ours, packet.linkSource, nowNs);
            return DropReason.NDP_DUPLICATE;
        }
        Neighbor neighbor = neighbors.find(nic.index(), hi, lo);
        // 7.2.5: "If no entry exists, the advertisement SHOULD be silently discarded."
        if (neighbor == null) {
            return DropReason.NDP_UNMATCHED;
        }
        long mac = NdpOption.linkAddress(buffer, options, at + packet.payloadLength, NdpOption.TARGET_LINK_ADDRESS);
        if (mac == nic.port().mac()) {
            return DropReason.NDP_MALFORMED;
        }
        boolean taken = neighbors.onAdvertisement(neighbor, mac, solicited, NdpMessage.isOverride(buffer, at), nowNs);
        if (taken && neighbor.isRouter() != NdpMessage.isRouter(buffer, at)) {
            neighbor.setRouter(NdpMessage.isRouter(buffer, at));
            if (!neighbor.isRouter()) {
                // 7.2.5: "In those cases where the IsRouter flag changes from TRUE to FALSE as a result of this
                // update, the node MUST remove that router from the Default Router List".
                discovery.onNoRouter(hi, lo, nowNs);
            }
        }
        return null;
    }

    private DropReason answer(LocalAddress target, long toHi, long toLo, long toMac, boolean solicited, long nowNs) {
        if (!replies.take(nowNs)) {
            return DropReason.NDP_RATE_LIMITED;
        }
        Frame frame = begin();
        if (frame != null) {
            int at = frame.start() + Ipv6Header.LENGTH;
            // RFC 4429, 3.3: "the Override flag is cleared" while the address is optimistic.
            boolean override = !target.tentative;
            int length = NdpMessage.putAdvertisement(
                    frame.buffer(),
                    at,
                    solicited,
                    override,
                    target.hi,
                    target.lo,
                    nic.port().mac());
            if (finish(frame, length, target.hi, target.lo, toHi, toLo, toMac)) {
                counters.count(StackCounter.NDP_ADVERTS_OUT);
            }
        }
        return null;
    }

    @Override
    public void solicit(long hi, long lo, long unicastMac, long nowNs) {
        // RFC 4429, 3.2: "A node MUST NOT use an Optimistic Address as the source address of a Neighbor Solicitation."
        LocalAddress source = SourceSelection.chooseVerified(nic, hi, lo);
        if (source == null) {
            return;
        }
        long mac = nic.port().mac();
        boolean toAll = unicastMac == MacAddress.NONE;
        long toHi = toAll ? IpAddress.SOLICITED_NODE_HI : hi;
        long toLo = toAll ? IpAddress.solicitedNodeLo(lo) : lo;
        sendSolicitation(
                source.hi, source.lo, toHi, toLo, hi, lo, mac, toAll ? MacAddress.forIpv6Multicast(toLo) : unicastMac);
    }

    /** RFC 4862, 5.4.2: asks whether anybody has this address, without having one. */
    void probe(LocalAddress address, long nonce) {
        Frame frame = begin();
        if (frame == null) {
            return;
        }
        long toLo = IpAddress.solicitedNodeLo(address.lo);
        int at = frame.start() + Ipv6Header.LENGTH;
        int length = NdpMessage.putProbe(frame.buffer(), at, address.hi, address.lo, nonce);
        long toMac = MacAddress.forIpv6Multicast(toLo);
        if (finish(frame, length, 0, 0, IpAddress.SOLICITED_NODE_HI, toLo, toMac)) {
            counters.count(StackCounter.NDP_SOLICITS_OUT);
        }
    }

    /** Tells the routers of an address of ours, without being asked (RFC 9131); replaces nothing that they know. */
    void announce(LocalAddress address) {
        Frame frame = begin();
        if (frame == null) {
            return;
        }
        IpAddress routers = IpAddress.ALL_ROUTERS;
        int at = frame.start() + Ipv6Header.LENGTH;
        int length = NdpMessage.putAdvertisement(
                frame.buffer(),
                at,
                false,
                false,
                address.hi,
                address.lo,
                nic.port().mac());
        long toMac = MacAddress.forIpv6Multicast(routers.lo());
        if (finish(frame, length, address.hi, address.lo, routers.hi(), routers.lo(), toMac)) {
            counters.count(StackCounter.NDP_ADVERTS_OUT);
        }
    }

    /** RFC 4861, 6.3.7: asks all routers for an advertisement. */
    void solicitRouters() {
        Frame frame = begin();
        if (frame == null) {
            return;
        }
        IpAddress routers = IpAddress.ALL_ROUTERS;
        LocalAddress source = SourceSelection.choose(nic, routers.hi(), routers.lo());
        boolean named = source != null && IpAddress.isLinkLocalV6(source.hi);
        // RFC 4861, 4.1: the option "MUST NOT be included if the Source Address is the unspecified address"; RFC
        // 4429, 3.2: nor while the source is optimistic.
        long mac = named && !source.tentative ? nic.port().mac() : MacAddress.NONE;
        int at = frame.start() + Ipv6Header.LENGTH;
        int length = NdpMessage.putRouterSolicitation(frame.buffer(), at, mac);
        long srcHi = named ? source.hi : 0;
        long srcLo = named ? source.lo : 0;
        long toMac = MacAddress.forIpv6Multicast(routers.lo());
        if (finish(frame, length, srcHi, srcLo, routers.hi(), routers.lo(), toMac)) {
            counters.count(StackCounter.NDP_ROUTER_SOLICITS_OUT);
        }
    }

    /**
     * Where packets to a neighbour go that must not be asked for now. RFC 4429, 3.2: "It SHOULD forward the packet to a default
     * router on the link in the hope that the packet will be redirected."
     *
     * @return the router's link address, or {@link Neighbor#UNRESOLVED} when they are to wait
     */
    long meanwhile(RouteTable routes, long hi, long lo) {
        if (IpAddress.isLinkLocalV6(hi) || canSolicit(hi, lo)) {
            return Neighbor.UNRESOLVED;
        }
        for (int i = 0; i < routes.size(); i++) {
            Route route = routes.at(i).route;
            IpAddress gateway = route.gateway();
            if (route.nic() == nic && route.destination().length() == 0 && gateway != null && !gateway.isV4()) {
                Neighbor router = neighbors.find(nic.index(), gateway.hi(), gateway.lo());
                if (router != null && router.mac() != MacAddress.NONE) {
                    return router.mac();
                }
            }
        }
        return Neighbor.UNRESOLVED;
    }

    /**
     * RFC 4429, 3.2: "When a node has a unicast packet to send from an Optimistic Address to a neighbor, but does not know the
     * neighbor's link-layer address, it MUST NOT perform Address Resolution ... Otherwise, it SHOULD buffer the packet until
     * DAD is complete." A verified address asks in its place; without any address nothing is worth waiting for.
     */
    @Override
    public boolean canSolicit(long hi, long lo) {
        return SourceSelection.chooseVerified(nic, hi, lo) != null || SourceSelection.choose(nic, hi, lo) == null;
    }

    @Override
    public long retransTimerNs(NeighborConfig config) {
        return discovery.retransTimerNs(config.retransTimerNs());
    }

    @Override
    public long baseReachableNs(NeighborConfig config) {
        return discovery.reachableTimeNs(config.baseReachableNs());
    }

    @Override
    public boolean isPatient() {
        return true;
    }

    private void sendSolicitation(
            long srcHi, long srcLo, long toHi, long toLo, long targetHi, long targetLo, long mac, long toMac) {
        Frame frame = begin();
        if (frame == null) {
            return;
        }
        int at = frame.start() + Ipv6Header.LENGTH;
        int length = NdpMessage.putSolicitation(frame.buffer(), at, targetHi, targetLo, mac);
        if (finish(frame, length, srcHi, srcLo, toHi, toLo, toMac)) {
            counters.count(StackCounter.NDP_SOLICITS_OUT);
        }
    }

    private Frame begin() {
        Frame frame = pending.acquire(Ipv6Header.LENGTH + LONGEST_MESSAGE);
        if (frame != null) {
            frame.append(Ipv6Header.LENGTH);
        }
        return frame;
    }

    /** Header and checksum for a message of {@code length} bytes, and into the queue. */
    private boolean finish(Frame frame, int length, long srcHi, long srcLo, long dstHi, long dstLo, long toMac) {
        int ip = frame.start();
        int at = frame.append(length);
        UnsafeBuffer buffer = frame.buffer();
        Ipv6Header.put(buffer, ip, 0, 0, length, IpProtocol.ICMPV6, NdpMessage.HOP_LIMIT, srcHi, srcLo, dstHi, dstLo);
        int pseudo = InternetChecksum.pseudoHeader(srcHi, srcLo, dstHi, dstLo, IpProtocol.ICMPV6, length);
        Icmpv6Header.putChecksum(buffer, at, length, pseudo);
        if (!pending.addLink(frame, nic.port(), toMac, EthernetHeader.TYPE_IPV6)) {
            return false;
        }
        counters.count(StackCounter.ICMP_OUT_MSGS);
        return true;
    }
}
