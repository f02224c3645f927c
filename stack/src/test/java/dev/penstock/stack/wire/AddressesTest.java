package dev.penstock.stack.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.RandomSource;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {

    @ParameterizedTest
    @CsvSource({
        // RFC 5952, sections 1, 2 and 4.
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:0db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8::0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:DB8:0:0:1::1, 2001:db8::1:0:0:1",
        "2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001, 2001:db8:aaaa:bbbb:cccc:dddd:eeee:1",
        "2001:db8:0:0:0::1, 2001:db8::1",
        "2001:db8:0:0:0:0:2:1, 2001:db8::2:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:db8::1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "2001:db8:aaaa:bbbb:cccc:dddd:eeee:AAAA, 2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaaa",
        "0:0:0:0:0:0:0:0, ::",
        "0:0:0:0:0:0:0:1, ::1",
        "1:0:0:0:0:0:0:0, 1::",
        "1:2:3:4:5:6:0:0, 1:2:3:4:5:6::",
        "0:0:3:4:5:6:7:8, ::3:4:5:6:7:8",
        "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
        "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
        "::ffff:192.0.2.1, 192.0.2.1",
        "0:0:0:0:0:ffff:c000:201, 192.0.2.1",
        "64:ff9b::192.0.2.33, 64:ff9b::c000:221",
        "1:2:3:4:5:6:1.2.3.4, 1:2:3:4:5:6:102:304",
        "0.0.0.0, 0.0.0.0",
        "255.255.255.255, 255.255.255.255",
    })
    @Requirement("RFC8504:11-1")
    void readsAndPrintsTheCanonicalText(String text, String canonical) {
        IpAddress address = IpAddress.parse(text);
        assertEquals(canonical, address.toString());
        assertEquals(address, IpAddress.parse(canonical));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "1",
                "1.2.3",
                "1.2.3.4.5",
                "1.2.3.256",
                "1.2.3.-1",
                "01.2.3.4",
                "1.2.3.4 ",
                "1..3.4",
                ".1.2.3",
                "1.2.3.4.",
                "0x1.2.3.4",
                "1.2.3.1000",
                "a.b.c.d",
                "example.com",
                ":",
                ":::",
                "1:",
                ":1",
                "1::2::3",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1:2:3:4:5:6:7:8::",
                "::1:2:3:4:5:6:7:8",
                "12345::",
                "g::",
                "::-1",
                "1:2:3:4:5:6:7:",
                ":1:2:3:4:5:6:7",
                "fe80::1%eth0",
                "[::1]",
                "::1.2.3",
                "::1.2.3.4:5",
                "1.2.3.4::",
                "1:2:3:4:5:6:7:1.2.3.4",
                "::1.2.3.256",
                "::+1",
                "1:2:3:4:5:6:7:8 ",
                "١.2.3.4"
            })
    void refusesWhatIsNoAddress(String text) {
        Throwable e = assertThrows(IllegalArgumentException.class, () -> IpAddress.parse(text));
        assertTrue(e.getMessage().contains("'" + text + "'"));
    }

    @Property
    void agreesWithTheJdk(@ForAll long seed) throws UnknownHostException {
        RandomSource r = RandomSource.seeded(seed);
        ByteBuffer b = ByteBuffer.allocate(16);
        for (int i = 0; i < 8; i++) {
            b.putChar((char) (r.nextInt(2) == 0 ? 0 : r.nextInt()));
        }
        IpAddress address = new IpAddress(b.getLong(0), b.getLong(8));
        InetAddress jdk = InetAddress.getByAddress(b.array());
        assertEquals(jdk, InetAddress.getByName(address.toString()));
        assertEquals(address, IpAddress.parse(address.toString()));
        if (!address.isV4()) {
            assertEquals(address, IpAddress.parse(jdk.getHostAddress()));
        }
        assertEquals(jdk.isMulticastAddress(), address.isMulticast());
        assertEquals(jdk.isLoopbackAddress(), address.isLoopback());
        assertEquals(jdk.isAnyLocalAddress(), address.isAny());

        int bits = r.nextInt();
        IpAddress v4 = IpAddress.ofV4(bits);
        InetAddress jdk4 =
                InetAddress.getByAddress(ByteBuffer.allocate(4).putInt(bits).array());
        assertEquals(jdk4.getHostAddress(), v4.toString());
        assertEquals(v4, IpAddress.parse(v4.toString()));
        assertEquals(jdk4.isMulticastAddress(), v4.isMulticast());
        assertEquals(bits, v4.v4Bits());
    }

    @Requirement("RFC8504:6.1-1")
    @Test
    void kinds() {
        assertTrue(IpAddress.ANY.isAny());
        assertTrue(IpAddress.ANY_V4.isAny());
        assertTrue(IpAddress.ANY_V4.isV4());
        assertFalse(IpAddress.ANY.isV4());
        assertFalse(IpAddress.LOOPBACK_V4.isAny());
        assertTrue(IpAddress.LOOPBACK_V4.isLoopback());
        assertTrue(IpAddress.parse("127.255.0.1").isLoopback());
        assertTrue(IpAddress.parse("::1").isLoopback());
        assertFalse(IpAddress.parse("128.0.0.1").isLoopback());
        assertTrue(IpAddress.parse("224.0.0.1").isMulticast());
        assertTrue(IpAddress.parse("239.255.255.255").isMulticast());
        assertFalse(IpAddress.BROADCAST_V4.isMulticast());
        assertTrue(IpAddress.parse("ff02::1").isMulticast());
        assertFalse(IpAddress.parse("fe80::1").isMulticast());
        assertTrue(IpAddress.parse("1.2.3.4").compareTo(IpAddress.parse("200.0.0.0")) < 0);
        assertTrue(IpAddress.parse("ff::").compareTo(IpAddress.parse("ff00::")) < 0);
        assertEquals(0, IpAddress.ANY.compareTo(IpAddress.parse("::")));
    }

    @Property
    void aPrefixContainsWhatSharesItsBits(
            @ForAll long seed, @ForAll boolean v4, @ForAll @IntRange(max = 128) int anyLength) {
        RandomSource r = RandomSource.seeded(seed);
        int width = v4 ? 32 : 128;
        int length = anyLength % (width + 1);
        IpAddress address = v4 ? IpAddress.ofV4(r.nextInt()) : new IpAddress(r.nextLong() | 1L << 63, r.nextLong());
        IpPrefix prefix = new IpPrefix(address, length);
        assertTrue(prefix.contains(address.hi(), address.lo()));
        for (int bit = 0; bit < width; bit++) {
            int fromRight = width - 1 - bit;
            long hi = fromRight >= 64 ? address.hi() ^ 1L << (fromRight - 64) : address.hi();
            long lo = fromRight < 64 ? address.lo() ^ 1L << fromRight : address.lo();
            assertEquals(bit >= length, prefix.contains(hi, lo), "bit " + bit + " of /" + length);
        }
        IpPrefix network = prefix.network();
        assertEquals(length, network.length());
        assertTrue(prefix.contains(network.address().hi(), network.address().lo()));
        assertEquals(network, network.network());
        assertEquals(prefix, IpPrefix.parse(prefix.toString()));
    }

    @Test
    void prefixes() {
        IpPrefix p = IpPrefix.parse("192.0.2.7/24");
        assertEquals("192.0.2.0/24", p.network().toString());
        assertEquals(IpAddress.parse("192.0.2.255").lo(), p.broadcastLo());
        assertEquals(IpAddress.BROADCAST_V4.lo(), IpPrefix.parse("10.1.2.3/0").broadcastLo());
        assertEquals("0.0.0.0/0", IpPrefix.parse("10.1.2.3/0").network().toString());
        assertEquals(0, IpPrefix.parse("192.0.2.0/31").broadcastLo(), "RFC 3021");
        assertEquals(0, IpPrefix.parse("192.0.2.0/32").broadcastLo());
        assertEquals(0, IpPrefix.parse("2001:db8::/64").broadcastLo());
        IpAddress v6 = IpAddress.parse("2001:db8::1");
        assertFalse(IpPrefix.parse("0.0.0.0/0").contains(v6.hi(), v6.lo()));
        assertTrue(IpPrefix.parse("::/0").contains(v6.hi(), v6.lo()));
        assertFalse(IpPrefix.parse("2001:db8::/32").contains(0, IpAddress.LOOPBACK_V4.lo()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "1.2.3.4",
                "1.2.3.4/",
                "1.2.3.4/33",
                "1.2.3.4/-1",
                "1.2.3.4/+1",
                "1.2.3.4/x",
                "1.2.3.4/8/8",
                "::/129",
                "::1",
                "/24",
                "::/1000",
                "1.2.3/24",
                "1.2.3.4/ 8",
                "::ffff:1.2.3.4/96"
            })
    void refusesWhatIsNoPrefix(String text) {
        assertThrows(IllegalArgumentException.class, () -> IpPrefix.parse(text));
    }

    @Test
    void aPrefixLengthHasItsRange() {
        assertThrows(IllegalArgumentException.class, () -> new IpPrefix(IpAddress.ANY_V4, 33));
        assertThrows(IllegalArgumentException.class, () -> new IpPrefix(IpAddress.ANY, 129));
        assertThrows(IllegalArgumentException.class, () -> new IpPrefix(IpAddress.ANY, -1));
    }

    @Property
    void aMacAddressIsReadAsItIsPrinted(@ForAll long seed) {
        long mac = RandomSource.seeded(seed).nextLong() & MacAddress.BROADCAST;
        String text = MacAddress.format(mac);
        assertTrue(text.matches("([0-9a-f]{2}:){5}[0-9a-f]{2}"), text);
        assertEquals(mac, MacAddress.parse(text));
        assertEquals(mac, MacAddress.parse(text.toUpperCase(java.util.Locale.ROOT)));
        UnsafeBuffer b = new UnsafeBuffer(new byte[8]);
        MacAddress.put(b, 1, mac);
        assertEquals(mac, MacAddress.get(b, 1));
        assertEquals(0, b.getByte(0));
        assertEquals(0, b.getByte(7));
        long local = MacAddress.locallyAdministered(mac);
        assertTrue(MacAddress.isUnicast(local));
        assertEquals(1, local >>> 41 & 1);
    }

    @Test
    void macAddresses() {
        assertEquals(0x0200_0000_00ffL, MacAddress.parse("2:0:0:0:0:ff"));
        UnsafeBuffer b = new UnsafeBuffer(new byte[6]);
        MacAddress.put(b, 0, 0x0102_0304_0506L);
        for (int i = 0; i < 6; i++) {
            assertEquals(i + 1, b.getByte(i), "the first byte on the wire is the highest");
        }
        assertTrue(MacAddress.isGroup(MacAddress.BROADCAST));
        assertTrue(MacAddress.isGroup(MacAddress.forIpv4Multicast(0xe000_0001)));
        assertFalse(MacAddress.isGroup(0x0200_0000_0001L));
        assertFalse(MacAddress.isUnicast(0));
        assertFalse(MacAddress.isUnicast(MacAddress.NONE));
        assertFalse(MacAddress.isUnicast(MacAddress.BROADCAST));
        // RFC 1112, section 6.4: the low 23 bits.
        assertEquals("01:00:5e:7f:ff:fa", MacAddress.format(MacAddress.forIpv4Multicast(0xefff_fffa)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "02:00:00:00:00",
                "02:00:00:00:00:01:02",
                "02-00-00-00-00-01",
                "020000000001",
                "02:00:00:00:00:0g",
                "02:00:00:00:00:",
                ":02:00:00:00:00",
                "002:00:00:00:00:01",
                "02:00:00:00:00:01 ",
                "02:00:00:00:00:-1"
            })
    void refusesWhatIsNoMacAddress(String text) {
        assertThrows(IllegalArgumentException.class, () -> MacAddress.parse(text));
    }
}
