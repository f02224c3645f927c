package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.agrona.concurrent.UnsafeBuffer;

/** The options of a received segment: RFC 9293, section 3.2, MUST-4 to MUST-7, MUST-64 and MUST-68. */
class SegmentTest {
    private final Segment s = new Segment();

    private void parse(int... bytes) {
        byte[] b = new byte[bytes.length];
        for (int i = 0; i < b.length; i++) {
            b[i] = (byte) bytes[i];
        }
        s.parseOptions(new UnsafeBuffer(b), 0, b.length);
    }

    @Property(tries = 5000)
    void anyBytesAreRead(
            @ForAll @Size(max = 40) byte[] bytes,
            @ForAll @Size(max = 40) byte[] few,
            @ForAll @IntRange(max = 8) int at) {
        // Half of the time with bytes that look like kinds and lengths.
        byte[] all = new byte[at + bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            all[at + i] = i < few.length ? (byte) (few[i] & 0x0f) : bytes[i];
        }
        s.parseOptions(new UnsafeBuffer(all), at, bytes.length);
        assertTrue(s.mss >= -1 && s.mss <= 65_535);
        assertTrue(s.windowScale >= -1 && s.windowScale <= 255);
        assertTrue(s.sackCount >= 0 && s.sackCount <= Segment.MAX_SACK_BLOCKS);
    }

    @Example
    @Requirement("RFC9293:MUST-4")
    void allOfASyn() {
        parse(2, 4, 5, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 3, 3, 7);
        assertEquals(1460, s.mss);
        assertEquals(7, s.windowScale);
        assertTrue(s.hasTimestamps);
        assertEquals(0x01020304, s.tsVal);
        assertEquals(0x05060708, s.tsEcr);
        assertTrue(s.sackPermitted);
        assertEquals(0, s.sackCount);
    }

    /** RFC 2018, section 3: one to four blocks, in the form of every sender, and in others. */
    @Property(tries = 500)
    void sackBlocks(@ForAll @IntRange(max = 4) int count, @ForAll @IntRange(max = 3) int form) {
        boolean stamped = form % 2 == 1 && count < 4;
        int nops = form < 2 ? 2 : 0;
        byte[] option = new byte[nops + 2 + 8 * count];
        UnsafeBuffer o = new UnsafeBuffer(option);
        o.setMemory(0, nops, (byte) 1);
        o.putByte(nops, (byte) 5);
        o.putByte(nops + 1, (byte) (2 + 8 * count));
        for (int i = 0; i < 2 * count; i++) {
            o.putInt(nops + 2 + 4 * i, -3 + 1000 * i, java.nio.ByteOrder.BIG_ENDIAN);
        }
        byte[] all = stamped ? TcpFixture.concat(TcpFixture.stamps(7, 8), option) : option;
        s.parseOptions(new UnsafeBuffer(all), 0, all.length);
        assertEquals(stamped, s.hasTimestamps);
        assertEquals(count, s.sackCount);
        for (int i = 0; i < count; i++) {
            assertEquals(-3 + 2000 * i, s.sackStart[i]);
            assertEquals(-3 + 2000 * i + 1000, s.sackEnd[i]);
        }
        assertFalse(s.sackPermitted);
    }

    @Example
    void sackBlocksOfAWrongLengthAreNone() {
        parse(1, 1, 5, 9, 0, 0, 0, 1, 0, 0, 0);
        assertEquals(0, s.sackCount);
        parse(5, 18, 0, 0, 0, 1, 0, 0, 0, 2);
        assertEquals(0, s.sackCount);
        parse(1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 1, 5, 18, 0, 0, 0, 1, 0, 0, 0, 2);
        assertEquals(0, s.sackCount);
        assertTrue(s.hasTimestamps);
        parse(4, 3, 0, 0);
        assertFalse(s.sackPermitted);
    }

    @Example
    @Requirement("RFC9293:MUST-64")
    void optionsMayBeginAnywhere() {
        // MUST-64: "not necessarily on word boundaries"; the usual form of timestamps and an unusual one.
        parse(1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2);
        assertEquals(1, s.tsVal);
        parse(1, 8, 10, 0, 0, 0, 3, 0, 0, 0, 2, 1);
        assertEquals(3, s.tsVal);
    }

    @Example
    @Requirement("RFC9293:MUST-6")
    void unknownOptionsArePassedOver() {
        // MUST-6, MUST-68.
        parse(254, 6, 1, 2, 3, 4, 2, 4, 1, 0);
        assertEquals(256, s.mss);
    }

    @Example
    @Requirement("RFC9293:MUST-7")
    void illegalLengthsEndTheList() {
        // MUST-7.
        parse(254, 0, 2, 4, 1, 0);
        assertEquals(Segment.ABSENT, s.mss);
        parse(254, 1, 2, 4, 1, 0);
        assertEquals(Segment.ABSENT, s.mss);
        parse(254, 99, 2, 4, 1, 0);
        assertEquals(Segment.ABSENT, s.mss);
        parse(2);
        assertEquals(Segment.ABSENT, s.mss);
        parse(2, 4, 1);
        assertEquals(Segment.ABSENT, s.mss);
    }

    @Example
    void wrongLengthsOfKnownOptionsAreNoOptions() {
        parse(2, 3, 1, 3, 4, 7, 7, 8, 4, 0, 0);
        assertEquals(Segment.ABSENT, s.mss);
        assertEquals(Segment.ABSENT, s.windowScale);
        assertFalse(s.hasTimestamps);
    }

    @Example
    void nothingIsReadBehindTheEnd() {
        parse(0, 2, 4, 1, 0);
        assertEquals(Segment.ABSENT, s.mss);
    }

    @Example
    void oneSegmentLeavesNothingForTheNext() {
        parse(2, 4, 5, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 3, 3, 7, 5, 10, 0, 0, 0, 1, 0, 0, 0, 2);
        assertEquals(1, s.sackCount);
        parse();
        assertEquals(Segment.ABSENT, s.mss);
        assertEquals(Segment.ABSENT, s.windowScale);
        assertFalse(s.hasTimestamps);
        assertFalse(s.sackPermitted);
        assertEquals(0, s.sackCount);
    }
}
