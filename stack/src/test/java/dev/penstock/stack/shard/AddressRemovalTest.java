package dev.penstock.stack.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.penstock.stack.ip.AddressTerms;
import dev.penstock.stack.ip.IpLayer;
import dev.penstock.stack.ip.Origin;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.udp.UdpEndpoint;
import dev.penstock.stack.udp.UdpHandler;
import dev.penstock.stack.wire.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** What becomes of those who are bound to an address when it goes. */
class AddressRemovalTest {
    private static final IpPrefix LEASED = IpPrefix.parse("192.0.2.77/24");
    private static final int PORT = 7;

    private final List<String> told = new ArrayList<>();

    private TcpConnection connect(ShardPair pair, IpPrefix from, String name) {
        TcpHandler handler = new TcpHandler() {
            @Override
            public void onConnected(TcpConnection c, long nowNs) {
                told.add(name + " connected");
            }

            @Override
            public void onClosed(TcpConnection c, TcpError why, long nowNs) {
                told.add(name + " " + why);
            }
        };
        long hi = from.address().hi();
        long lo = from.address().lo();
        return pair.a
                .tcp()
                .connect(hi, lo, 0, ShardPair.B.hi(), ShardPair.B.lo(), PORT, new TcpOptions(), handler, pair.nowNs);
    }

    @Test
    void connectionsOfTheLeaseEndWithItAndTheOthersLiveOn() {
        try (ShardPair pair = new ShardPair()) {
            pair.b.tcp().listen(0, 0, PORT, 8, new TcpOptions(), (acceptor, now) -> {});
            IpLayer ip = pair.a.ip();
            ip.addresses().put(ip.interfaceAt(0), LEASED, AddressTerms.lease(Origin.DHCP, 60, pair.nowNs), pair.nowNs);
            connect(pair, LEASED, "leased");
            TcpConnection other = connect(pair, IpPrefix.parse("192.0.2.1/24"), "other");
            pair.runUntil(() -> told.size() == 2);
            pair.runUntil(() -> told.size() == 3);
            assertEquals("leased " + TcpError.ADDRESS_NOT_AVAILABLE, told.get(2));
            assertEquals(61_000_000_000L, pair.nowNs);
            assertEquals(1, pair.a.tcp().connections());
            assertEquals(ShardPair.A.lo(), other.localLo());
            assertNull(connect(pair, LEASED, "late"), "there is no such source any more");
        }
    }

    @Test
    void aDatagramSocketKeepsItsPlaceAndWorksWhenTheAddressComesAgain() {
        try (ShardPair pair = new ShardPair()) {
            IpLayer ip = pair.a.ip();
            ip.addAddress(ip.interfaceAt(0), LEASED, pair.nowNs);
            UdpEndpoint socket = pair.a.openUdp(new UdpHandler() {});
            long hi = LEASED.address().hi();
            long lo = LEASED.address().lo();
            assertEquals(UdpEndpoint.OK, socket.bind(hi, lo, 5353));
            UnsafeBuffer data = new UnsafeBuffer(new byte[4]);
            pair.settle();
            assertEquals(1, Math.abs(send(pair, socket, data)));
            ip.removeAddress(ip.interfaceAt(0), LEASED.address(), pair.nowNs);
            assertEquals(UdpEndpoint.NO_ROUTE, send(pair, socket, data));
            ip.addAddress(ip.interfaceAt(0), LEASED, pair.nowNs);
            assertEquals(1, Math.abs(send(pair, socket, data)));
        }
    }

    private static int send(ShardPair pair, UdpEndpoint socket, UnsafeBuffer data) {
        return socket.send(ShardPair.B.hi(), ShardPair.B.lo(), 9, data, 0, 4, pair.nowNs);
    }
}
