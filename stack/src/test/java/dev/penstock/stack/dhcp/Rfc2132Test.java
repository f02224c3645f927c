package dev.penstock.stack.dhcp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.dhcp.Messages.Reply;
import dev.penstock.stack.dhcp.Messages.Sent;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** The options: RFC 2132, RFC 3396, RFC 3397, RFC 3442, RFC 4702. */
class Rfc2132Test {
    private final Counters counters = new Counters();

    private static Reply offer() {
        return new Reply(2, 1, ClientLab.MAC).lease("192.0.2.7");
    }

    private DropReason read(byte[] message, DhcpReply reply) {
        return new ReplyReader(counters).read(new UnsafeBuffer(message), 0, message.length, reply);
    }

    private DhcpLease lease(Reply message) {
        DhcpReply reply = new DhcpReply();
        assertNull(read(message.build(), reply));
        return reply.lease;
    }

    private DropReason refusal(Reply message) {
        return read(message.build(), new DhcpReply());
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    @Requirement("RFC2132:1")
    void allThatALeaseHasIsRead() {
        DhcpLease lease = lease(offer().with(3, Messages.addresses("192.0.2.1", "192.0.2.2", "192.0.2.1"))
                .with(6, Messages.addresses("192.0.2.53", "198.51.100.53"))
                .with(15, ascii("example.org"))
                .with(26, 5, 0xdc)
                .with(28, 192, 0, 2, 255)
                .with(42, 192, 0, 2, 123)
                .with(58, Messages.be32(1000))
                .with(59, Messages.be32(2000))
                .with(250, 1, 2, 3));
        assertEquals("192.0.2.7/24", lease.address().toString());
        assertEquals("192.0.2.1", lease.server().toString());
        assertEquals(3600, lease.leaseSeconds());
        assertEquals(1000, lease.renewSeconds());
        assertEquals(2000, lease.rebindSeconds());
        assertEquals("[192.0.2.1, 192.0.2.2]", lease.routers().toString());
        assertEquals("[192.0.2.53, 198.51.100.53]", lease.nameServers().toString());
        assertEquals("example.org", lease.domainName());
        assertEquals(1500, lease.mtu());
        assertEquals("192.0.2.255", lease.broadcast().toString());
        assertEquals("[192.0.2.123]", lease.ntpServers().toString());
        assertEquals(lease, DhcpLease.parse(lease.toText()));
    }

    @Test
    void whatIsNoLeaseIsNotRead() {
        String text = lease(offer()).toText();
        for (String wrong : List.of(
                "",
                "address",
                text + "address 192.0.2.8/24",
                text.replace("address", "adress"),
                text.replace("192.0.2.7/24", "127.0.0.1/8"),
                text.replace("3600", "-1"),
                text + "routes x\n",
                text + "x y\n")) {
            assertThrows(IllegalArgumentException.class, () -> DhcpLease.parse(wrong), wrong);
        }
    }

    @Test
    @Requirement("RFC2132:2")
    @Requirement("RFC2132:3")
    void optionsInTheFileAndNameFieldsAreReadInOrder() {
        byte[] message = offer().with(52, 3).build();
        byte[] inFile = Messages.bytes(6, 4, 192, 0, 2, 53, 255);
        byte[] inName = Messages.bytes(6, 4, 192, 0, 2, 54, 0, 0, 255);
        System.arraycopy(inFile, 0, message, 108, inFile.length);
        System.arraycopy(inName, 0, message, 44, inName.length);
        DhcpReply reply = new DhcpReply();
        assertNull(read(message, reply));
        assertEquals("[192.0.2.53, 192.0.2.54]", reply.lease.nameServers().toString(), "RFC 3396: joined");
        message[108 + 6] = 0;
        Arrays.fill(message, 108 + 6, 108 + 128, (byte) 0);
        assertEquals(DropReason.DHCP_BAD_OPTION, read(message, reply), "the field needs its end");
        assertEquals(DropReason.DHCP_BAD_OPTION, refusal(offer().with(52, 4)));
        assertEquals(DropReason.DHCP_BAD_OPTION, refusal(offer().with(52, 1, 1)));
    }

    @Test
    @Requirement("RFC2132:4")
    void aLongValueComesAsSeveralOptions() {
        StringBuilder names = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            names.append((char) 3)
                    .append("n" + (i < 10 ? "0" + i : i))
                    .append((char) 15)
                    .append("x".repeat(15))
                    .append((char) 0);
        }
        byte[] value = ascii(names.toString());
        assertTrue(value.length > 255);
        List<String> read = lease(offer().with(119, value)).searchDomains();
        assertEquals(8, read.size(), "no more than are kept");
        assertEquals("n07.xxxxxxxxxxxxxxx", read.get(7));
        byte[] written = new byte[1024];
        OptionWriter writer = new OptionWriter(new UnsafeBuffer(written), 0);
        int end = writer.put(119, value).end(0);
        assertEquals(255, written[241] & 0xff);
        assertEquals(value.length - 255, written[240 + 2 + 255 + 1] & 0xff);
        assertEquals(240 + value.length + 4 + 1, end);
    }

