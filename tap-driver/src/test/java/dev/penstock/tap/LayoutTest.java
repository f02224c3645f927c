package dev.penstock.tap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.TxOffload;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.agrona.concurrent.UnsafeBuffer;

/** The bytes of the structures that the kernel reads, against an encoding written down a second time, by ByteBuffer. */
class LayoutTest {
    @Provide
    Arbitrary<Integer> gsoTypes() {
        return Arbitraries.of(
                TxOffload.GSO_NONE,
                TxOffload.GSO_TCPV4,
                TxOffload.GSO_TCPV4 | TxOffload.GSO_ECN,
                TxOffload.GSO_TCPV6,
                TxOffload.GSO_UDP_L4);
    }

    @Property(tries = 3000)
    void vnetHeaderIsTenBytesInTheMachinesOrder(
            @ForAll boolean checksum,
            @ForAll("gsoTypes") int gsoType,
            @ForAll @IntRange(min = 1, max = 65_535) int gsoSize,
            @ForAll @IntRange(max = 200) int headerLength,
            @ForAll @IntRange(max = 65_535) int csumStart,
            @ForAll @IntRange(max = 65_535) int csumOffset) {
        TxOffload tx = new Frame(1).tx();
        tx.checksumNeeded = checksum;
        tx.gsoType = gsoType;
        tx.gsoSize = gsoSize;
        tx.headerLength = headerLength;
        tx.csumStart = csumStart;
        tx.csumOffset = csumOffset;
        UnsafeBuffer actual = NativeMemory.allocate(14);
        actual.setMemory(0, 14, (byte) 0x55);
        VnetHeader.encode(actual, 2, tx);

        ByteBuffer expected = ByteBuffer.allocate(14).order(ByteOrder.nativeOrder());
        expected.putShort((short) 0x5555);
        expected.put((byte) (checksum ? 1 : 0)).put((byte) gsoType);
        expected.putShort((short) (gsoType == 0 ? 0 : headerLength));
        expected.putShort((short) (gsoType == 0 ? 0 : gsoSize));
        expected.putShort((short) (checksum ? csumStart : 0)).putShort((short) (checksum ? csumOffset : 0));
        expected.putShort((short) 0x5555);
        assertEquals(new UnsafeBuffer(expected.array()), actual);

        var rx = new Frame(1).rx();
        VnetHeader.decode(actual, 2, rx);
        assertEquals(checksum, rx.partial);
        assertFalse(rx.verified);
        assertEquals(gsoType == 0 ? 0 : gsoSize, rx.gsoSize);
    }

    @Property
    void anyTenBytesDecode(@ForAll @Size(10) byte[] bytes) {
        var rx = new Frame(1).rx();
        VnetHeader.decode(new UnsafeBuffer(bytes), 0, rx);
        assertEquals((bytes[0] & 1) != 0, rx.partial);
        assertEquals((bytes[0] & 2) != 0, rx.verified);
        assertTrue(rx.gsoSize >= 0 && rx.gsoSize <= 65_535);
        assertTrue(bytes[1] != 0 || rx.gsoSize == 0);
    }

    @Property(tries = 3000)
    void piecesAreAsManyAsTheCutsMake(
            @ForAll("gsoTypes") int gsoType,
            @ForAll @IntRange(min = -1, max = 9000) int gsoSize,
            @ForAll @IntRange(max = 200) int headerLength,
            @ForAll @IntRange(max = 65_535) int payload) {
        TxOffload tx = new Frame(1).tx();
        tx.gsoType = gsoType;
        tx.gsoSize = gsoSize;
        tx.headerLength = headerLength;
        int expected = 1;
        if (gsoType != TxOffload.GSO_NONE && gsoSize > 0) {
            for (int left = payload - gsoSize; left > 0; left -= gsoSize) {
                expected++;
            }
        }
        assertEquals(expected, VnetHeader.pieces(tx, headerLength + payload));
    }

    /** The encoding of {@code <asm-generic/ioctl.h>}: direction, size, type, number. */
    @Example
    void ioctlNumbersAreWhatTheMacrosMake() {
        assertEquals(ioctl(1, 202), Linux.TUNSETIFF);
        assertEquals(ioctl(2, 207), Linux.TUNGETFEATURES);
        assertEquals(ioctl(1, 208), Linux.TUNSETOFFLOAD);
        assertEquals(ioctl(2, 210), Linux.TUNGETIFF);
        assertEquals(ioctl(1, 216), Linux.TUNSETVNETHDRSZ);
    }

    private static long ioctl(long direction, int number) {
        return (direction << 30) | (4 << 16) | ('T' << 8) | number;
    }

    @Property
    void ipv4AddressesParseAndHaveTheirBroadcast(@ForAll int address, @ForAll @IntRange(max = 32) int prefix)
            throws TapException {
        byte[] bytes = ByteBuffer.allocate(4).putInt(address).array();
        String text = (bytes[0] & 0xff) + "." + (bytes[1] & 0xff) + "." + (bytes[2] & 0xff) + "." + (bytes[3] & 0xff);
        HostAddress parsed = HostAddress.parse(text + "/" + prefix);
        assertEquals(address, ByteBuffer.wrap(parsed.address()).getInt());
        assertEquals(prefix, parsed.prefixLength());
        assertFalse(parsed.isV6());
        if (prefix > 30) {
            assertEquals(null, parsed.broadcast());
        } else {
            int hosts = (int) (0xffff_ffffL >>> prefix);
            assertEquals(address | hosts, ByteBuffer.wrap(parsed.broadcast()).getInt());
        }
    }

    @Property
    void ipv6AddressesParse(@ForAll long high, @ForAll long low, @ForAll @IntRange(max = 128) int prefix)
            throws TapException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            long half = i < 4 ? high : low;
            text.append(i == 0 ? "" : ":").append(Long.toHexString((half >>> (48 - 16 * (i & 3))) & 0xffff));
        }
        HostAddress parsed;
        try {
            parsed = HostAddress.parse(text + "/" + prefix);
        } catch (TapException e) {
            // Only an IPv4-mapped address is none of IPv6's own.
            assertTrue(high == 0 && low >>> 32 == 0xffff, text.toString());
            return;
        }
        assertTrue(parsed.isV6());
        assertEquals(high, ByteBuffer.wrap(parsed.address()).getLong());
        assertEquals(low, ByteBuffer.wrap(parsed.address()).getLong(8));
        assertEquals(prefix, parsed.prefixLength());
    }

    @Property
    void noTextMakesTheParserThrowAnythingElse(@ForAll String text) {
        try {
            HostAddress parsed = HostAddress.parse(text);
            assertTrue(parsed.address().length == 4 || parsed.address().length == 16);
        } catch (TapException e) {
            assertTrue(e.getMessage().startsWith("bad "), e.getMessage());
        }
    }
}
