package dev.penstock.stack.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.RandomSource;
import java.util.ArrayDeque;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class BottleneckTest {
    private static final long MBIT = 1_000_000;

    @Test
    void anIdleTransmitterSendsAtOnceAndTheNextPacketWaitsItsTurn() {
        Bottleneck b = new Bottleneck(8 * MBIT, QueuePolicy.dropTail(10_000));
        // 1,000 bytes at 1 MB/s take a millisecond.
        assertEquals(1_000_000, b.admit(1000, 0));
        assertEquals(2_000_000, b.admit(1000, 0));
        assertEquals(2_500_000, b.admit(500, 999_999));
        assertEquals(5_001_000, b.admit(1, 5_000_000));
    }

    @Test
    void onlyWhatWaitsIsInTheQueue() {
        Bottleneck b = new Bottleneck(8 * MBIT, QueuePolicy.dropTail(2000));
        b.admit(1000, 0);
        assertEquals(0, b.waitingBytes(0));
        b.admit(1000, 0);
        b.admit(1000, 0);
        assertEquals(2000, b.waitingBytes(999_999));
        assertEquals(1000, b.waitingBytes(1_000_000));
        assertEquals(0, b.waitingBytes(2_000_000));
        assertEquals(2000, b.peakBytes());
    }

    @Test
    void aPacketThatFindsNoRoomForTheWholeOfItIsDroppedAndASmallerOneMayStillFit() {
        Bottleneck b = new Bottleneck(8 * MBIT, QueuePolicy.dropTail(2500));
        b.admit(1000, 0);
        b.admit(1000, 0);
        b.admit(1000, 0);
        assertEquals(Bottleneck.DROPPED, b.admit(1000, 0));
        assertEquals(3_500_000, b.admit(500, 0));
        assertEquals(Bottleneck.DROPPED, b.admit(1, 0));
        assertEquals(6, b.offered());
        assertEquals(4501, b.offeredBytes());
        assertEquals(2, b.dropped());
        assertEquals(1001, b.droppedBytes());
    }

    @Test
    void withoutAQueueOnlyAnIdleTransmitterTakesAPacket() {
        Bottleneck b = new Bottleneck(8 * MBIT, QueuePolicy.dropTail(0));
        assertEquals(1_000_000, b.admit(1000, 0));
        assertEquals(Bottleneck.DROPPED, b.admit(1000, 999_999));
        assertEquals(2_000_000, b.admit(1000, 1_000_000));
    }

    @Test
    void theRateIsExactInTheLongRunThoughAPacketTakesNoWholeNumberOfNanoseconds() {
        Bottleneck b = new Bottleneck(7 * MBIT, QueuePolicy.dropTail(1L << 30));
        long last = 0;
        for (int i = 0; i < 7_000; i++) {
            last = b.admit(1000, 0);
        }
        assertEquals(8_000_000_000L, last);
    }

    @Test
    void marksWhenMoreWaitsThanTheThreshold() {
        Bottleneck b = new Bottleneck(8 * MBIT, QueuePolicy.dropTail(10_000).marking(1500));
        b.admit(1000, 0);
        assertFalse(b.isMarking());
        b.admit(1000, 0);
        assertFalse(b.isMarking());
        b.admit(1000, 0);
        assertTrue(b.isMarking());
        assertFalse(new Bottleneck(1, QueuePolicy.dropTail(1)).isMarking());
    }

    @Test
    void packetsAreLimited() {
        Bottleneck b = new Bottleneck(8 * MBIT, QueuePolicy.dropTailPackets(2));
        b.admit(1000, 0);
        b.admit(1000, 0);
        b.admit(1000, 0);
        assertEquals(Bottleneck.DROPPED, b.admit(1, 0));
        assertEquals(4_000_000, b.admit(1000, 1_000_000));
    }

    @Test
    void refusesNonsense() {
        assertThrows(IllegalArgumentException.class, () -> new Bottleneck(0, QueuePolicy.dropTail(1)));
        assertThrows(IllegalArgumentException.class, () -> new Bottleneck(1, QueuePolicy.dropTail(-1)));
    }

    /** The same by a queue of packets that is walked. */
    private static final class Walked {
        final long nsPerByte;
        final long limit;
        final ArrayDeque<long[]> all = new ArrayDeque<>();
        long busyUntil;

        Walked(long nsPerByte, long limit) {
            this.nsPerByte = nsPerByte;
            this.limit = limit;
        }

        long admit(int length, long now) {
            long waiting = 0;
            for (long[] p : all) {
                waiting += p[0] > now ? p[1] : 0;
            }
            if (busyUntil > now && waiting + length > limit) {
                return Bottleneck.DROPPED;
            }
            long start = Math.max(now, busyUntil);
            all.add(new long[] {start, length});
            busyUntil = start + length * nsPerByte;
            return busyUntil;
        }
    }

    @Property(tries = 50)
    void agreesWithAQueueThatIsWalked(@ForAll long seed, @ForAll @IntRange(max = 20_000) int limit) {
        RandomSource random = RandomSource.seeded(seed);
        Bottleneck b = new Bottleneck(80 * MBIT, QueuePolicy.dropTail(limit));
        Walked walked = new Walked(100, limit);
        long now = 0;
        for (int i = 0; i < 500; i++) {
            now += random.nextInt(200_000);
            int length = 1 + random.nextInt(1514);
            assertEquals(walked.admit(length, now), b.admit(length, now), "packet " + i + ", seed " + seed);
        }
    }
}
