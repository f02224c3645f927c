package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.wire.TcpHeader;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** RFC 9293, sections 3.1 and 3.2: options on live connections, and the MSS option of section 3.7.1. */
class Rfc9293OptionTest extends TcpFixture {
    private static final int MSS_OPTION = 2;

    /** No-operations before the MSS, the end of the list, and behind it what would be a smaller MSS. */
    @Test
    @Requirement("RFC9293:MUST-4")
    void theMandatoryOptionsAreUnderstood() {
        established(65_535, new byte[] {1, 1}, mss(700), new byte[] {1, 0}, mss(600));
        write(700);
        expectData(ACK | PSH, 1, 1, 700);
        peer.acks(701, 65_535);
    }

    @Test
    @Requirement("RFC9293:MUST-5")
    void optionsAreTakenInEverySegment() {
        // Timestamps, behind an option that nobody knows: whatever came without them would be dropped.
        config.timestamps = true;
        connecting();
        int stamp = out.pollFirst().options.tsVal;
        peer.sends(SYN | ACK, 0, 1, 65_535, 0, mss(MSS), stamps(1, stamp));
        write(10);
        drain();
        byte[] strange = {(byte) 254, 4, 9, 9};
        peer.sends(ACK, 1, 11, 65_535, 0, strange, stamps(2, stamp));
        assertEquals(0, info().bytesInFlight);
        peer.sends(ACK, 1, 11, 65_535, 100, strange, stamps(3, stamp));
        assertEquals(100, read());
        assertEquals(3, out.peekLast().options.tsEcr);
        peer.sends(FIN | ACK, 101, 11, 65_535, 0, strange, stamps(4, stamp));
        state(TcpState.CLOSE_WAIT);
        assertEquals(4, out.peekLast().options.tsEcr);
        drain();
        peer.sends(RST, 102, 0, 0, 0, strange, stamps(5, stamp));
        closedWith(TcpError.CONNECTION_RESET);
    }

    /** An MSS in a segment without SYN is not one. */
    @Test
    @Requirement("RFC9293:MUST-65")
    void theMssBelongsToTheSyn() {
        established(65_535, mss(1000));
        peer.sends(ACK, 1, 1, 65_535, 0, mss(100));
        write(1000);
        expectData(ACK | PSH, 1, 1, 1000);
        peer.acks(1001, 65_535);
        close();
        peer.sends(FIN | ACK, 1, 1002, 65_535, 0);
        // And we send it with SYN only; the SYN-ACK was looked at by established().
        abort();
    }

    @Test
    @Requirement("RFC9293:MUST-65")
    void noSegmentButTheSynCarriesAnMss() {
        config.timestamps = true;
        config.sack = true;
        connecting();
        Seg syn = expect(SYN, 0, 0);
        assertEquals(MSS, syn.options.mss);
        peer.sends(SYN | ACK, 0, 1, 65_535, 0, mss(MSS), stamps(1, syn.options.tsVal), sackPermitted());
        write(100);
        peer.sends(ACK, 101, 101, 65_535, 100, stamps(2, syn.options.tsVal));
        close();
        abort();
        int seen = 0;
        for (Seg s : out) {
            assertEquals(Segment.ABSENT, s.options.mss, s.show(this));
            seen++;
        }
        assertTrue(seen >= 4, "only " + seen + " segments");
        out.clear();
    }

    @Test
    @Requirement("RFC9293:MUST-6")
    void anUnknownOptionDoesNoHarm() {
        established(65_535, new byte[] {77, 5, 1, 2, 3}, mss(900), new byte[] {(byte) 253, 2, 0});
        peer.sends(ACK, 1, 1, 65_535, 10, new byte[] {77, 3, 9, 0});
        assertEquals(10, read());
        drain();
        write(900);
        expectData(ACK | PSH, 1, 11, 900);
        peer.acks(901, 65_535);
    }

    @Test
    @Requirement("RFC9293:MUST-7")
    void anIllegalLengthDoesNoHarm() {
        // Zero, one, and beyond the header: what was before it counts, what is behind it does not.
        byte[][] bad = {{77, 0, 0, 0}, {77, 1, 0, 0}, {77, 40, 0, 0}, {2, 0, 1, 0}, {8, 1, 1, 1}};
        for (int i = 0; i < bad.length; i++) {
            SynWith run = new SynWith();
            run.run(bad[i]);
            run.nothingIsLeft();
        }
    }

    /** A fresh fixture for each. */
    static final class SynWith extends TcpFixture {
        void run(byte[] bad) {
            established(65_535, mss(1000), bad, mss(100));
            peer.sends(ACK, 1, 1, 65_535, 10, bad);
            assertEquals(10, read());
            drain();
            write(1000);
            expectData(ACK | PSH, 1, 11, 1000);
            peer.acks(1001, 65_535);
        }
    }

    @Test
    @Requirement("RFC9293:MUST-64")
    void optionsNeedNotBeAligned() {
        for (int pad = 0; pad < 4; pad++) {
            Unaligned run = new Unaligned();
            run.run(pad);
            run.nothingIsLeft();
        }
    }

    /** A fresh fixture for each count of no-operations before the option. */
    static final class Unaligned extends TcpFixture {
        void run(int pad) {
            byte[] nops = new byte[pad];
            java.util.Arrays.fill(nops, (byte) 1);
            established(65_535, nops, mss(1000 + pad));
            write(1000 + pad);
            expectData(ACK | PSH, 1, 1, 1000 + pad);
            peer.acks(1001 + pad, 65_535);
        }
    }