    @Test
    @Requirement("RFC2132:5")
    void leasesThatNoHostCanHaveAreRefused() {
        for (String address : List.of(
                "0.0.0.0",
                "0.1.2.3",
                "127.0.0.1",
                "224.0.0.1",
                "255.255.255.255",
                "240.0.0.1",
                "192.0.2.0",
                "192.0.2.255")) {
            assertEquals(DropReason.DHCP_BAD_LEASE, refusal(offer().address(address)), address);
        }
        for (int[] mask : new int[][] {{255, 0, 255, 0}, {0, 0, 0, 0}, {255, 255, 255}, {0, 255, 255, 255}}) {
            assertEquals(DropReason.DHCP_BAD_LEASE, refusal(offer().with(1, mask)), Arrays.toString(mask));
        }
        assertEquals(DropReason.DHCP_BAD_LEASE, refusal(offer().with(51, 0, 0, 0, 0)));
        assertEquals(DropReason.DHCP_BAD_LEASE, refusal(offer().without(51)));
        assertEquals(DropReason.DHCP_BAD_LEASE, refusal(offer().with(51, 1, 2)));
        assertEquals(DropReason.DHCP_BAD_OPTION, refusal(offer().without(54)));
        assertEquals(DropReason.DHCP_BAD_OPTION, refusal(offer().with(54, 127, 0, 0, 1)));
        assertEquals(DropReason.DHCP_BAD_OPTION, refusal(offer().without(53)));
        assertEquals("192.0.2.7/24", lease(offer().without(1)).address().toString());
        assertEquals(
                "10.0.2.7/8",
                lease(offer().without(1).address("10.0.2.7")).address().toString());
        assertEquals(
                "172.16.2.7/16",
                lease(offer().without(1).address("172.16.2.7")).address().toString());
        assertEquals(
                "192.0.2.7/32",
                lease(offer().with(1, 255, 255, 255, 255)).address().toString());
    }

    @Test
    @Requirement("RFC2132:6")
    void whatOnlyAddsSomethingAndIsWrongIsLeftOut() {
        DhcpLease lease = lease(offer().with(3, 198, 51, 100, 1)
                .with(6, 1, 2, 3)
                .with(15, ascii("bad name\n"))
                .with(26, 0, 67)
                .with(42, 224, 0, 0, 1)
                .with(119, 3, 'a', 'b', 'c', 0xc0, 0));
        assertEquals(List.of(), lease.routes(), "not a neighbour");
        assertEquals(List.of(), lease.nameServers());
        assertNull(lease.domainName());
        assertEquals(0, lease.mtu());
        assertEquals(List.of(), lease.ntpServers());
        assertEquals(List.of(), lease.searchDomains(), "a name that points to itself");
        assertEquals(1, counters.get(DropReason.DHCP_BAD_ROUTE));
        assertEquals(5, counters.get(StackCounter.DHCP_OPTIONS_IGNORED));
        assertEquals(
                "example.org", lease(offer().with(15, ascii("example.org\0\0"))).domainName());
    }

