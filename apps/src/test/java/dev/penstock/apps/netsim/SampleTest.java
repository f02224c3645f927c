package dev.penstock.apps.netsim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class SampleTest {
    private static final long MIB = 1 << 20;

    private static TransferSpec spec(int buffer, double loss, String congestion) {
        return new TransferSpec(100_000_000, 1, buffer, loss, congestion, 0, 0, 0, 0, false, 7);
    }

    @Test
    void aTransferOfFreeLengthIsLongEnoughForManyLosses() {
        // 200 losses of 1 in 1,000 are 200,000 segments of 1,448 bytes: 276.2 MiB.
        assertEquals(new Sample(277 * MIB, 1), Sample.of(spec(1 << 16, 0.001, "cubic"), null, null));
        assertEquals(new Sample(277 * MIB, 1), Sample.of(spec(TransferSpec.AUTO, 0.001, "reno"), null, null));
        // A small buffer makes small segments.
        assertEquals(new Sample(25 * MIB, 1), Sample.of(spec(128, 0.001, "cubic"), null, null));
        // Frequent losses: 25,000 segments, 34.5 MiB.
        assertEquals(new Sample(35 * MIB, 1), Sample.of(spec(1 << 16, 0.05, "cubic"), null, null));
        assertEquals(new Sample(10 * MIB, 1), Sample.of(spec(128, 0.05, "cubic"), null, null));
        assertEquals(new Sample(Sample.MOST_BYTES, 1), Sample.of(spec(1 << 16, 1e-6, "cubic"), null, null));
        assertEquals(new Sample(277 * MIB, 3), Sample.of(spec(1 << 16, 0.001, "cubic"), null, 3));
    }

    @Test
    void oneOfGivenLengthIsRepeated() {
        // 20 MiB are 14.5 losses of 1 in 1,000.
        assertEquals(new Sample(20 * MIB, 14), Sample.of(spec(1 << 16, 0.001, "cubic"), 20 * MIB, null));
        assertEquals(new Sample(MIB, Sample.MOST_RUNS), Sample.of(spec(1 << 16, 0.001, "cubic"), MIB, null));
        assertEquals(new Sample(200 * MIB, 1), Sample.of(spec(1 << 16, 0.0001, "cubic"), 200 * MIB, null));
        assertEquals(new Sample(1L << 40, 1), Sample.of(spec(1 << 16, 1e-6, "cubic"), 1L << 40, null));
        assertEquals(new Sample(MIB, 5), Sample.of(spec(1 << 16, 0.001, "cubic"), MIB, 5));
    }

    @Test
    void withoutLossOrCongestionControlThereIsNothingToAverage() {
        assertEquals(new Sample(10 * MIB, 1), Sample.of(spec(1 << 16, 0, "cubic"), null, null));
        assertEquals(new Sample(10 * MIB, 1), Sample.of(spec(1 << 16, 0.001, "none"), null, null));
        assertEquals(new Sample(5, 1), Sample.of(spec(1 << 16, 0.001, "none"), 5L, null));
    }

    @Test
    void theSeedsFollowEachOther() {
        List<TransferSpec> transfers = new Sample(1000, 3).transfers(spec(4096, 0.1, "reno"));
        assertEquals(3, transfers.size());
        for (int i = 0; i < 3; i++) {
            TransferSpec t = transfers.get(i);
            assertEquals(new TransferSpec(100_000_000, 1000, 4096, 0.1, "reno", 0, 0, 0, 0, false, 7 + i), t);
        }
    }

    @Test
    void theResultIsAllBytesOverAllTheTime() {
        List<TransferSpec> transfers = new Sample(100_000, 2).transfers(spec(8192, 0.1, "reno"));
        Transfer.Result a = Transfer.run(transfers.get(0), Instruments.NONE, () -> false);
        Transfer.Result b = Transfer.run(transfers.get(1), Instruments.NONE, () -> false);
        Transfer.Result both = a.and(b);
        assertTrue(both.complete());
        assertEquals(2, both.runs());
        assertEquals(200_000, both.bytes());
        assertEquals(200_000e9 / (a.ns() + b.ns()), both.rate(), 1e-6);
        assertEquals(both.rate() / a.allowance().rate(100_000), both.fraction(), 1e-12);
        assertEquals(a.retransmitted() + b.retransmitted(), both.retransmitted());
        assertEquals(a.timeouts() + b.timeouts(), both.timeouts());
    }
}
