package dev.penstock.stack.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.ip.IcmpError;
import dev.penstock.stack.udp.UdpEndpoint;
import dev.penstock.stack.udp.UdpHandler;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two LANs with a router in between, or two: real stacks on both sides. */
class RouterTest {
    private static final long MS = 1_000_000;
    private static final long SECOND = 1_000 * MS;
    private static final int PORT = 9;

    private final SimulatedNetwork net = SimulatedNetwork.seeded(3);
    private final SimulatedSwitch right = net.newSwitch("right");
    private final SimulatedRouter router = net.newRouter("r");
    private final SimulatedLink toRight;

    RouterTest() {
        router.plugInto(net.lan(), 1500, "192.0.2.254/24", "2001:db8:1::fe/64");
        toRight = router.plugInto(right, 1500, "198.51.100.254/24", "2001:db8:2::fe/64");
    }

    @AfterEach
    void nothingLeaks() {
        net.close();
        net.assertNoLeaks();
    }

    private SimulatedHost left(int family) {
        HostBuilder host = net.newHost("left" + family);
        return family == 4
                ? host.address("192.0.2.1/24").gateway("192.0.2.254").plugIn()
                : host.address("2001:db8:1::1/64").gateway("2001:db8:1::fe").plugIn();
    }

    private SimulatedHost right(int family) {
        HostBuilder host = net.newHost("right" + family);
        return family == 4
                ? host.address("198.51.100.1/24").gateway("198.51.100.254").plugInto(right)
                : host.address("2001:db8:2::1/64").gateway("2001:db8:2::fe").plugInto(right);
    }

    /** A UDP socket that remembers what it hears. */
    private final class Socket implements UdpHandler {
        final List<String> heard = new ArrayList<>();
        final SimulatedHost host;
        final UdpEndpoint udp;

        Socket(SimulatedHost host) {
            this.host = host;
            udp = host.stack().openUdp(this);
            udp.bind(0, 0, PORT);
        }

        void send(SimulatedHost to, int length) {
            long hi = to.address().hi();
            UnsafeBuffer data = new UnsafeBuffer(new byte[length]);
            while (udp.send(hi, to.address().lo(), PORT, data, 0, length, host.nowNs()) == UdpEndpoint.UNRESOLVED) {
                net.run(10 * MS);
            }
        }

        @Override
        public void onDatagram(
                DirectBuffer b, int at, int length, long hi, long lo, int port, long toHi, long toLo, long nowNs) {
            heard.add("datagram of " + length);
        }

        @Override
        public void onError(IcmpError.Kind kind, long hi, long lo, int port, int mtu, long nowNs) {
            heard.add(kind + (mtu > 0 ? " " + mtu : ""));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 6})
    void streamsPassBothWays(int family) {
        SimulatedHost a = left(family);
        SimulatedHost b = right(family);
        net.run(5 * SECOND);
        Streams there = Streams.start(a, b, 500_000);
        Streams back = Streams.start(b, a, 500_000);
        assertTrue(net.runUntil(() -> there.isDone() && back.isDone(), 60 * SECOND));
        assertTrue(there.right && back.right);
        assertTrue(router.forwarded() > 700, "forwarded " + router.forwarded());
        for (RouterDrop reason : RouterDrop.values()) {
            // What hosts say to a group of their link goes no further.
            assertTrue(reason == RouterDrop.NOT_FORWARDABLE || router.count(reason) == 0, reason.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 6})
    void theTtlIsCountedDownAndTheSenderIsToldWhereItEnded(int family) {
        SimulatedHost a = left(family);
        SimulatedHost b = right(family);
        net.run(5 * SECOND);
        Socket from = new Socket(a);
        Socket to = new Socket(b);
        from.udp.setTtl(1);
        from.send(b, 10);
        net.run(SECOND);
        assertEquals(List.of("TTL_EXCEEDED"), from.heard);
        assertEquals(1, router.count(RouterDrop.TTL_EXCEEDED));
        assertEquals(List.of(), to.heard);
        from.udp.setTtl(2);
        from.send(b, 10);
        net.run(SECOND);
        assertEquals(List.of("datagram of 10"), to.heard);
        assertEquals(1, router.count(RouterDrop.TTL_EXCEEDED));
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 6})
    void aSmallerMtuOnTheWayIsFoundByTcp(int family) {
        SimulatedHost a = left(family);
        SimulatedHost b = right(family);
        toRight.mtu(1300);
        net.run(5 * SECOND);
        Streams s = Streams.start(a, b, 300_000);
        assertTrue(net.runUntil(s::isDone, 60 * SECOND), "received " + s.received);
        assertTrue(s.right);
        assertTrue(router.count(RouterDrop.TOO_BIG) > 0);
        assertEquals(0, toRight.aToB().count(LinkEvent.TOO_LONG), "the router keeps to its link's MTU");
    }

    @Test
    void aRouterThatIsSilentIsABlackHole() {
        SimulatedHost a = left(4);
        SimulatedHost b = right(4);
        toRight.mtu(1300);
        router.silent(true);
        net.run(5 * SECOND);
        Socket from = new Socket(a);
        Socket to = new Socket(b);
        from.udp.setDontFragment(true);
        from.send(b, 1400);
        net.run(SECOND);
        assertEquals(List.of(), from.heard);
        router.silent(false);
        from.send(b, 1400);
        net.run(SECOND);
        assertEquals(List.of("TOO_BIG 1300"), from.heard);
        assertEquals(2, router.count(RouterDrop.TOO_BIG));
        assertEquals(List.of(), to.heard);
    }

