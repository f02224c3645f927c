package dev.penstock.stack.blocking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.device.MemoryWire;
import dev.penstock.stack.tcp.TcpOption;
import dev.penstock.stack.wire.IpAddress;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Zones of endpoints as users write and see them: two links, a neighbour fe80::99 on each. */
@Timeout(30)
class ZoneTest {
    private final ThreadParker parker = new ThreadParker();
    private final MemoryWire[] wires = {wire(), wire()};
    private final PenstockStack us = PenstockStack.builder()
            .networkInterface("eth0", wires[0].a(), i -> i.address("fe80::1/64").address("192.0.2.1/24"))
            .networkInterface("eth1", wires[1].a(), i -> i.address("fe80::1/64").address("198.51.100.1/24"))
            .start();
    private final PenstockStack[] peers = {
        PenstockStack.builder().device(wires[0].b()).address("fe80::99/64").start(),
        PenstockStack.builder().device(wires[1].b()).address("fe80::99/64").start()
    };

    private MemoryWire wire() {
        return MemoryWire.builder().parkers(parker, new ThreadParker()).build();
    }

    @AfterEach
    void close() {
        us.close();
        for (PenstockStack peer : peers) {
            peer.close();
        }
    }

    @Test
    void connectionsGoToTheNeighbourOfTheirZone() throws Exception {
        assertEquals(List.of("eth0", "eth1"), us.interfaces());
        for (int i = 0; i < 2; i++) {
            try (TcpListener listener = peers[i].listen(7);
                    TcpSocket s = us.connect("fe80::99%eth" + i, 7);
                    TcpSocket accepted = listener.accept()) {
                assertEquals("[fe80::99%eth" + i + "]:7", s.getRemoteAddress().toString());
                assertEquals("fe80::1", s.getLocalAddress().address().toString());
                assertEquals("eth" + i, s.getLocalAddress().zone());
                // The peer's own name for its link.
                assertEquals("eth0", accepted.getRemoteAddress().zone());
            }
        }
    }

    @Test
    void datagramsTellTheirZoneAndGoToIt() throws Exception {
        try (UdpSocket any = us.udpSocket(9);
                UdpSocket second = us.udpSocket(Endpoint.of("::%eth1", 10));
                UdpSocket zero = peers[0].udpSocket(9);
                UdpSocket one = peers[1].udpSocket(9)) {
            assertEquals("[::%eth1]:10", second.getLocalAddress().toString());
            byte[] data = {1};
            zero.send(data, 0, 1, Endpoint.of("fe80::1", 9));
            assertEquals("[fe80::99%eth0]:9", any.receive(new byte[9]).from().toString());
            one.send(data, 0, 1, Endpoint.of("fe80::1", 9));
            Endpoint from = any.receive(new byte[9]).from();
            assertEquals("[fe80::99%eth1]:9", from.toString());
            any.send(data, 0, 1, from);
            assertEquals(1, one.receive(new byte[9]).length());
            // Bound to an interface: what comes by the other one is not for it.
            one.send(data, 0, 1, Endpoint.of("fe80::1", 10));
            assertEquals(1, second.receive(new byte[9]).length());
            zero.connect(Endpoint.of("fe80::1", 10));
            zero.send(data, 0, 1);
            zero.setSoTimeout(2000);
            assertThrows(java.net.PortUnreachableException.class, () -> zero.receive(new byte[9]));
        }
    }

    @Test
    void pingsGoToTheZone() throws Exception {
        try (PingSocket ping = us.pingSocket()) {
            for (String zone : List.of("eth1", "eth0", "2")) {
                ping.bindToInterface(zone);
                assertTrue(ping.ping(IpAddress.parse("fe80::99"), 8, 3000).isReply());
            }
            assertThrows(SocketException.class, () -> ping.bindToInterface("eth9"));
        }
    }

    @Test
    void anInterfaceThatIsNotThereIsNamedWithThoseThatAre() {
        String said = assertThrows(SocketException.class, () -> us.connect("fe80::99%eth7", 7))
                .getMessage();
        assertEquals("No such interface: eth7 (there are: eth0, eth1)", said);
        assertThrows(SocketException.class, () -> us.udpSocket(Endpoint.of("::%3", 1)));
        assertThrows(SocketException.class, () -> us.listen("::%0", 7, 1));
    }

    @Test
    void whatContradictsItselfIsRefused() throws Exception {
        try (TcpSocket s = us.tcpSocket()) {
            s.setOption(TcpOption.SO_BINDTOIFINDEX, 1);
            assertEquals(
                    "Bound to the interface eth0, which is not that of [fe80::99%eth1]:7",
                    assertThrows(SocketException.class, () -> s.connect(Endpoint.of("fe80::99%eth1", 7)))
                            .getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"fe80::1%", "fe80::1%a b", "fe80::1%eth0%1", "%eth0", "fe80::1%an-overlong-name1"})
    void badZonesAreRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> Endpoint.of(text, 1));
    }

    @Test
    void theJdksScopesAreKept() throws Exception {
        byte[] bytes = new byte[16];
        bytes[0] = (byte) 0xfe;
        bytes[1] = (byte) 0x80;
        bytes[15] = 1;
        Inet6Address address = Inet6Address.getByAddress(null, bytes, 2);
        assertEquals(
                "[fe80::1%2]:80",
                Endpoint.of(new InetSocketAddress(address, 80)).toString());
        assertEquals(new Endpoint(IpAddress.parse("fe80::1"), 80), Endpoint.of("fe80::1", 80));
    }
}
