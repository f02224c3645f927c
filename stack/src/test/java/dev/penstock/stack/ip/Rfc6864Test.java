package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.TxOffload;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Identifications and the output side of fragmentation. */
class Rfc6864Test {

    private static int send(IpHost host, IpPath path, int protocol, int length, boolean df) {
        Frame frame = host.large.acquire();
        frame.append(length);
        int result = host.ip.send(frame, path, protocol, 0, 64, df, host.now);
        frame.release();
        return result;
    }

    private static int id(IpHost host) {
        return Ipv4Header.identification(Packets.view(host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV4)), 0);
    }

    @Test
    void atomicDatagramsTellNothing() {
        try (IpHost host = IpHost.ready()) {
            IpPath path = host.path("192.0.2.2");
            for (int i = 0; i < 10; i++) {
                send(host, path, IpProtocol.UDP, 8, true);
                assertEquals(0, id(host));
            }
            path.release();
        }
    }

    @Test
    void othersDoNotRepeatTheirIdentificationUntilAllAreUsed() {
        try (IpHost host = IpHost.ready()) {
            IpPath path = host.path("192.0.2.2");
            Set<Integer> seen = new HashSet<>();
            for (int i = 0; i < 65_536; i++) {
                send(host, path, IpProtocol.UDP, 8, false);
                assertTrue(seen.add(id(host)), "repeated after " + i);
            }
            path.release();
        }
    }

    @Test
    void eachDestinationAndProtocolHasItsOwnSequence() {
        IpIdentifiers ids = new IpIdentifiers(RandomSource.seeded(3));
        int equal = 0;
        for (int i = 0; i < 1000; i++) {
            int a = ids.next(1, i, IpProtocol.UDP, 1);
            equal += a == ids.next(1, i, IpProtocol.ICMP, 1) ? 1 : 0;
            equal += a == ids.next(1, i + 1_000_000, IpProtocol.UDP, 1) ? 1 : 0;
        }
        assertTrue(equal < 5, "sequences look alike: " + equal);
        int first = ids.next(1, 2, 17, 10);
        assertEquals((first + 10) & 0xffff, ids.next(1, 2, 17, 1), "a super-segment takes one for each piece");
        assertNotEquals(first, ids.next(1, 2, 17, 1));
    }

    @Requirement("RFC1122:IP-119")
    @Test
    void fragmentsShareTheIdentificationAndFitTheMtu() {
        try (IpHost host = IpHost.ready()) {
            IpPath path = host.path("192.0.2.2");
            assertEquals(IpOutput.TOO_BIG, send(host, path, IpProtocol.UDP, 1481, true));
            assertEquals(1, send(host, path, IpProtocol.UDP, 1480, true));
            host.expect();
            assertEquals(1, send(host, path, IpProtocol.UDP, 4000, false));
            int id = -1;
            int expectedOffset = 0;
            for (int i = 0; i < 3; i++) {
                byte[] packet = host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV4);
                assertEquals(null, Ipv4Header.check(Packets.view(packet), 0, packet.length));
                id = i == 0 ? Ipv4Header.identification(Packets.view(packet), 0) : id;
                assertEquals(id, Ipv4Header.identification(Packets.view(packet), 0));
                assertEquals(expectedOffset, Ipv4Header.fragmentOffset(Packets.view(packet), 0));
                assertEquals(i < 2, Ipv4Header.moreFragments(Packets.view(packet), 0));
                assertFalse(Ipv4Header.dontFragment(Packets.view(packet), 0));
                expectedOffset += packet.length - 20;
            }
            assertEquals(4000, expectedOffset);
            assertEquals(IpOutput.TOO_BIG, send(host, path, IpProtocol.UDP, 65_516, false));
            path.release();
        }
    }

    @Test
    void fragmentsTheDeviceHasNoRoomForGoLater() {
        try (IpHost host = IpHost.ready()) {
            IpPath path = host.path("192.0.2.2");
            host.device.room = 0;
            assertEquals(0, send(host, path, IpProtocol.UDP, 4000, false));
            assertFalse(host.ip.hasPending());
            host.device.room = 1;
            assertEquals(1, send(host, path, IpProtocol.UDP, 4000, false));
            assertTrue(host.ip.hasPending());
            host.device.room = 10;
            host.turn();
            assertEquals(3, host.device.sent.size());
            assertEquals(2960, Ipv4Header.fragmentOffset(Packets.view(Packets.payload(host.device.sent.getLast())), 0));
            path.release();
        }
    }

    @Test
    void superSegmentsAreNotFragmentedAndReportTheirPieces() {
        try (IpHost host = IpHost.ready()) {
            IpPath path = host.path("192.0.2.2");
            assertEquals(65_535, path.gsoMaxLength());
            host.device.room = 3;
            Frame frame = host.large.acquire();
            frame.append(14_600);
            frame.pushTransport(20);
            frame.tx().checksumNeeded = true;
            frame.tx().csumOffset = 16;
            frame.tx().headerLength = 20;
            frame.tx().gsoType = TxOffload.GSO_TCPV4;
            frame.tx().gsoSize = 1460;
            int start = frame.start();
            assertEquals(3, host.ip.send(frame, path, IpProtocol.TCP, 0, 64, true, host.now));
            assertEquals("true 34 16 1 1460 54", host.device.lastTx);
            assertEquals(start, frame.start(), "the headers below are off again");
            assertEquals(20, frame.tx().headerLength);
            host.device.room = 100;
            assertEquals(10, host.ip.send(frame, path, IpProtocol.TCP, 0, 64, true, host.now));
            frame.tx().headerLength = 20;
            frame.release();
            Frame big = host.large.acquire();
            big.append(14_600);
            big.pushTransport(20);
            big.tx().headerLength = 20;
            big.tx().gsoType = TxOffload.GSO_TCPV4;
            big.tx().gsoSize = 1461;
            assertEquals(IpOutput.TOO_BIG, host.ip.send(big, path, IpProtocol.TCP, 0, 64, true, host.now));
            big.release();
            path.release();
        }
    }
}