    @Test
    @Requirement("RFC2132:7")
    void classlessRoutesTakeThePlaceOfTheRouters() {
        byte[] routes = Messages.bytes(
                0, 192, 0, 2, 1, 8, 10, 192, 0, 2, 2, 25, 198, 51, 100, 129, 192, 0, 2, 2, 24, 203, 0, 113, 0, 0, 0, 0,
                16, 172, 16, 203, 0, 113, 9, 32, 8, 8, 8, 8, 9, 9, 9, 9);
        DhcpLease lease = lease(offer().with(3, 192, 0, 2, 254).with(121, routes));
        assertEquals(
                "[0.0.0.0/0 192.0.2.1, 10.0.0.0/8 192.0.2.2, 198.51.100.128/25 192.0.2.2, 203.0.113.0/24 link,"
                        + " 172.16.0.0/16 203.0.113.9]",
                lease.routes().toString());
        assertEquals(1, counters.get(DropReason.DHCP_BAD_ROUTE), "9.9.9.9 is no neighbour");
        assertEquals(lease, DhcpLease.parse(lease.toText()));
        for (int length = 1; length < 5; length++) {
            DhcpLease without = lease(offer().with(3, 192, 0, 2, 254).with(121, Arrays.copyOf(routes, length)));
            assertEquals("[0.0.0.0/0 192.0.2.254]", without.routes().toString(), "cut to " + length);
        }
    }

    @Test
    void aSingleAddressHasItsRouterOnTheLink() {
        DhcpLease lease = lease(offer().with(1, 255, 255, 255, 255).with(3, 198, 51, 100, 1));
        assertEquals(
                "[198.51.100.1/32 link, 0.0.0.0/0 198.51.100.1]", lease.routes().toString());
    }

    @Test
    @Requirement("RFC2132:8")
    void namesArePointedToWithinTheOption() {
        byte[] list = Messages.bytes(
                3, 'e', 'n', 'g', 5, 'a', 'p', 'p', 'l', 'e', 3, 'c', 'o', 'm', 0, 9, 'm', 'a', 'r', 'k', 'e', 't', 'i',
                'n', 'g', 0xc0, 4);
        assertEquals(
                List.of("eng.apple.com", "marketing.apple.com"),
                lease(offer().with(119, list)).searchDomains());
        assertArrayEquals(Messages.bytes(1, 'a', 2, 'b', 'c', 0), DomainNames.write("a.bc"));
    }

    @Test
    void everyTruncationIsRefused() {
        byte[] message =
                offer().with(3, 192, 0, 2, 1).with(15, ascii("example.org")).build();
        for (int length = 0; length < message.length; length++) {
            DropReason reason = read(Arrays.copyOf(message, length), new DhcpReply());
            assertEquals(length < 240 ? DropReason.DHCP_TRUNCATED : DropReason.DHCP_BAD_OPTION, reason, "to " + length);
        }
        message[236] = 0;
        assertEquals(DropReason.DHCP_BAD_COOKIE, read(message, new DhcpReply()));
    }

    @Test
    @Requirement("RFC2132:9")
    void whatTheClientTellsOfItself() {
        ClientLab plain = ClientLab.started(c -> {
            c.hostName = "printer";
            c.vendorClass = "penstock";
            c.leaseSeconds = 600;
            c.clientIdentifier = Messages.bytes(255, 0, 0, 0, 1, 0, 3, 0, 1, 2, 0, 0, 0, 0, 7);
        });
        Sent discover = plain.expect(1);
        assertArrayEquals(ascii("printer"), discover.options().get(12));
        assertArrayEquals(ascii("penstock"), discover.options().get(60));
        assertArrayEquals(Messages.be32(600), discover.options().get(51));
        assertEquals(255, discover.options().get(61)[0] & 0xff, "RFC 4361");
        assertArrayEquals(Messages.bytes(5, 0xdc), discover.options().get(57));
        String wanted = new String(discover.options().get(55), StandardCharsets.ISO_8859_1);
        assertTrue(wanted.indexOf(121) < wanted.indexOf(3), "RFC 3442");
        Sent named = ClientLab.started(c -> c.hostName = "a.example.org").expect(1);
        assertFalse(named.options().containsKey(12), "RFC 4702: MUST NOT");
        assertArrayEquals(ascii("\5\0\0\1a\7example\3org\0"), named.options().get(81));
        for (String bad : List.of("", "a b", "a..b", "x".repeat(64))) {
            assertThrows(IllegalArgumentException.class, () -> ClientLab.started(c -> c.hostName = bad), bad);
        }
    }
}
