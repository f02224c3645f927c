package dev.penstock.stack.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every length of every message: in a buffer that ends where the message does (with bounds that are checked), a check neither
 * reads beyond nor lets through what is cut off.
 */
class TruncationTest {
    /** What a codec says of a message at the beginning of a buffer. */
    private interface Check {
        DropReason of(UnsafeBuffer b, int length);
    }

    /** A codec, and a message that is as short as it can be for what it says. */
    enum Codec {
        ARP(
                "0001 0800 06 04 0001 020000000001 c0000201 000000000000 c0000202",
                (b, length) -> ArpPacket.check(b, 0, length)),
        IPV4(
                "47 00 0020 0000 0000 40 11 f0c5 c0000201 c0000202 01010101 01010101 00000000",
                (b, length) -> Ipv4Header.check(b, 0, length)),
        IPV6(
                "60000000 0004 3b 40 20010db8000000000000000000000001 20010db8000000000000000000000002 01020304",
                (b, length) -> Ipv6Header.check(b, 0, length)),
        TCP(
                "0050 c000 00000001 00000002 7010 ffff 0000 0000 020405b4 01030307",
                (b, length) -> TcpHeader.check(b, 0, length)),
        UDP("0050 c000 000c 0000 01020304", (b, length) -> UdpHeader.check(b, 0, length)),
        ICMP("08 00 f7ff 0000 0000", (b, length) -> IcmpHeader.check(b, 0, length)),
        ICMPV6("80 00 7fff 0000 0000", (b, length) -> Icmpv6Header.check(b, 0, length, 0)),
        ROUTER_SOLICITATION("85 00 0000 00000000", (b, length) -> ndp(b, length, Icmpv6Header.ROUTER_SOLICITATION)),
        ROUTER_ADVERTISEMENT(
                "86 00 0000 40 00 0708 00000000 00000000",
                (b, length) -> ndp(b, length, Icmpv6Header.ROUTER_ADVERTISEMENT)),
        SOLICITATION(
                "87 00 0000 00000000 20010db8000000000000000000000001",
                (b, length) -> ndp(b, length, Icmpv6Header.NEIGHBOR_SOLICITATION)),
        ADVERTISEMENT(
                "88 00 0000 60000000 20010db8000000000000000000000001",
                (b, length) -> ndp(b, length, Icmpv6Header.NEIGHBOR_ADVERTISEMENT)),
        REDIRECT(
                "89 00 0000 00000000 fe800000000000000000000000000001 20010db8000000000000000000000001",
                (b, length) -> ndp(b, length, Icmpv6Header.REDIRECT));

        @SuppressWarnings("ImmutableEnumChecker") // Only copies of it are given away.
        private final byte[] whole;

        @SuppressWarnings("ImmutableEnumChecker") // It has no state.
        private final Check check;

        Codec(String hex, Check check) {
            whole = java.util.HexFormat.of().parseHex(hex.replace(" ", ""));
            this.check = check;
        }

        DropReason check(UnsafeBuffer b, int length) {
            return check.of(b, length);
        }

        private static DropReason ndp(UnsafeBuffer b, int length, int type) {
            // The length of ICMPv6's own header is checked with its checksum, before.
            return length < Icmpv6Header.LENGTH ? DropReason.ICMP_TRUNCATED : NdpMessage.check(b, 0, length, type);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsCutOffIsRefusedAndWhatIsWholeIsNot(Codec codec) {
        for (int length = 0; length < codec.whole.length; length++) {
            UnsafeBuffer cut = new UnsafeBuffer(Arrays.copyOf(codec.whole, length));
            assertNotNull(codec.check(cut, length), codec + " of " + length + " bytes");
        }
        UnsafeBuffer whole = new UnsafeBuffer(codec.whole.clone());
        assertNull(codec.check(whole, codec.whole.length), codec + " as a whole");
    }

    @Property(tries = 300)
    void noOctetsMakeACheckReadBeyondThem(@ForAll long seed, @ForAll @IntRange(max = 80) int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        for (Codec codec : Codec.values()) {
            byte[] like = bytes.clone();
            System.arraycopy(
                    codec.whole, 0, like, 0, (int) (seed >>> 8 & 31) % (1 + Math.min(length, codec.whole.length)));
            codec.check(new UnsafeBuffer(like), length);
        }
    }

    @Requirement({"RFC4861:7.1.1-1", "RFC4861:9-1"})
    @Test
    void optionsOfNeighborDiscoveryEndWhereTheySay() {
        for (int units = 0; units <= 5; units++) {
            for (int room = 0; room <= 40; room++) {
                byte[] option = new byte[room];
                if (room > 0) {
                    option[0] = 1;
                }
                if (room > 1) {
                    option[1] = (byte) units;
                }
                UnsafeBuffer b = new UnsafeBuffer(option);
                // Zeros behind it are an option of no length.
                boolean good = room == 0 || units > 0 && room == 8 * units;
                assertEquals(good, NdpOption.areWellFormed(b, 0, room), units + " units in " + room + " bytes");
            }
        }
    }

    @Requirement("RFC8200:4.2-1")
    @Test
    void optionsOfIpv6EndWhereTheySay() {
        for (int data = 0; data <= 12; data++) {
            for (int room = 0; room <= 14; room++) {
                byte[] option = new byte[room];
                if (room > 0) {
                    option[0] = 0x1e;
                }
                if (room > 1) {
                    option[1] = (byte) data;
                }
                int verdict = Ipv6Options.verdict(Ipv6Options.check(new UnsafeBuffer(option), 0, room));
                boolean fits = room == 0 || room >= 2 + data;
                if (!fits) {
                    assertEquals(Ipv6Options.MALFORMED, verdict, data + " bytes of data in " + room);
                } else {
                    assertNotEquals(Ipv6Options.MALFORMED, verdict, data + " bytes of data in " + room);
                }
            }
        }
    }

    @Requirement("RFC8200:4-1")
    @Test
    void extensionHeadersAreNotReadBeyondTheirEnd() {
        // Hop-by-hop options of 16 bytes, a fragment header, destination options of 8, and then UDP.
        byte[] whole = java.util.HexFormat.of()
                .parseHex("2c010000000000000000000000000000" + "3c00000000000001" + "1100000000000000" + "00000000");
        for (int length = 0; length <= whole.length; length++) {
            UnsafeBuffer b = new UnsafeBuffer(Arrays.copyOf(whole, length));
            long found = Ipv6Extension.upperLayer(b, Ipv6Extension.HOP_BY_HOP, 0, length);
            if (length < 32) {
                assertEquals(Ipv6Extension.NOT_FOUND, found, length + " bytes");
            } else {
                assertEquals(IpProtocol.UDP, Ipv6Extension.protocol(found));
                assertEquals(32, Ipv6Extension.offset(found));
            }
        }
        assertTrue(Ipv6Extension.isExtension(Ipv6Extension.HOP_BY_HOP));
    }
}
