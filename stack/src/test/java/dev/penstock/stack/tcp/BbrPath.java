package dev.penstock.stack.tcp;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.tcp.CongestionControl.Cause;
import java.util.ArrayDeque;

/**
 * A path for {@link Bbr} alone, in virtual time: a link with a rate and a drop-tail queue, a delay, and random loss; the sender
 * has always something to send unless told otherwise, paces exactly, and finds a loss as soon as the next segment is
 * acknowledged. Each segment is acknowledged by itself.
 */
final class BbrPath {
    static final int MSS = 1000;
    static final long MS = 1_000_000;
    static final double SECOND = 1e9;

    private static final class Sent {
        final SentSegment segment = new SentSegment();
        long ackNs;
        boolean dropped;
    }

    final Bbr bbr;
    private final AckSample sample = new AckSample();
    private final RandomSource random = RandomSource.seeded(5);
    private final ArrayDeque<Sent> flight = new ArrayDeque<>();

    /** Bytes a second. */
    double rate;

    long rttNs;
    double queue;
    double loss;
    boolean selective = true;
    /** The peer echoes a mark with the next acknowledgment. */
    boolean mark;
    /** Nothing is sent. */
    boolean idle;
    /** Each segment counts as sent for want of more. */
    boolean appLimited;

    long nowNs = 1_000 * MS;
    long sent;
    long lost;
    long delivered;
    long inFlight;
    private long deliveredNs;
    private long firstSentNs;
    private long nextSendNs;
    private double linkFreeNs;
    private int next;
    private int recover;
    private int repaired;
    private boolean recovering;
    private boolean limited;

    BbrPath(double rate, long rttNs, double queue) {
        this(new Bbr(new TcpConfig(), RandomSource.seeded(9)), rate, rttNs, queue);
    }

    BbrPath(Bbr bbr, double rate, long rttNs, double queue) {
        this.bbr = bbr;
        this.rate = rate;
        this.rttNs = rttNs;
        this.queue = queue;
        bbr.onMss(MSS);
    }

    double bdp() {
        return rate * rttNs / SECOND;
    }

    void runFor(long ns) {
        long until = nowNs + ns;
        while (step(until)) {
            // until then
        }
        nowNs = until;
    }

    /** Runs until it is in this state; false after {@code mostNs}. */
    boolean runTo(BbrState state, long mostNs) {
        long until = nowNs + mostNs;
        while (bbr.state() != state) {
            if (!step(until)) {
                return false;
            }
        }
        return true;
    }

    /** The next thing that happens; false if it is later than {@code until}. */
    boolean step(long until) {
        boolean open = !idle && inFlight + MSS <= bbr.cwnd();
        limited |= !idle && !open;
        long sendNs = open ? Math.max(nowNs, nextSendNs) : Long.MAX_VALUE;
        long ackNs = flight.isEmpty() ? Long.MAX_VALUE : flight.peekFirst().ackNs;
        long at = Math.min(sendNs, ackNs);
        if (at > until) {
            return false;
        }
        nowNs = Math.max(nowNs, at);
        if (ackNs <= sendNs) {
            acknowledge(flight.pollFirst());
        } else {
            send();
        }
        return true;
    }

    private void send() {
        if (flight.isEmpty()) {
            firstSentNs = nowNs;
            deliveredNs = nowNs;
        }
        Sent s = new Sent();
        SentSegment e = s.segment;
        e.start = next;
        e.end = next += MSS;
        e.sentNs = nowNs;
        e.delivered = delivered;
        e.deliveredNs = deliveredNs;
        e.firstSentNs = firstSentNs;
        e.appLimited = appLimited;
        inFlight += MSS;
        sent += MSS;
        e.txInFlight = inFlight;
        e.lostBefore = lost;
        double begin = Math.max((double) nowNs, linkFreeNs);
        s.dropped = (begin - nowNs) * rate / SECOND > queue || random.nextDouble() < loss;
        if (!s.dropped) {
            linkFreeNs = begin + MSS * SECOND / rate;
        }
        s.ackNs = (long) (s.dropped ? begin : linkFreeNs) + rttNs;
        flight.addLast(s);
        nextSendNs = nowNs + (long) (MSS * SECOND / bbr.pacingRate(rttNs));
    }

    private void acknowledge(Sent s) {
        SentSegment e = s.segment;
        inFlight -= MSS;
        if (s.dropped) {
            lost += MSS;
            bbr.onLost(e, lost - e.lostBefore, delivered);
            if (!recovering) {
                recovering = true;
                recover = next;
                bbr.onCongestion(Cause.LOSS, inFlight + MSS, nowNs);
            }
            if (e.start < recover) {
                // Its copy goes out now, and what comes after it is acknowledged selectively until then.
                repaired = next;
            }
            return;
        }
        delivered += MSS;
        deliveredNs = nowNs;
        sample.clear();
        sample.inRecovery = recovering;
        if (recovering && e.start >= Math.max(recover, repaired)) {
            recovering = false;
            bbr.onRecovered(nowNs);
        }
        if (mark) {
            mark = false;
            bbr.onCongestion(Cause.ECN, inFlight, nowNs);
        }
        sample.ackedBytes = MSS;
        sample.deliveredBytes = MSS;
        sample.inFlight = inFlight;
        sample.rttNs = nowNs - e.sentNs;
        sample.srttNs = sample.rttNs;
        sample.delivered = delivered;
        sample.priorDelivered = e.delivered;
        sample.intervalNs = Math.max(e.sentNs - e.firstSentNs, nowNs - e.deliveredNs);
        sample.txInFlight = e.txInFlight;
        sample.lostSinceSent = lost - e.lostBefore;
        sample.appLimited = e.appLimited;
        sample.selective = selective;
        sample.cwndLimited = limited;
        limited = false;
        firstSentNs = e.sentNs;
        bbr.onAck(sample, nowNs);
    }
}
