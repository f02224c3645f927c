package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.wire.IgmpMessage;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.Ipv6Extension;
import dev.penstock.stack.wire.Ipv6Header;
import dev.penstock.stack.wire.Ipv6Options;
import dev.penstock.stack.wire.MldMessage;
import org.agrona.DirectBuffer;

/** MLD in (RFC 2710, RFC 3810): queries, and the reports of others, checked and passed on. */
final class Mld {
    private final Counters counters;
    private final GroupQuery query = new GroupQuery();

    Mld(Counters counters) {
        this.counters = counters;
        query.width = 16;
    }

    /** A message of {@link MldMessage} came, its checksum right. Null, or why it went no further. */
    DropReason onMessage(IpPacket packet, int type, long nowNs) {
        DropReason bad = MldMessage.check(packet.buffer, packet.payloadOffset, packet.payloadLength);
        if (bad != null) {
            return bad;
        }
        if (packet.nic == null) {
            return DropReason.MLD_IGNORED;
        }
        return switch (type) {
            case MldMessage.QUERY -> {
                counters.count(StackCounter.MLD_QUERIES_IN);
                yield onQuery(packet, nowNs);
            }
            case MldMessage.V1_REPORT -> {
                counters.count(StackCounter.MLD_REPORTS_IN);
                yield onReport(packet, nowNs);
            }
            // For routers.
            default -> DropReason.MLD_IGNORED;
        };
    }

    /**
     * RFC 3810, 6.2: "When a node receives a Query ... it MUST verify" that it comes from a link-local address, that the hop limit
     * is 1, and that there is a router alert; "If any of these checks fails, the packet is dropped."
     */
    private static DropReason check(IpPacket packet) {
        if (!IpAddress.isLinkLocalV6(packet.srcHi)) {
            return DropReason.MLD_BAD_SOURCE;
        }
        if (packet.ttl != 1) {
            return DropReason.MLD_BAD_HOP_LIMIT;
        }
        return hasRouterAlert(packet) ? null : DropReason.MLD_NO_ROUTER_ALERT;
    }

    private static boolean hasRouterAlert(IpPacket packet) {
        int header = packet.headerOffset + Ipv6Header.LENGTH;
        if (Ipv6Header.nextHeader(packet.buffer, packet.headerOffset) != Ipv6Extension.HOP_BY_HOP) {
            return false;
        }
        int end = header + Ipv6Extension.length(packet.buffer, header, Ipv6Extension.HOP_BY_HOP);
        return Ipv6Options.hasRouterAlert(packet.buffer, header + 2, end);
    }

    private DropReason onQuery(IpPacket packet, long nowNs) {
        DropReason bad = check(packet);
        if (bad != null) {
            return bad;
        }
        DirectBuffer buffer = packet.buffer;
        int at = packet.payloadOffset;
        query.groupHi = MldMessage.groupHi(buffer, at);
        query.groupLo = MldMessage.groupLo(buffer, at);
        query.general = query.groupHi == 0 && query.groupLo == 0;
        if (!query.general && query.groupHi >>> 56 != 0xff) {
            return DropReason.MLD_BAD_GROUP;
        }
        // RFC 3810, 8.1: "MLDv1 Query: length = 24 octets", "MLDv2 Query: length >= 28 octets".
        boolean v2 = packet.payloadLength >= MldMessage.QUERY_V2_LENGTH;
        query.version = v2 ? GroupReporter.V3 : GroupReporter.V2;
        int code = MldMessage.maxRespCode(buffer, at);
        query.maxDelayNs = (v2 ? MldMessage.decode(code) : code) * IpConfig.MILLISECOND;
        query.robustness = v2 ? MldMessage.robustness(buffer, at) : 0;
        query.intervalNs = v2 ? IgmpMessage.decode(MldMessage.intervalCode(buffer, at)) * IpConfig.SECOND : 0;
        query.sourceCount = v2 ? MldMessage.sourceCount(buffer, at) : 0;
        query.buffer = buffer;
        query.sourceOffset = at + MldMessage.QUERY_V2_LENGTH;
        packet.nic.groups(false).reporter().onQuery(query, nowNs);
        return null;
    }

    private static DropReason onReport(IpPacket packet, long nowNs) {
        long hi = MldMessage.groupHi(packet.buffer, packet.payloadOffset);
        long lo = MldMessage.groupLo(packet.buffer, packet.payloadOffset);
        // RFC 2710, 3.7: a report is sent to the address that it is about; what is forged silences nobody.
        if (hi != packet.dstHi || lo != packet.dstLo) {
            return DropReason.MLD_IGNORED;
        }
        DropReason bad = check(packet);
        if (bad == null) {
            packet.nic.groups(false).reporter().onReport(hi, lo, nowNs);
        }
        return bad;
    }
}
