package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.Icmpv6Header;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv6Extension;
import dev.penstock.stack.wire.Ipv6Header;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.MldMessage;
import dev.penstock.stack.wire.Wire;

/** MLD of one interface on the wire (RFC 2710, section 3; RFC 3810, section 5). */
final class MldMessages extends GroupMessages {
    /** With the hop-by-hop header. */
    private static final int IP_HEADERS = Ipv6Header.LENGTH + Ipv6Extension.MIN_LENGTH;

    private static final int HOP_LIMIT = 1;

    MldMessages(IpInterface nic, PendingQueue pending, Counters counters) {
        super(nic, pending, counters);
    }

    @Override
    int width() {
        return 16;
    }

    @Override
    boolean isActive() {
        return nic.hasV6();
    }

    @Override
    boolean isReportable(long hi, long lo) {
        // RFC 3810, 6: "The link-scope all-nodes multicast address, (FF02::1), is handled as a special case ... no
        // MLD messages are ever sent regarding neither the link-scope all-nodes multicast address, nor any multicast
        // address of scope 0 (reserved) or 1 (node-local)."
        boolean allNodes = hi == IpAddress.ALL_NODES.hi() && lo == IpAddress.ALL_NODES.lo();
        return !allNodes && IpAddress.multicastScope(hi) > 1;
    }

    @Override
    int headers() {
        return IP_HEADERS + MldMessage.REPORT_V2_LENGTH;
    }

    @Override
    void sendRecords(Frame frame, int records) {
        Icmpv6Header.put(frame.buffer(), frame.start() + IP_HEADERS, MldMessage.V2_REPORT, 0, records);
        send(frame, MldMessage.ALL_V2_ROUTERS.hi(), MldMessage.ALL_V2_ROUTERS.lo());
    }

    @Override
    void sendPlain(int version, boolean leave, long hi, long lo) {
        int length = IP_HEADERS + MldMessage.LENGTH;
        Frame frame = begin(length, length);
        if (frame == null) {
            return;
        }
        int type = leave ? MldMessage.DONE : MldMessage.V1_REPORT;
        MldMessage.put(frame.buffer(), frame.start() + IP_HEADERS, type, hi, lo);
        send(frame, leave ? IpAddress.ALL_ROUTERS.hi() : hi, leave ? IpAddress.ALL_ROUTERS.lo() : lo);
    }

    private void send(Frame frame, long dstHi, long dstLo) {
        // RFC 3810, 5.2.13: "An MLDv2 Report MUST be sent with a valid IPv6 link-local source address, or the
        // unspecified address (::), if the sending interface has not acquired a valid link-local address yet."
        LocalAddress from = linkLocal();
        long srcHi = from == null ? 0 : from.hi;
        long srcLo = from == null ? 0 : from.lo;
        int at = frame.start();
        int length = frame.headLength() - Ipv6Header.LENGTH;
        Ipv6Header.put(
                frame.buffer(), at, 0, 0, length, Ipv6Extension.HOP_BY_HOP, HOP_LIMIT, srcHi, srcLo, dstHi, dstLo);
        int options = at + Ipv6Header.LENGTH;
        // RFC 2711: type 5, two bytes, 0: "Datagram contains a Multicast Listener Discovery message"; then PadN of 2.
        Wire.u16(frame.buffer(), options, IpProtocol.ICMPV6 << 8);
        Wire.u32(frame.buffer(), options + 2, 0x0502_0000);
        Wire.u16(frame.buffer(), options + 6, 0x0100);
        int message = frame.headLength() - IP_HEADERS;
        int pseudo = InternetChecksum.pseudoHeader(srcHi, srcLo, dstHi, dstLo, IpProtocol.ICMPV6, message);
        Icmpv6Header.putChecksum(frame.buffer(), at + IP_HEADERS, message, pseudo);
        if (pending.addLink(frame, nic.port(), MacAddress.forIpv6Multicast(dstLo), EthernetHeader.TYPE_IPV6)) {
            counters.count(StackCounter.ICMP_OUT_MSGS);
        }
    }

    /** A link-local address that is surely ours alone, or null. */
    private LocalAddress linkLocal() {
        for (int i = 0; i < nic.addressCount(); i++) {
            LocalAddress a = nic.local(i);
            if (a.usable && !a.tentative && IpAddress.isLinkLocalV6(a.hi)) {
                return a;
            }
        }
        return null;
    }

    @Override
    DropReason limited() {
        return DropReason.MLD_RATE_LIMITED;
    }

    @Override
    StackCounter reportsOut() {
        return StackCounter.MLD_REPORTS_OUT;
    }

    @Override
    StackCounter leavesOut() {
        return StackCounter.MLD_DONES_OUT;
    }
}
