package dev.penstock.stack.tcp;

import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Random;

/**
 * A model of a path in virtual time, to see a congestion control by itself: a constant round trip, each segment lost with
 * the same probability, every other one acknowledged (selectively) a round trip after it was sent, a loss seen when three
 * later segments have arrived, or a quarter of a round trip after the first (RACK), recovery as RFC 6675 has it, and a tail
 * loss seen a round trip later (TLP). Segments throughout.
 */
final class LossyPipe {
    private record Sent(int seq, long atNs, boolean lost) {}

    private static final class Missing {
        final int seq;
        int later;
        long deadlineNs = Long.MAX_VALUE;

        Missing(int seq) {
            this.seq = seq;
        }
    }

    private static final int MSS = 1000;

    private final CongestionControl cc;
    private final long rttNs;
    private final double p;
    private final Random random;
    private final AckSample sample = new AckSample();
    private final ArrayDeque<Sent> flying = new ArrayDeque<>();
    /** Should have arrived, and did not. */
    private final ArrayDeque<Missing> missing = new ArrayDeque<>();

    private final ArrayDeque<Integer> again = new ArrayDeque<>();
    private final BitSet arrived = new BitSet();

    private int una;
    private int nxt;
    private int recover = -1;
    private long nowNs;
    long events;

    LossyPipe(CongestionControl cc, long rttNs, double p, long seed) {
        this.cc = cc;
        this.rttNs = rttNs;
        this.p = p;
        this.random = new Random(seed);
        cc.onMss(MSS);
    }

    /** Delivers so many segments and answers how many a round trip that makes: the average window. */
    double averageWindow(int segments) {
        int first = una;
        long startNs = nowNs;
        while (una - first < segments) {
            send();
            if (flying.isEmpty()) {
                nowNs += rttNs;
                while (!missing.isEmpty()) {
                    lost(missing.pollFirst().seq);
                }
                continue;
            }
            Missing oldest = missing.peekFirst();
            if (oldest != null && oldest.deadlineNs <= flying.peekFirst().atNs + rttNs) {
                nowNs = Math.max(nowNs, oldest.deadlineNs);
                lost(missing.pollFirst().seq);
                continue;
            }
            Sent s = flying.pollFirst();
            nowNs = Math.max(nowNs, s.atNs + rttNs);
            if (s.lost) {
                missing.addLast(new Missing(s.seq));
            } else {
                delivered(s);
            }
        }
        return (una - first) / ((nowNs - startNs) / (double) rttNs);
    }

    private void send() {
        long window = cc.cwnd() / MSS;
        while (flying.size() + missing.size() < window) {
            Integer rtx = again.pollFirst();
            int seq = rtx != null ? rtx : nxt++;
            flying.addLast(new Sent(seq, nowNs, random.nextDouble() < p));
        }
    }

    private void delivered(Sent s) {
        arrived.set(s.seq);
        int before = una;
        una = arrived.nextClearBit(una);
        for (Missing m : missing) {
            m.later++;
            m.deadlineNs = m.later >= 3 ? nowNs : Math.min(m.deadlineNs, nowNs + rttNs / 4);
        }
        while (!missing.isEmpty() && missing.peekFirst().deadlineNs <= nowNs) {
            lost(missing.pollFirst().seq);
        }
        boolean recovering = recover >= 0;
        if (recovering && una >= recover) {
            recover = -1;
            cc.onRecovered(nowNs);
        }
        sample.clear();
        sample.ackedBytes = (long) (una - before) * MSS;
        sample.deliveredBytes = MSS;
        sample.inFlight = (long) flying.size() * MSS;
        sample.rttNs = rttNs;
        sample.srttNs = rttNs;
        sample.minRttNs = rttNs;
        sample.cwndLimited = true;
        sample.inRecovery = recovering;
        sample.unaPosition = (long) una * MSS;
        sample.nxtPosition = (long) nxt * MSS;
        cc.onAck(sample, nowNs);
    }

    private void lost(int seq) {
        again.addLast(seq);
        if (recover < 0) {
            recover = nxt;
            events++;
            cc.onCongestion(CongestionControl.Cause.LOSS, (long) (nxt - una) * MSS, nowNs);
        }
    }
}
