package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.neighbor.Neighbor;
import dev.penstock.stack.neighbor.NeighborCache;
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

    Ndp(
            IpInterface nic,
            NeighborCache neighbors,
            DuplicateDetection duplicates,
            PendingQueue pending,
            Counters counters,
            IpConfig config) {
        this.nic = nic;
        this.neighbors = neighbors;
        this.duplicates = duplicates;
        this.pending = pending;
        this.counters = counters;
        this.replies = new TokenBucket(config.ndpRepliesPerSecond, config.ndpReplyBurst);
    }

    /** A message of neighbour discovery came in, its checksum right. Null, or why it went no further. */
    DropReason onMessage(IpPacket packet, int type, long nowNs) {
        // RFC 6980, 5: "Nodes MUST silently ignore the following Neighbor Discovery ... messages if the packets
        // carrying
        // them include an IPv6 Fragmentation Header".
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
            // RFC 4861, 8.3 would follow a redirect; anyone on the link can forge one, so routes stay as configured.
            case Icmpv6Header.REDIRECT -> DropReason.NDP_REDIRECT_IGNORED;
            case Icmpv6Header.ROUTER_ADVERTISEMENT -> {
                counters.count(StackCounter.NDP_ROUTER_ADVERTS_IN);
                yield DropReason.NDP_ROUTER_IGNORED;
            }
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
                duplicates.onDuplicate(target, packet.linkSource, nowNs);
                return DropReason.NDP_DUPLICATE;
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
        neighbors.onAdvertisement(neighbor, mac, solicited, NdpMessage.isOverride(buffer, at), nowNs);
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
        LocalAddress source = SourceSelection.choose(nic, hi, lo);
        if (source == null) {
            return;
        }
        // RFC 4429, 3.2: an optimistic address must not get into the caches of others: no source link-layer address.
        long mac = source.tentative ? MacAddress.NONE : nic.port().mac();
        boolean toAll = unicastMac == MacAddress.NONE;
        long toHi = toAll ? IpAddress.SOLICITED_NODE_HI : hi;
        long toLo = toAll ? IpAddress.solicitedNodeLo(lo) : lo;
        sendSolicitation(
                source.hi, source.lo, toHi, toLo, hi, lo, mac, toAll ? MacAddress.forIpv6Multicast(toLo) : unicastMac);
    }

    /** RFC 4862, 5.4.2: asks whether anybody has this address, without having one. */
    void probe(LocalAddress address) {
        long toLo = IpAddress.solicitedNodeLo(address.lo);
        long toMac = MacAddress.forIpv6Multicast(toLo);
        sendSolicitation(0, 0, IpAddress.SOLICITED_NODE_HI, toLo, address.hi, address.lo, MacAddress.NONE, toMac);
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
