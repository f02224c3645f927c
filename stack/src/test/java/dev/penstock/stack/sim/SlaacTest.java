package dev.penstock.stack.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.ip.AddressInfo;
import dev.penstock.stack.ip.IpLayer;
import dev.penstock.stack.ip.IpPath;
import dev.penstock.stack.ip.Origin;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.RouterAdvertisement;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Hosts without any configuration on a network with routers, in virtual time. */
class SlaacTest {
    private static final long SECOND = 1_000_000_000L;
    private static final IpAddress FAR = IpAddress.parse("2001:db8:f::7");

    private static RouterAdvertisement ra(String prefix) {
        return new RouterAdvertisement().lifetime(1800).prefix(prefix, true, true, 7200, 3600);
    }

    private static List<IpAddress> made(SimulatedHost host) {
        IpLayer ip = host.stack().ip();
        return ip.addresses().list(ip.interfaceAt(0)).stream()
                .filter(a -> a.terms().origin() == Origin.SLAAC)
                .map(AddressInfo::prefix)
                .map(p -> p.address())
                .toList();
    }

    /** Pings a far host and says whether it answers within two seconds. */
    private static boolean pings(SimulatedNetwork net, SimulatedHost from) {
        int[] answers = new int[1];
        IpLayer ip = from.stack().ip();
        IpPath path = ip.path(0, 0, FAR.hi(), FAR.lo(), from.nowNs());
        if (path == null) {
            return false;
        }
        int id = ip.openEcho((hi, lo, sequence, buffer, offset, length, ttl, now) -> answers[0]++);
        UnsafeBuffer data = new UnsafeBuffer(new byte[56]);
        for (int i = 0; i < 20 && answers[0] == 0; i++) {
            from.stack().ip().sendEcho(path, id, i, data, 0, 56, 0, 64, false, from.nowNs());
            net.run(SECOND / 10);
        }
        path.release();
        ip.closeEcho(id);
        return answers[0] > 0;
    }

    @Test
    void aNetworkConfiguresItselfAndTheFarHostAnswers() {
        try (SimulatedNetwork net = SimulatedNetwork.seeded(7)) {
            SimulatedSwitch far = net.newSwitch("far");
            SimulatedRouter r = net.newRouter("r");
            r.plugInto(net.lan(), 1500, "fe80::1/64", "2001:db8:1::1/64");
            r.plugInto(far, 1500, "2001:db8:f::1/64");
            net.newHost("server")
                    .address("2001:db8:f::7/64")
                    .gateway("2001:db8:f::1")
                    .plugInto(far);
            RouterAdvertiser advertiser = r.advertise(0, ra("2001:db8:1::/64").nameServers(600, "2001:db8:f::53"))
                    .every(3600 * SECOND);
            net.run(SECOND);
            Set<IpAddress> all = new HashSet<>();
            for (int i = 0; i < 20; i++) {
                SimulatedHost host = net.newHost("h" + i).slaac().plugIn();
                net.run(2 * SECOND);
                assertEquals(1, made(host).size());
                assertTrue(all.add(made(host).get(0)), "no two have the same");
                assertTrue(pings(net, host));
                assertEquals(1, host.stack().ip().resolvers().servers().size());
            }
            assertTrue(advertiser.sent() >= 20, "each asked");
        }
    }

    @Test
    void whenTheRouterEndsTheOtherOneServes() {
        try (SimulatedNetwork net = SimulatedNetwork.seeded(8)) {
            SimulatedSwitch far = net.newSwitch("far");
            SimulatedRouter a = net.newRouter("a");
            a.plugInto(net.lan(), 1500, "fe80::a/64", "2001:db8:1::a/64");
            a.plugInto(far, 1500, "2001:db8:f::a/64");
            SimulatedRouter b = net.newRouter("b");
            b.plugInto(net.lan(), 1500, "fe80::b/64", "2001:db8:1::b/64");
            b.plugInto(far, 1500, "2001:db8:f::b/64");
            SimulatedHost server =
                    net.newHost("server").address("2001:db8:f::7/64").plugInto(far);
            SimulatedHost host = net.newHost("h").slaac().plugIn();
            server.stack()
                    .ip()
                    .addRoute(new dev.penstock.stack.ip.Route(
                            dev.penstock.stack.wire.IpPrefix.parse("2001:db8:1::/64"),
                            IpAddress.parse("2001:db8:f::b"),
                            server.stack().ip().interfaceAt(0),
                            0));
            RouterAdvertiser first = a.advertise(0, ra("2001:db8:1::/64").preference(1));
            b.advertise(0, ra("2001:db8:1::/64"));
            net.run(3 * SECOND);
            long before = a.forwarded();
            assertTrue(pings(net, host));
            assertTrue(a.forwarded() > before, "by the preferred one");
            first.say(ra("2001:db8:1::/64").lifetime(0));
            net.run(SECOND);
            before = a.forwarded();
            assertTrue(pings(net, host));
            assertEquals(before, a.forwarded(), "lifetime 0");
        }
    }

    @Test
    void aPrefixIsReplacedByAnother() {
        try (SimulatedNetwork net = SimulatedNetwork.seeded(9)) {
            SimulatedRouter r = net.newRouter("r");
            r.plugInto(net.lan(), 1500, "fe80::1/64", "2001:db8:1::1/64", "2001:db8:2::1/64");
            SimulatedHost host = net.newHost("h").slaac().plugIn();
            RouterAdvertiser advertiser = r.advertise(0, ra("2001:db8:1::/64"));
            net.run(3 * SECOND);
            IpAddress old = made(host).get(0);
            advertiser.say(new RouterAdvertisement()
                    .lifetime(1800)
                    .prefix("2001:db8:1::/64", true, true, 0, 0)
                    .prefix("2001:db8:2::/64", true, true, 9000, 9000));
            net.run(3 * SECOND);
            assertEquals(2, made(host).size(), "the old one lives on for two hours");
            IpPath path = host.stack().ip().path(0, 0, FAR.hi(), FAR.lo(), host.nowNs());
            assertFalse(old.hi() == path.srcHi(), "but not for what is new");
            path.release();
            advertiser.stop();
            net.run(7200 * SECOND);
            assertEquals(1, made(host).size());
            net.run(1800 * SECOND);
            assertEquals(List.of(), made(host));
            assertNull(host.stack().ip().path(0, 0, FAR.hi(), FAR.lo(), host.nowNs()));
        }
    }
}
