package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.wire.ArpPacket;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.MacAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Claiming addresses, noticing that others have them, and defending them. */
class Rfc5227Test {
    private static final int US = Packets.ip("192.0.2.1");
    private static final byte[] PROBE = Packets.arp(ArpPacket.REQUEST, IpHost.MAC, 0, 0, US);
    private static final byte[] ANNOUNCEMENT = Packets.arp(ArpPacket.REQUEST, IpHost.MAC, US, 0, US);

    private static List<String> listen(IpHost host) {
        List<String> told = new ArrayList<>();
        host.ip.addAddressListener(new AddressListener() {
            @Override
            public void onUsable(IpInterface nic, IpAddress address, long nowNs) {
                told.add("usable " + address);
            }

            @Override
            public void onConflict(IpInterface nic, IpAddress address, long mac, boolean lost, long nowNs) {
                told.add((lost ? "lost " : "defended ") + address + " " + MacAddress.format(mac));
            }
        });
        return told;
    }

    private static void conflict(IpHost host) {
        host.peerSends(
                MacAddress.BROADCAST,
                EthernetHeader.TYPE_ARP,
                Packets.arp(ArpPacket.REQUEST, IpHost.PEER_MAC, US, 0, IpHost.PEER));
    }

    @Requirement("RFC5227:2.3-2")
    @Test
    void withoutProbingTheAddressIsUsedAtOnceAndAnnouncedTwice() {
        try (IpHost host = new IpHost("192.0.2.1/24")) {
            assertTrue(host.ip.isLocalAddress(0, IpAddress.v4(US)));
            host.turn();
            assertArrayEquals(ANNOUNCEMENT, host.expect(MacAddress.BROADCAST, EthernetHeader.TYPE_ARP));
            host.advance(2 * IpHost.SECOND - 1);
            host.expectNothing();
            host.advance(1);
            assertArrayEquals(ANNOUNCEMENT, host.expect(MacAddress.BROADCAST, EthernetHeader.TYPE_ARP));
            host.advance(100 * IpHost.SECOND);
            host.expectNothing();
        }
    }

    @Requirement({"RFC5227:1.1-1", "RFC5227:2.1-1", "RFC5227:2.1.1-1", "RFC5227:2.1.1-2", "RFC5227:2.3-1"})
    @Test
    void probingTakesThreeProbesThenTwoAnnouncements() {
        try (IpHost host = new IpHost(null, c -> c.probe = true)) {
            List<String> told = listen(host);
            long start = host.now;
            host.ip.addAddress(host.nic, IpPrefix.parse("192.0.2.1/24"), host.now);
            List<Long> times = new ArrayList<>();
            List<byte[]> frames = new ArrayList<>();
            while (frames.size() < 5 && host.now < start + 20 * IpHost.SECOND) {
                assertEquals(frames.size() > 3, host.ip.isLocalAddress(0, IpAddress.v4(US)));
                host.advance(10 * IpHost.MS);
                while (!host.device.sent.isEmpty()) {
                    times.add(host.now - start);
                    frames.add(host.expect(MacAddress.BROADCAST, EthernetHeader.TYPE_ARP));
                }
            }
            for (int i = 0; i < 5; i++) {
                assertArrayEquals(i < 3 ? PROBE : ANNOUNCEMENT, frames.get(i), "frame " + i);
            }
            long slack = 11 * IpHost.MS;
            assertTrue(times.get(0) <= IpHost.SECOND + slack);
            for (int i = 1; i < 3; i++) {
                long gap = times.get(i) - times.get(i - 1);
                assertTrue(gap >= IpHost.SECOND - slack && gap <= 2 * IpHost.SECOND + slack, "gap " + gap);
            }
            assertEquals(2.0, (times.get(3) - times.get(2)) / 1e9, 0.02);
            assertEquals(2.0, (times.get(4) - times.get(3)) / 1e9, 0.02);
            assertEquals(List.of("usable 192.0.2.1"), told);
        }
    }