    /** By the RFC's grammar alone: kind 0 and 1 are one byte, all others have their length, and behind kind 0 is zero. */
    @Test
    @Requirement({"RFC9293:MUST-68", "RFC9293:MUST-69"})
    void whatWeSendHasLengthsAndIsPaddedWithZeros() {
        for (int bits = 0; bits < 16; bits++) {
            Grammar run = new Grammar();
            run.run(bits);
            run.nothingIsLeft();
        }
    }

    /** A fresh fixture for each set of options that the two ends agree on. */
    static final class Grammar extends TcpFixture {
        void run(int bits) {
            config.timestamps = (bits & 1) != 0;
            config.sack = (bits & 2) != 0;
            config.windowScaling = (bits & 4) != 0;
            options.maxSegment = (bits & 8) != 0 ? 1001 : 0;
            connecting();
            int stamp = out.peekFirst().options.tsVal;
            peer.sends(
                    SYN | ACK,
                    0,
                    1,
                    65_535,
                    0,
                    concat(
                            mss(MSS),
                            config.timestamps ? stamps(1, stamp) : NO_OPTIONS,
                            config.sack ? sackPermitted() : NO_OPTIONS,
                            config.windowScaling ? scale(7) : NO_OPTIONS));
            byte[] echo = config.timestamps ? stamps(2, stamp) : NO_OPTIONS;
            write(100);
            for (int hole = 1; hole <= 4; hole++) {
                peer.sends(ACK, 1 + 200 * hole, 101, 65_535, 100, echo);
            }
            abort();
            assertTrue(out.size() >= 7, "only " + out.size() + " segments");
            for (Seg s : out) {
                check(s);
            }
            out.clear();
        }

        private void check(Seg s) {
            int at = TcpHeader.MIN_LENGTH;
            assertEquals(0, s.headerLength % 4, s.show(this));
            while (at < s.headerLength) {
                int kind = s.bytes[at];
                if (kind == 0) {
                    for (int i = at; i < s.headerLength; i++) {
                        assertEquals(0, s.bytes[i], "padding of " + s.show(this));
                    }
                    return;
                }
                int length = kind == 1 ? 1 : s.bytes[at + 1];
                int[] lengths = {0, 1, 4, 3, 2, length, 0, 0, 10};
                assertTrue(kind < lengths.length && length == lengths[kind], kind + " has length " + length);
                assertTrue(kind != 5 || length % 8 == 2, "SACK has length " + length);
                assertTrue(kind != MSS_OPTION || s.has(SYN));
                at += length;
            }
            assertEquals(s.headerLength, at, "the last option goes beyond the header");
        }
    }

    // --- the MSS, 3.7.1 ---

    /** "SHOULD send an MSS Option in every SYN segment when its receive MSS differs from the default 536 for IPv4". */
    @Test
    @Requirement({"RFC9293:SHLD-5.1", "RFC9293:MUST-14", "RFC9293:MUST-67"})
    void everySynTellsTheMssOfTheInterface() {
        ip.mtu = 1300;
        connecting();
        assertEquals(1260, expect(SYN, 0, 0).options.mss);
        advance(1000);
        assertEquals(1260, expect(SYN, 0, 0).options.mss, "of the repeated SYN, too");
        peer.sends(SYN, 0, 0, 1000, 0, mss(MSS));
        assertEquals(1260, expect(SYN | ACK, 0, 1).options.mss, "and of the SYN-ACK");
    }

    @Test
    @Requirement("RFC9293:MAY-3")
    void itIsSentEvenWhereItIsTheDefault() {
        ip.mtu = 576;
        connecting();
        Seg s = expect(SYN, 0, 0);
        assertEquals(536, s.options.mss);
        assertEquals(MSS_OPTION, s.bytes[TcpHeader.MIN_LENGTH]);
    }

    /** "Eff.snd.MSS = min(SendMSS+20, MMS_S) - TCPhdrsize - IPoptionsize". */
    @Test
    @Requirement("RFC9293:MUST-16")
    void theOptionsOfEachHeaderComeOffTheSegment() {
        config.timestamps = true;
        connecting();
        int stamp = out.pollFirst().options.tsVal;
        peer.sends(SYN | ACK, 0, 1, 65_535, 0, mss(1000), stamps(1, stamp));
        drain();
        write(2000);
        Seg s = out.pollFirst();
        assertEquals(1000 - 12, s.payload.length);
        assertEquals(32, s.headerLength);
        drain();
    }

    @Test
    @Requirement("RFC9293:MUST-16")
    void aSmallerInterfaceBoundsTheSegmentAsWell() {
        ip.mtu = 640;
        established(65_535, mss(1000));
        write(2000);
        expectData(ACK, 1, 1, 600);
        drain();
        peer.acks(2001, 65_535);
    }

    /** 3.2: behind the list there may be anything, it is not read. */
    @Test
    @Requirement("RFC9293:MUST-4")
    void theListEndsWhereItSays() {
        UnsafeBuffer b = new UnsafeBuffer(new byte[] {0, 2, 4, 1, 0, 3, 3, 7});
        Segment s = new Segment();
        s.parseOptions(b, 0, b.capacity());
        assertEquals(Segment.ABSENT, s.mss);
        assertEquals(Segment.ABSENT, s.windowScale);
    }
}
