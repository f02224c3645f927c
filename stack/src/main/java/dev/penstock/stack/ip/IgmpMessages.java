package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IgmpMessage;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.Wire;

/** IGMP of one interface on the wire (RFC 2236, section 2; RFC 3376, section 4). */
final class IgmpMessages extends GroupMessages {
    /** The group of all systems, 224.0.0.1, which nobody reports. */
    static final int ALL_SYSTEMS = 0xe000_0001;

    private static final int ALL_ROUTERS = 0xe000_0002;
    /** 224.0.0.22, where version 3 reports go. */
    private static final int ALL_V3_ROUTERS = 0xe000_0016;
    /** With the option of router alert (RFC 2113). */
    private static final int IP_HEADER = Ipv4Header.MIN_LENGTH + 4;

    /** RFC 2113, 2.1: copied, class 0, number 20; four bytes long; "Router shall examine packet". */
    private static final int ROUTER_ALERT = 0x9404_0000;
    /** RFC 3376, 4: "sent with an IP Time-to-Live of 1, IP Precedence of Internetwork Control (e.g., Type of Service 0xc0)". */
    private static final int TOS = 0xc0;

    private static final int TTL = 1;

    IgmpMessages(IpInterface nic, PendingQueue pending, Counters counters) {
        super(nic, pending, counters);
    }

    @Override
    int width() {
        return 4;
    }

    @Override
    boolean isActive() {
        return true;
    }

    @Override
    boolean isReportable(long hi, long lo) {
        // RFC 3376, 5: "The all-systems multicast address, 224.0.0.1, is handled as a special case ...
        // no IGMP messages are ever sent regarding" it.
        return (int) lo != ALL_SYSTEMS;
    }

    @Override
    int headers() {
        return IP_HEADER + IgmpMessage.LENGTH;
    }

    @Override
    void sendRecords(Frame frame, int records) {
        int at = frame.start() + IP_HEADER;
        IgmpMessage.putReport(frame.buffer(), at, frame.headLength() - IP_HEADER, records);
        send(frame, ALL_V3_ROUTERS);
    }

    @Override
    void sendPlain(int version, boolean leave, long hi, long lo) {
        Frame frame = begin(headers(), headers());
        if (frame == null) {
            return;
        }
        int group = (int) lo;
        int type =
                leave ? IgmpMessage.LEAVE : version == GroupReporter.V1 ? IgmpMessage.V1_REPORT : IgmpMessage.V2_REPORT;
        IgmpMessage.put(frame.buffer(), frame.start() + IP_HEADER, type, group);
        send(frame, leave ? ALL_ROUTERS : group);
    }

    private void send(Frame frame, int destination) {
        // 4.2.13: "A report is sent with a valid IP source address for the destination subnet. The 0.0.0.0
        // source address may be used by a system that has not yet acquired an IP address."
        LocalAddress from = nic.sourceFor(0, IpAddress.v4(destination));
        int source = from == null ? 0 : (int) from.lo;
        int at = frame.start();
        int length = frame.headLength();
        Ipv4Header.put(frame.buffer(), at, TOS, length, 0, Ipv4Header.DF, TTL, IpProtocol.IGMP, source, destination);
        Wire.u8(frame.buffer(), at, 0x40 | IP_HEADER >>> 2);
        Wire.u32(frame.buffer(), at + Ipv4Header.MIN_LENGTH, ROUTER_ALERT);
        Ipv4Header.putChecksum(frame.buffer(), at, IP_HEADER);
        pending.addLink(frame, nic.port(), MacAddress.forIpv4Multicast(destination), EthernetHeader.TYPE_IPV4);
    }

    @Override
    DropReason limited() {
        return DropReason.IGMP_RATE_LIMITED;
    }

    @Override
    StackCounter reportsOut() {
        return StackCounter.IGMP_REPORTS_OUT;
    }

    @Override
    StackCounter leavesOut() {
        return StackCounter.IGMP_LEAVES_OUT;
    }
}
