package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.wire.IgmpMessage;
import dev.penstock.stack.wire.IpAddress;
import org.agrona.DirectBuffer;

/** IGMP in (RFC 3376, sections 4.1 and 7.1; RFC 2236): queries, and the reports of others, checked and passed on. */
final class Igmp implements TransportHandler {
    /** The unit of version 2's Max Response Time and of version 3's Max Resp Code. */
    private static final long TENTH = 100 * IpConfig.MILLISECOND;

    private final IpLayer layer;
    private final Counters counters;
    private final GroupQuery query = new GroupQuery();

    Igmp(IpLayer layer, Counters counters) {
        this.layer = layer;
        this.counters = counters;
        query.width = 4;
    }

    @Override
    public void onPacket(IpPacket packet, long nowNs) {
        DropReason reason = IgmpMessage.check(packet.buffer, packet.payloadOffset, packet.payloadLength);
        if (reason == null) {
            reason = packet.nic == null ? DropReason.IGMP_IGNORED : receive(packet, nowNs);
        }
        if (reason != null) {
            layer.drop(reason);
        }
    }

    private DropReason receive(IpPacket packet, long nowNs) {
        int type = IgmpMessage.type(packet.buffer, packet.payloadOffset);
        switch (type) {
            case IgmpMessage.QUERY -> {
                counters.count(StackCounter.IGMP_QUERIES_IN);
                return onQuery(packet, nowNs);
            }
            case IgmpMessage.V1_REPORT, IgmpMessage.V2_REPORT -> {
                counters.count(StackCounter.IGMP_REPORTS_IN);
                return onReport(packet, nowNs);
            }
            // For routers. RFC 3376, 7.2.2: a host ignores the reports of others in version 3.
            case IgmpMessage.LEAVE, IgmpMessage.V3_REPORT -> {
                return DropReason.IGMP_IGNORED;
            }
            // RFC 3376, 4: "Unrecognized message types MUST be silently ignored."
            default -> {
                return DropReason.IGMP_UNKNOWN_TYPE;
            }
        }
    }

    private DropReason onQuery(IpPacket packet, long nowNs) {
        DirectBuffer buffer = packet.buffer;
        int at = packet.payloadOffset;
        // RFC 3376, 7.1: "IGMPv1 Query: length = 8 octets AND Max Resp Code field is zero", "IGMPv2 Query: length = 8
        // octets AND
        // Max Resp Code field is non-zero", "IGMPv3 Query: length >= 12 octets".
        int code = IgmpMessage.maxRespCode(buffer, at);
        boolean v3 = packet.payloadLength >= IgmpMessage.QUERY_V3_LENGTH;
        query.version = v3 ? GroupReporter.V3 : code == 0 ? GroupReporter.V1 : GroupReporter.V2;
        // 4: IGMP is sent with a TTL of 1: another one came from behind a router.
        if (packet.ttl != 1) {
            return DropReason.IGMP_BAD_TTL;
        }
        // 9.1: hosts ignore queries of versions 2 and 3 without router alert, which snooping switches do not let pass.
        if (query.version != GroupReporter.V1 && !hasRouterAlert(packet)) {
            return DropReason.IGMP_NO_ROUTER_ALERT;
        }
        int group = IgmpMessage.group(buffer, at);
        query.general = group == 0;
        if (!query.general && !IpAddress.isMulticast(0, IpAddress.v4(group))) {
            return DropReason.IGMP_BAD_GROUP;
        }
        query.groupHi = 0;
        query.groupLo = IpAddress.v4(group);
        query.maxDelayNs =
                v3 ? IgmpMessage.decode(code) * TENTH : code == 0 ? GroupReporter.V1_MAX_DELAY : code * TENTH;
        query.robustness = v3 ? IgmpMessage.robustness(buffer, at) : 0;
        query.intervalNs = v3 ? IgmpMessage.decode(IgmpMessage.intervalCode(buffer, at)) * IpConfig.SECOND : 0;
        query.sourceCount = v3 ? IgmpMessage.sourceCount(buffer, at) : 0;
        query.buffer = buffer;
        query.sourceOffset = at + IgmpMessage.QUERY_V3_LENGTH;
        packet.nic.groups(true).reporter().onQuery(query, nowNs);
        return null;
    }

    private static boolean hasRouterAlert(IpPacket packet) {
        return Ipv4Options.hasRouterAlert(packet.buffer, packet.headerOffset, packet.headerLength);
    }

    private static DropReason onReport(IpPacket packet, long nowNs) {
        long group = IpAddress.v4(IgmpMessage.group(packet.buffer, packet.payloadOffset));
        // RFC 2236, 2.4 and 3: a report is sent to the group that it is about.
        if (group != packet.dstLo || packet.ttl != 1) {
            return DropReason.IGMP_IGNORED;
        }
        packet.nic.groups(true).reporter().onReport(0, group, nowNs);
        return null;
    }

    @Override
    public void onIcmpError(IcmpError error, long nowNs) {
        layer.drop(DropReason.ICMP_UNMATCHED);
    }
}
