package dev.penstock.stack.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.wire.IpAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hosts with several interfaces, and with VLANs on them. */
class MultiHomedTest {
    private static final long SECOND = 1_000_000_000L;

    private final SimulatedNetwork net = SimulatedNetwork.seeded(7);

    @AfterEach
    void nothingLeaks() {
        net.close();
        net.assertNoLeaks();
    }

    /** Hears what connections say, and answers with its name. */
    private static final class Greeter implements TcpHandler {
        final String name;
        final List<String> heard = new ArrayList<>();
        TcpError error;

        Greeter(String name) {
            this.name = name;
        }

        static Greeter on(SimulatedHost host, int port) {
            Greeter g = new Greeter(host.name());
            assertNotNull(host.stack().tcp().listen(0, 0, port, 4, new TcpOptions(), (l, now) -> l.accept(g)));
            return g;
        }

        @Override
        public void onConnected(TcpConnection c, long nowNs) {
            c.write(new UnsafeBuffer(name.getBytes(StandardCharsets.UTF_8)), 0, name.length(), nowNs);
        }

        @Override
        public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
            heard.add(buffer.getStringWithoutLengthUtf8(offset, length));
            return length;
        }

        @Override
        public void onClosed(TcpConnection c, TcpError why, long nowNs) {
            error = why;
        }
    }

    private static TcpConnection connect(SimulatedHost from, String to, int port, int zone, int localPort, Greeter g) {
        IpAddress a = IpAddress.parse(to);
        TcpOptions options = new TcpOptions();
        options.interfaceIndex = zone;
        return from.stack().tcp().connect(0, 0, localPort, a.hi(), a.lo(), port, options, g, from.nowNs());
    }

    @Test
    void connectionsToTheSameLinkLocalAddressOnTwoLinksAreTwo() {
        SimulatedSwitch other = net.newSwitch("other");
        SimulatedHost us = net.newHost("us")
                .address("fe80::1/64")
                .networkInterface("eth1", other, i -> i.address("fe80::1/64"))
                .plugIn();
        SimulatedHost left = net.newHost("left").address("fe80::99/64").plugIn();
        SimulatedHost right = net.newHost("right").address("fe80::99/64").plugInto(other);
        Greeter[] there = {Greeter.on(left, 80), Greeter.on(right, 80)};
        Greeter[] here = {new Greeter("zero"), new Greeter("one")};
        net.run(3 * SECOND);
        for (int i = 0; i < 2; i++) {
            // All four addresses and ports are the same: only the zone tells them apart.
            assertNotNull(connect(us, "fe80::99", 80, i, 5000, here[i]));
        }
        assertNull(connect(us, "fe80::99", 80, 1, 5000, new Greeter("third")));
        net.run(SECOND);
        assertEquals(List.of("left"), here[0].heard);
        assertEquals(List.of("right"), here[1].heard);
        assertEquals(List.of("zero"), there[0].heard);
        assertEquals(List.of("one"), there[1].heard);
    }

    @Test
    void aListenerBoundToAnInterfaceHearsThatOneOnly() {
        SimulatedSwitch other = net.newSwitch("other");
        SimulatedHost us = net.newHost("us")
                .address("192.0.2.1/24")
                .networkInterface("eth1", other, i -> i.address("198.51.100.1/24"))
                .plugIn();
        SimulatedHost left = net.newHost("left").address("192.0.2.2/24").plugIn();
        SimulatedHost right = net.newHost("right").address("198.51.100.2/24").plugInto(other);
        Greeter bound = new Greeter("bound");
        TcpOptions options = new TcpOptions();
        options.interfaceIndex = 1;
        assertNotNull(us.stack().tcp().listen(0, 0, 80, 4, options, (l, now) -> l.accept(bound)));
        Greeter refused = new Greeter("left");
        Greeter taken = new Greeter("right");
        connect(left, "192.0.2.1", 80, -1, 0, refused);
        connect(right, "198.51.100.1", 80, -1, 0, taken);
        net.run(SECOND);
        assertEquals(TcpError.CONNECTION_REFUSED, refused.error);
        assertEquals(List.of("bound"), taken.heard);
    }

    @ParameterizedTest
    @CsvSource({"192.0.2.1, 192.0.2.2", "2001:db8::1, 2001:db8::2"})
    void vlansShareALinkAndHearNothingOfEachOther(String a, String b) {
        String length = a.contains(":") ? "/64" : "/24";
        SimulatedHost us = net.newHost("us")
                .vlan("eth0", 100, i -> i.address(a + length))
                .serviceVlan("eth0", 300, i -> {})
                .vlan("eth0.300", 7, i -> i.address("203.0.113.1/24").address("2001:db8:7::1/64"))
                .plugIn();
        SimulatedHost peer = net.newHost("peer")
                .vlan("eth0", 100, i -> i.address(b + length))
                .plugIn();
        // The same address in another VLAN, and untagged.
        net.newHost("stranger").vlan("eth0", 101, i -> i.address(b + length)).plugIn();
        SimulatedHost untagged = net.newHost("untagged").address(b + length).plugIn();
        SimulatedHost nested = net.newHost("nested")
                .serviceVlan("eth0", 300, i -> {})
                .vlan("eth0.300", 7, i -> i.address("203.0.113.2/24").address("2001:db8:7::2/64"))
                .plugIn();
        net.run(3 * SECOND);
        Streams s = Streams.start(us, peer, 300_000);
        net.runUntil(s::isDone, 10 * SECOND);
        assertTrue(s.isDone() && s.right, "over the VLAN, in segments of the whole MTU");
        Greeter there = Greeter.on(nested, 81);
        Greeter here = new Greeter("here");
        String inner = a.contains(":") ? "2001:db8:7::2" : "203.0.113.2";
        assertNotNull(connect(us, inner, 81, -1, 0, here));
        net.run(SECOND);
        assertEquals(List.of("nested"), here.heard);
        assertEquals(List.of("here"), there.heard);
        assertTrue(untagged.counters().get(DropReason.VLAN_UNKNOWN) > 0, "tagged broadcasts are not its own");
    }

    @Test
    void vlansOverALinkThatLeavesOutChecksums() {
        SimulatedHost us = net.newHost("us")
                .checksumOffload(true)
                .vlan("eth0", 5, i -> i.address("192.0.2.1/24"))
                .plugIn();
        SimulatedHost peer = net.newHost("peer")
                .vlan("eth0", 5, i -> i.address("192.0.2.2/24"))
                .plugIn();
        Streams s = Streams.start(us, peer, 100_000);
        us.transmit().corrupt(0.05);
        net.runUntil(s::isDone, 60 * SECOND);
        assertTrue(s.isDone() && s.right);
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1", "198.51.100.1", "2001:db8::1", "127.0.0.1", "127.9.9.9", "::1"})
    void ownAddressesAreReachedThroughTheLoopback(String address) {
        SimulatedSwitch other = net.newSwitch("other");
        SimulatedHost us = net.newHost("us")
                .address("192.0.2.1/24")
                .networkInterface(
                        "eth1", other, i -> i.address("198.51.100.1/24").address("2001:db8::1/64"))
                .plugIn();
        net.run(3 * SECOND);
        long sent = us.transmit().count(LinkEvent.SENT) + us.end(1).outgoing().count(LinkEvent.SENT);
        Greeter server = Greeter.on(us, 80);
        Greeter client = new Greeter("client");
        assertNotNull(connect(us, address, 80, -1, 0, client));
        net.run(SECOND);
        assertEquals(List.of("us"), client.heard);
        assertEquals(List.of("client"), server.heard);
        assertEquals(
                sent, us.transmit().count(LinkEvent.SENT) + us.end(1).outgoing().count(LinkEvent.SENT));
    }

    @Test
    void interfacesThatContradictEachOtherAreRefused() {
        HostBuilder twice = net.newHost("a")
                .address("192.0.2.1/24")
                .vlan("eth0", 5, i -> {})
                .vlan("eth0", 5, i -> {});
        assertEquals(
                "there is an interface eth0.5 already",
                assertThrows(IllegalArgumentException.class, twice::plugIn).getMessage());
        HostBuilder orphan = net.newHost("b").address("192.0.2.1/24").vlan("eth7", 5, i -> {});
        assertEquals(
                "there is no interface eth7 for a VLAN; there are: eth0",
                assertThrows(IllegalArgumentException.class, orphan::plugIn).getMessage());
        HostBuilder reserved = net.newHost("c").address("192.0.2.1/24").vlan("eth0", 4095, i -> {});
        assertThrows(IllegalArgumentException.class, reserved::plugIn);
    }
}
