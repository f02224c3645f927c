package dev.penstock.apps.netsim;

import dev.penstock.stack.sim.Bottleneck;
import dev.penstock.stack.sim.LinkEvent;
import dev.penstock.stack.sim.QueuePolicy;
import dev.penstock.stack.sim.SimulatedLink;
import dev.penstock.stack.sim.SimulatedNetwork;
import dev.penstock.stack.tcp.TcpInfo;
import dev.penstock.stack.tcp.TcpOptions;
import java.util.function.BooleanSupplier;

/** Carries out one {@link TransferSpec} in virtual time. */
public final class Transfer {
    /** What takes longer is given up: ten years. */
    private static final long MOST_NS = 10L * 365 * 86_400 * 1_000_000_000L;

    private Transfer() {}

    /**
     * What came of it; or of several that differ in their seeds only, their numbers added.
     *
     * @param complete the last byte was received, of all
     * @param reason why not, or null
     * @param runs how many transfers
     * @param bytes received
     * @param ns from the first SYN to the last byte
     * @param segments with data, sent, retransmissions included
     * @param retransmitted of them, sent again
     * @param spurious of them, those that had arrived before
     * @param lastSpuriousNs when the last of these arrived, reckoned from the first SYN; -1 if there was none
     * @param dropped by the queue
     * @param marked by the queue
     * @param timeouts of the sender's retransmission timer
     * @param allowance what the path allowed
     */
    public record Result(
            boolean complete,
            String reason,
            int runs,
            long bytes,
            long ns,
            long segments,
            long retransmitted,
            long spurious,
            long lastSpuriousNs,
            long dropped,
            long marked,
            long timeouts,
            Allowance allowance) {

        /** Bytes a second. */
        public double rate() {
            return bytes * 1e9 / Math.max(1, ns);
        }

        /** What part of {@link Allowance#rate} that is. */
        public double fraction() {
            return rate() / allowance.rate(bytes / runs);
        }

        /** This and another with the same specification but for the seed: all bytes over all the time. */
        public Result and(Result other) {
            return new Result(
                    complete && other.complete,
                    reason != null ? reason : other.reason,
                    runs + other.runs,
                    bytes + other.bytes,
                    ns + other.ns,
                    segments + other.segments,
                    retransmitted + other.retransmitted,
                    spurious + other.spurious,
                    Math.max(lastSpuriousNs, other.lastSpuriousNs),
                    dropped + other.dropped,
                    marked + other.marked,
                    timeouts + other.timeouts,
                    allowance);
        }
    }

    /**
     * Runs it. Any thread; nothing is shared.
     *
     * @param cancelled asked now and then: true ends it early
     */
    public static Result run(TransferSpec spec, Instruments instruments, BooleanSupplier cancelled) {
        SimulatedNetwork network = SimulatedNetwork.seeded(spec.ownSeed());
        try (network) {
            SimulatedLink link = Flow.link(network);
            link.aToB()
                    .delay(spec.rttNs() - spec.rttNs() / 2)
                    .loss(spec.loss())
                    .reorder(spec.reorder(), spec.reorderNs());
            link.bToA().delay(spec.rttNs() / 2).loss(spec.loss());
            if (spec.bandwidth() > 0) {
                link.aToB().bottleneck(bottleneck(spec.bandwidth(), spec.queue(), spec.ecn()));
                link.bToA().bottleneck(bottleneck(spec.bandwidth(), spec.queue(), spec.ecn()));
            }
            TcpOptions options = Flow.options(spec.buffer(), spec.congestion());
            Flow flow = new Flow(network, link, options, spec.ecn(), spec.bytes(), instruments);
            flow.start();
            boolean over = runUntil(network, flow::isOver, cancelled);
            return result(spec, link, flow, over);
        }
    }

    static Bottleneck bottleneck(long bandwidth, long queue, boolean ecn) {
        QueuePolicy policy = QueuePolicy.dropTail(queue);
        return new Bottleneck(bandwidth, ecn ? policy.marking(queue / 4) : policy);
    }

    /** True when it is done; false when nothing happens any more, or too late, or when it was cancelled. */
    static boolean runUntil(SimulatedNetwork network, BooleanSupplier done, BooleanSupplier cancelled) {
        long end = network.nowNs() + MOST_NS;
        int steps = 0;
        while (!done.getAsBoolean()) {
            if (!network.step() || network.nowNs() > end || (++steps & 0xffff) == 0 && cancelled.getAsBoolean()) {
                return false;
            }
        }
        return true;
    }

    private static Result result(TransferSpec spec, SimulatedLink link, Flow flow, boolean over) {
        TcpInfo info = flow.info();
        SegmentWatch watch = flow.watch();
        String reason = flow.isComplete() ? null : over ? String.valueOf(flow.error()) : "STALLED";
        int mss = info.sendMss;
        return new Result(
                flow.isComplete(),
                reason,
                1,
                flow.received(),
                flow.durationNs(),
                watch.segments(),
                watch.retransmitted(),
                watch.spurious(),
                watch.lastSpuriousNs() < 0 ? -1 : watch.lastSpuriousNs() - flow.startedNs(),
                link.aToB().count(LinkEvent.QUEUE_FULL),
                link.aToB().count(LinkEvent.MARKED),
                info.timeouts,
                new Allowance(spec, mss, mss + Flow.MTU - 1448 + 14));
    }
}
