package dev.penstock.conformance.garbage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A live stack among bad frames, in memory and virtual time; {@link GarbageRun} does it over TAP, with more of them. */
class GarbageTest {
    private static final int FRAMES = 150_000;

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void badFramesHarmNothing(long seed) {
        GarbageLab lab = new GarbageLab(seed);
        lab.transfer(200_000);
        assertEquals(0, lab.counters().get(DropReason.ETHERNET_TRUNCATED), "no garbage yet");

        lab.garbage().feed(FRAMES);
        int transfers = 0;
        while (lab.garbage().left() > 0) {
            lab.transfer(100_000);
            transfers++;
        }
        assertTrue(transfers > 3, "transfers beside the garbage: " + transfers);
        assertEquals(FRAMES, lab.garbage().fed());

        lab.transfer(200_000);
        lab.idle(1800);
        assertCounted(lab);
        lab.assertNothingLeft();
        lab.transfer(200_000);
        lab.close();
    }

    /** Each frame is in some counter, and the garbage was of all kinds. */
    private static void assertCounted(GarbageLab lab) {
        Counters counters = lab.counters();
        assertEquals(0, lab.garbage().unaccounted(), "frames that no counter knows: " + counters);
        assertTrue(counters.get(StackCounter.FRAMES_IN) > FRAMES);
        assertTrue(counters.get(StackCounter.TCP_PASSIVE_OPENS) > 100, "handshakes with invented peers: " + counters);
        DropReason[] expected = {
            DropReason.ETHERNET_TRUNCATED, DropReason.ETHERNET_NOT_FOR_US, DropReason.ETHERNET_BAD_SOURCE,
            DropReason.ETHERNET_UNKNOWN_TYPE, DropReason.ARP_MALFORMED, DropReason.ARP_BAD_SENDER,
            DropReason.IPV4_TRUNCATED, DropReason.IPV4_BAD_VERSION, DropReason.IPV4_BAD_HEADER_LENGTH,
            DropReason.IPV4_BAD_TOTAL_LENGTH, DropReason.IPV4_BAD_CHECKSUM, DropReason.IPV4_BAD_SOURCE,
            DropReason.IPV4_NOT_FOR_US, DropReason.IPV4_NO_PROTOCOL, DropReason.IPV4_FRAGMENT_BAD,
            DropReason.IPV4_FRAGMENT_TIMEOUT, DropReason.ICMP_TRUNCATED, DropReason.ICMP_BAD_CHECKSUM,
            DropReason.ICMP_UNKNOWN_TYPE, DropReason.ICMP_BAD_QUOTE, DropReason.ICMP_UNMATCHED,
            DropReason.ICMP_RATE_LIMITED, DropReason.UDP_TRUNCATED, DropReason.UDP_BAD_LENGTH,
            DropReason.UDP_BAD_CHECKSUM, DropReason.UDP_NO_PORT, DropReason.TCP_TRUNCATED,
            DropReason.TCP_BAD_DATA_OFFSET, DropReason.TCP_BAD_CHECKSUM, DropReason.TCP_BAD_FLAGS,
            DropReason.TCP_NO_SOCKET, DropReason.TCP_OUT_OF_WINDOW, DropReason.TCP_BAD_ACK,
            DropReason.TCP_OLD_TIMESTAMP, DropReason.TCP_BLIND_RST, DropReason.TCP_BLIND_SYN,
            DropReason.TCP_NO_ACK_FLAG,
        };
        StringBuilder missing = new StringBuilder();
        for (DropReason reason : expected) {
            if (counters.get(reason) == 0) {
                missing.append(' ').append(reason);
            }
        }
        assertEquals("", missing.toString(), "reasons that the garbage never reached: " + counters);
    }

    @Test
    void theSameSeedMakesTheSameFrames() {
        FrameMutator one = GarbageLab.mutator(7);
        FrameMutator two = GarbageLab.mutator(7);
        for (int i = 0; i < 10_000; i++) {
            int length = one.next();
            assertEquals(length, two.next());
            for (int at = 0; at < length; at++) {
                assertEquals(one.buffer().getByte(at), two.buffer().getByte(at));
            }
        }
    }
}
