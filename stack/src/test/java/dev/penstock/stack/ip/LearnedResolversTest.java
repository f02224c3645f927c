package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.wire.IpAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Name servers and search domains that others told, and for how long. */
class LearnedResolversTest {
    private static final IpAddress ONE = IpAddress.parse("2001:db8::53");
    private static final IpAddress TWO = IpAddress.parse("192.0.2.53");

    private final List<String> told = new ArrayList<>();

    private IpHost host() {
        IpHost host = new IpHost(null);
        host.ip.resolvers().setListener(new LearnedResolvers.Listener() {
            @Override
            public void onServer(LearnedResolvers.Server server, boolean added, long nowNs) {
                told.add((added ? "+" : "-") + server.address());
            }

            @Override
            public void onDomain(LearnedResolvers.Domain domain, boolean added, long nowNs) {
                told.add((added ? "+" : "-") + domain.name());
            }
        });
        return host;
    }

    @Test
    void theyEndWithTheirLifetimesUnlessProlonged() {
        try (IpHost host = host()) {
            LearnedResolvers r = host.ip.resolvers();
            long end = host.now + 10 * IpHost.SECOND;
            assertTrue(r.addServer(host.nic, ONE, Origin.SLAAC, end, host.now));
            assertTrue(r.addServer(host.nic, TWO, Origin.DHCP, end, host.now));
            assertTrue(r.addDomain(host.nic, "example.org", Origin.SLAAC, end, host.now));
            assertTrue(r.addServer(host.nic, TWO, Origin.DHCP, end + IpHost.SECOND, host.now));
            host.advance(10 * IpHost.SECOND);
            assertEquals(
                    List.of(TWO),
                    r.servers().stream().map(LearnedResolvers.Server::address).toList());
            assertEquals(List.of(), r.domains());
            host.advance(IpHost.SECOND);
            assertEquals(List.of("+" + ONE, "+" + TWO, "+example.org", "-" + ONE, "-example.org", "-" + TWO), told);
            assertEquals(0, host.deadlines.size());
        }
    }

    @Test
    void aLifetimeThatIsOverForgetsAndAnOriginTakesBackItsOwn() {
        try (IpHost host = host()) {
            LearnedResolvers r = host.ip.resolvers();
            r.addServer(host.nic, ONE, Origin.SLAAC, AddressTerms.FOREVER, host.now);
            r.addServer(host.nic, ONE, Origin.DHCP, AddressTerms.FOREVER, host.now);
            r.addDomain(host.nic, "example.org", Origin.DHCP, AddressTerms.FOREVER, host.now);
            r.addServer(host.nic, ONE, Origin.SLAAC, host.now, host.now);
            assertEquals(1, r.servers().size());
            assertEquals(Origin.DHCP, r.servers().get(0).origin());
            r.removeOf(host.nic, Origin.DHCP, host.now);
            assertEquals(List.of(), r.servers());
            assertEquals(List.of(), r.domains());
        }
    }

    @Test
    void whoFloodsOneOriginCrowdsOutNoOther() {
        try (IpHost host = host()) {
            LearnedResolvers r = host.ip.resolvers();
            r.addServer(host.nic, TWO, Origin.DHCP, AddressTerms.FOREVER, host.now);
            for (int i = 1; i <= 1000; i++) {
                IpAddress flood = new IpAddress(0x2001_0db8L << 32, i);
                boolean kept = r.addServer(host.nic, flood, Origin.SLAAC, AddressTerms.FOREVER, host.now);
                assertEquals(i <= LearnedResolvers.LIMIT, kept);
                assertEquals(
                        i <= LearnedResolvers.LIMIT,
                        r.addDomain(host.nic, "d" + i + ".example", Origin.SLAAC, AddressTerms.FOREVER, host.now));
            }
            assertEquals(LearnedResolvers.LIMIT + 1, r.servers().size());
            assertEquals(LearnedResolvers.LIMIT, r.domains().size());
            assertEquals(2 * (1000 - LearnedResolvers.LIMIT), host.counters.get(DropReason.RESOLVER_TABLE_FULL));
        }
    }

    @Test
    void whatIsNoNameServerOrDomainIsRefused() {
        try (IpHost host = host()) {
            LearnedResolvers r = host.ip.resolvers();
            for (String bad : List.of("::", "0.0.0.0", "ff02::1", "224.0.0.1")) {
                assertFalse(r.addServer(host.nic, IpAddress.parse(bad), Origin.DHCP, AddressTerms.FOREVER, host.now));
            }
            String label = "a".repeat(63);
            String longest = label + "." + label + "." + label + "." + "a".repeat(61);
            for (String good : List.of("a", "example.org", "_x-1.Example", longest)) {
                assertTrue(LearnedResolvers.isDomain(good), good);
            }
            for (String bad : List.of(
                    "", ".", "a.", ".a", "a..b", "a b", "a\nb", "\u001b[31m", "ä", label + "a", longest + "a")) {
                assertFalse(LearnedResolvers.isDomain(bad), bad);
                assertFalse(r.addDomain(host.nic, bad, Origin.DHCP, AddressTerms.FOREVER, host.now));
            }
        }
    }
}