    @Requirement("RFC5227:2.1.1-3")
    @Test
    void anAnswerToAProbeMeansThatTheAddressIsTaken() {
        try (IpHost host = new IpHost(null, c -> c.probe = true)) {
            List<String> told = listen(host);
            host.ip.addAddress(host.nic, IpPrefix.parse("192.0.2.1/24"), host.now);
            host.advance(IpHost.SECOND);
            host.device.sent.clear();
            host.peerSends(
                    IpHost.MAC,
                    EthernetHeader.TYPE_ARP,
                    Packets.arp(ArpPacket.REPLY, IpHost.PEER_MAC, US, IpHost.MAC, 0));
            assertEquals(List.of("lost 192.0.2.1 02:00:00:00:00:02"), told);
            host.advance(20 * IpHost.SECOND);
            host.expectNothing();
            assertFalse(host.ip.isLocalAddress(0, IpAddress.v4(US)));
            assertEquals(0, host.nic.addressCount());
        }
    }

    @Requirement("RFC5227:2.1.1-4")
    @Test
    void twoWhoProbeForTheSameAddressBothYield() {
        try (IpHost host = new IpHost(null, c -> c.probe = true)) {
            List<String> told = listen(host);
            host.ip.addAddress(host.nic, IpPrefix.parse("192.0.2.1/24"), host.now);
            host.peerSends(
                    MacAddress.BROADCAST,
                    EthernetHeader.TYPE_ARP,
                    Packets.arp(ArpPacket.REQUEST, IpHost.PEER_MAC, 0, 0, US));
            assertEquals(List.of("lost 192.0.2.1 02:00:00:00:00:02"), told);
        }
    }

    @Requirement("RFC5227:2.6-1")
    @Test
    void aProbeForOurAddressIsAnswered() {
        try (IpHost host = IpHost.ready()) {
            host.peerSends(
                    MacAddress.BROADCAST,
                    EthernetHeader.TYPE_ARP,
                    Packets.arp(ArpPacket.REQUEST, IpHost.PEER_MAC, 0, 0, US));
            assertArrayEquals(
                    Packets.arp(ArpPacket.REPLY, IpHost.MAC, US, IpHost.PEER_MAC, 0),
                    host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_ARP));
            assertEquals(0, host.count(StackCounter.ARP_CONFLICTS));
        }
    }

    @Requirement({"RFC5227:2.4-1", "RFC5227:2.4-4"})
    @Test
    void aConflictIsDefendedOnceInTenSeconds() {
        try (IpHost host = IpHost.ready()) {
            List<String> told = listen(host);
            conflict(host);
            assertArrayEquals(ANNOUNCEMENT, host.expect(MacAddress.BROADCAST, EthernetHeader.TYPE_ARP));
            conflict(host);
            host.advance(9 * IpHost.SECOND);
            conflict(host);
            host.expectNothing();
            host.advance(IpHost.SECOND);
            conflict(host);
            host.expect(MacAddress.BROADCAST, EthernetHeader.TYPE_ARP);
            assertEquals(4, host.count(StackCounter.ARP_CONFLICTS));
            assertEquals(4, told.size());
            assertTrue(host.ip.isLocalAddress(0, IpAddress.v4(US)), "the policy is to keep it");
        }
    }

    @Requirement({"RFC5227:2.4-3", "RFC5227:2.4-5"})
    @Test
    void withTheOtherPolicyTheSecondConflictEndsIt() {
        try (IpHost host = IpHost.ready(c -> c.conflictPolicy = IpConfig.ConflictPolicy.DEFEND_ONCE)) {
            List<String> told = listen(host);
            IpPath path = host.path("192.0.2.2");
            assertEquals(1, Rfc826Test.send(host, path));
            host.device.sent.clear();
            conflict(host);
            host.expect(MacAddress.BROADCAST, EthernetHeader.TYPE_ARP);
            host.advance(11 * IpHost.SECOND);
            host.device.sent.clear();
            conflict(host);
            host.expect(MacAddress.BROADCAST, EthernetHeader.TYPE_ARP);
            conflict(host);
            host.expectNothing();
            assertEquals("lost 192.0.2.1 02:00:00:00:00:02", told.get(2));
            assertFalse(host.ip.isLocalAddress(0, IpAddress.v4(US)));
            assertEquals(IpOutput.NO_ROUTE, Rfc826Test.send(host, path));
            path.release();
        }
    }
}