    @Test
    void anIpv4PacketThatAllowsItIsFragmented() {
        SimulatedHost a = left(4);
        SimulatedHost b = right(4);
        toRight.mtu(600);
        net.run(5 * SECOND);
        Socket from = new Socket(a);
        Socket to = new Socket(b);
        from.udp.setDontFragment(false);
        long before = toRight.aToB().count(LinkEvent.SENT);
        from.send(b, 1400);
        net.run(SECOND);
        assertEquals(List.of("datagram of 1400"), to.heard);
        // 1,408 bytes behind the header, 576 a packet.
        assertEquals(3, toRight.aToB().count(LinkEvent.SENT) - before - resolutions());
        assertEquals(0, router.count(RouterDrop.TOO_BIG));
    }

    /** The router asked for the right host's address once, if it had not been told. */
    private int resolutions() {
        return toRight.bToA().count(LinkEvent.DELIVERED) > 0 ? 1 : 0;
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 6})
    void aHostThatIsNotThereIsUnreachable(int family) {
        SimulatedHost a = left(family);
        SimulatedHost b = right(family);
        b.link().cut(true);
        net.run(5 * SECOND);
        Socket from = new Socket(a);
        for (int i = 0; i < 20; i++) {
            from.send(b, 10);
        }
        net.run(10 * SECOND);
        assertEquals(16, router.count(RouterDrop.UNREACHABLE));
        assertEquals(4, router.count(RouterDrop.QUEUE_FULL));
        assertTrue(from.heard.contains("HOST_UNREACHABLE"), from.heard.toString());
        net.heal();
        Socket to = new Socket(b);
        from.send(b, 10);
        net.run(SECOND);
        assertEquals(List.of("datagram of 10"), to.heard);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 6})
    void whatNoRouteLeadsToIsUnreachable(int family) {
        SimulatedHost a = left(family);
        net.run(5 * SECOND);
        SimulatedNetwork other = SimulatedNetwork.seeded(1);
        SimulatedHost elsewhere = other.host("x", family == 4 ? "203.0.113.1/24" : "2001:db8:77::1/64");
        Socket from = new Socket(a);
        from.send(elsewhere, 10);
        net.run(SECOND);
        assertEquals(List.of("NET_UNREACHABLE"), from.heard);
        assertEquals(1, router.count(RouterDrop.NO_ROUTE));
        other.close();
    }

    @Test
    void theLongestPrefixDecides() {
        SimulatedRouter wide = net.newRouter("wide");
        SimulatedRouter narrow = net.newRouter("narrow");
        wide.plugInto(right, 1500, "198.51.100.2/24");
        narrow.plugInto(right, 1500, "198.51.100.3/24");
        router.route("203.0.0.0/8", "198.51.100.2");
        router.route("203.0.113.0/24", "198.51.100.3");
        router.route("0.0.0.0/0", "198.51.100.2");
        SimulatedSwitch far = net.newSwitch("far");
        wide.plugInto(far, 1500, "203.0.5.254/24");
        narrow.plugInto(far, 1500, "203.0.113.254/24");
        for (SimulatedRouter r : List.of(wide, narrow)) {
            r.route("0.0.0.0/0", "198.51.100.254");
        }
        SimulatedHost a = left(4);
        SimulatedHost w =
                net.newHost("w").address("203.0.5.1/24").gateway("203.0.5.254").plugInto(far);
        SimulatedHost n = net.newHost("n")
                .address("203.0.113.1/24")
                .gateway("203.0.113.254")
                .plugInto(far);
        net.run(5 * SECOND);
        Socket from = new Socket(a);
        Socket toWide = new Socket(w);
        Socket toNarrow = new Socket(n);
        from.send(w, 10);
        from.send(n, 20);
        net.run(SECOND);
        assertEquals(List.of("datagram of 10"), toWide.heard);
        assertEquals(List.of("datagram of 20"), toNarrow.heard);
        assertEquals(1, wide.forwarded());
        assertEquals(1, narrow.forwarded());
        toNarrow.send(a, 30);
        net.run(SECOND);
        assertEquals(List.of("datagram of 30"), from.heard);
    }

    @Test
    void twoRoutersThatPointAtEachOtherEndByTheTtl() {
        SimulatedRouter second = net.newRouter("second");
        second.plugInto(right, 1500, "198.51.100.2/24");
        router.route("203.0.113.0/24", "198.51.100.2");
        second.route("0.0.0.0/0", "198.51.100.254");
        SimulatedHost a = left(4);
        net.run(5 * SECOND);
        Socket from = new Socket(a);
        SimulatedNetwork other = SimulatedNetwork.seeded(1);
        from.udp.setTtl(20);
        from.send(other.host("x", "203.0.113.1/24"), 10);
        net.run(SECOND);
        assertEquals(List.of("TTL_EXCEEDED"), from.heard);
        assertEquals(19, router.forwarded() + second.forwarded() - 1, "19 times, and the error once");
        other.close();
    }

    @Test
    void aPartitionHoldsThroughARouter() {
        SimulatedHost a = left(4);
        SimulatedHost b = right(4);
        net.run(5 * SECOND);
        Socket from = new Socket(a);
        Socket to = new Socket(b);
        net.partition(b);
        from.send(b, 10);
        net.run(10 * SECOND);
        assertEquals(List.of(), to.heard);
        net.heal();
        from.send(b, 11);
        net.run(SECOND);
        assertEquals(List.of("datagram of 11"), to.heard);
    }

    @Test
    void refusesNonsense() {
        assertThrows(IllegalArgumentException.class, () -> router.route("203.0.113.0/24", "203.0.113.1"));
        SimulatedLink link = net.link(1500);
        assertThrows(IllegalArgumentException.class, () -> router.plugInto(link.a()));
        SimulatedLink foreign = SimulatedNetwork.seeded(1).link(1500);
        assertThrows(IllegalArgumentException.class, () -> router.plugInto(foreign.a(), "10.0.0.1/8"));
    }
}
