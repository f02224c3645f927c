package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.RouterAdvertisement;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Advertisements, redirects and their options, cut, changed and made up: counted or heeded, never a fault. */
class AdvertisementFuzzTest {
    private static final String R1 = RaHost.R1;

    private static byte[] full() {
        return new RouterAdvertisement()
                .lifetime(1800)
                .hopLimit(64)
                .timers(30_000, 1_000)
                .linkAddress(RaHost.R1_MAC)
                .mtu(1400)
                .prefix("2001:db8:1::/64", true, true, 9000, 9000)
                .route("2001:db8:5::/48", 1, 9000)
                .nameServers(600, "2001:db8::53", "2001:db8::54")
                .searchDomains(600, "example.org", "a.b.c.example")
                .toPacket(Packets6.ip(R1), IpAddress.ALL_NODES);
    }

    private static void isSound(RaHost h) {
        assertTrue(h.routers().size() <= AdvertisedConfiguration.MAX_ROUTERS);
        assertTrue(h.made().size() <= AdvertisedConfiguration.MAX_ADDRESSES);
        assertTrue(h.host.nic.mtuV6() >= 1280 && h.host.nic.mtuV6() <= 1500);
        for (AddressInfo a : h.made()) {
            assertTrue(a.terms().preferredUntilNs() <= a.terms().validUntilNs());
            assertEquals(64, a.prefix().length());
        }
        for (LearnedResolvers.Domain d : h.host.ip.resolvers().domains()) {
            assertTrue(LearnedResolvers.isDomain(d.name()), d.name());
        }
    }

    @Test
    void everyTruncation() {
        byte[] whole = full();
        for (int length = 0; length <= whole.length; length++) {
            try (RaHost h = RaHost.settled()) {
                byte[] cut = Arrays.copyOf(whole, length);
                if (length >= 44) {
                    cut[4] = (byte) (length - 40 >> 8);
                    cut[5] = (byte) (length - 40);
                    RaHost.mendChecksum(cut);
                }
                h.host.peerSends(0x3333_0000_0001L, 0x86dd, cut);
                isSound(h);
                boolean atAnOption =
                        length == 56 || h.host.count(dev.penstock.stack.base.StackCounter.NDP_ROUTER_ADVERTS_IN) > 0;
                assertEquals(atAnOption, !h.routers().isEmpty(), length + " bytes");
            }
        }
    }

    @Property(tries = 300)
    void anyChange(@ForAll long seed) {
        Random random = new Random(seed);
        try (RaHost h = RaHost.settled()) {
            for (int i = 0; i < 20; i++) {
                byte[] packet = random.nextInt(4) == 0
                        ? RaHost.redirect(R1, "ff02::1", RaHost.R2, RaHost.FAR, RaHost.R2_MAC)
                        : full();
                int changes = random.nextInt(6);
                for (int c = 0; c < changes; c++) {
                    packet[44 + random.nextInt(packet.length - 44)] = (byte) random.nextInt();
                }
                packet[40] = random.nextInt(8) == 0 ? (byte) (133 + random.nextInt(5)) : packet[40];
                RaHost.mendChecksum(packet);
                Packets6.receive(h.host, packet);
                h.host.advance(random.nextInt(4) == 0 ? random.nextInt(2000) * IpHost.SECOND : 0);
                h.hop(RaHost.FAR);
                isSound(h);
            }
        }
    }

    @Property(tries = 300)
    void anyOptions(@ForAll long seed) {
        Random random = new Random(seed);
        int[] types = {1, 2, 3, 4, 5, 14, 24, 25, 31, 200};
        try (RaHost h = RaHost.settled()) {
            for (int i = 0; i < 20; i++) {
                RouterAdvertisement ra = new RouterAdvertisement()
                        .lifetime(random.nextInt(65_536))
                        .hopLimit(random.nextInt(256))
                        .preference(random.nextInt(4));
                for (int o = random.nextInt(6); o > 0; o--) {
                    byte[] option = new byte[8 * (1 + random.nextInt(5))];
                    random.nextBytes(option);
                    option[0] = (byte) types[random.nextInt(types.length)];
                    option[1] = (byte) (random.nextInt(10) == 0 ? random.nextInt() : option.length / 8);
                    ra.raw(option);
                }
                h.hear("fe80::" + Integer.toHexString(1 + random.nextInt(40)), ra);
                h.host.advance(random.nextInt(100) * IpHost.SECOND);
                isSound(h);
            }
        }
    }
}
