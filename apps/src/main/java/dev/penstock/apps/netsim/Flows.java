package dev.penstock.apps.netsim;

import dev.penstock.stack.sim.Bottleneck;
import dev.penstock.stack.sim.LinkEvent;
import dev.penstock.stack.sim.SimulatedLink;
import dev.penstock.stack.sim.SimulatedNetwork;
import dev.penstock.stack.tcp.TcpOptions;
import java.util.function.BooleanSupplier;

/**
 * Carries out one {@link FlowsSpec} in virtual time: each flow between two hosts of its own, so that they share nothing but
 * the bottleneck, which stands at the senders' end of all links.
 */
public final class Flows {
    private Flows() {}

    /**
     * What came of them.
     *
     * @param complete all were
     * @param ns from the first SYN to the last byte of the last flow
     * @param bytes received by all
     * @param slowest bytes a second of the slowest flow, from its own SYN to its own last byte
     * @param fastest of the fastest
     * @param fairness Jain's index of the flows' rates: {@code (sum x)^2 / (n * sum x^2)}, 1/n .. 1
     * @param offered packets to the bottleneck
     * @param dropped of them
     * @param marked of them
     * @param segments with data
     * @param retransmitted of them
     * @param spurious of them
     * @param timeouts of the retransmission timers
     */
    public record Result(
            boolean complete,
            long ns,
            long bytes,
            double slowest,
            double fastest,
            double fairness,
            long offered,
            long dropped,
            long marked,
            long segments,
            long retransmitted,
            long spurious,
            long timeouts) {

        /** Bytes a second: all bytes over the time until the last flow ended. */
        public double aggregate() {
            return bytes * 1e9 / Math.max(1, ns);
        }

        /** Part of the offered packets. */
        public double dropRate() {
            return offered == 0 ? 0 : (double) dropped / offered;
        }
    }

    /** Runs them. Any thread; nothing is shared. */
    public static Result run(FlowsSpec spec, Instruments instruments, BooleanSupplier cancelled) {
        SimulatedNetwork network = SimulatedNetwork.seeded(TransferSpec.mix(spec.seed() ^ spec.flows()));
        try (network) {
            Bottleneck bottleneck = Transfer.bottleneck(spec.bandwidth(), spec.queue(), spec.ecn());
            Flow[] flows = new Flow[spec.flows()];
            SimulatedLink[] links = new SimulatedLink[flows.length];
            for (int i = 0; i < flows.length; i++) {
                long rttNs = spec.rttNs(i);
                SimulatedLink link = Flow.link(network);
                link.aToB().bottleneck(bottleneck).delay(rttNs - rttNs / 2).loss(spec.loss());
                link.bToA().delay(rttNs / 2).loss(spec.loss());
                links[i] = link;
                TcpOptions options = Flow.options(spec.buffer(), spec.congestion());
                flows[i] = new Flow(network, link, options, spec.ecn(), spec.bytes(), instruments);
            }
            long startedNs = network.nowNs();
            for (Flow flow : flows) {
                flow.start();
            }
            int[] over = {0};
            BooleanSupplier done = () -> {
                while (over[0] < flows.length && flows[over[0]].isOver()) {
                    over[0]++;
                }
                return over[0] == flows.length;
            };
            Transfer.runUntil(network, done, cancelled);
            return result(flows, links, bottleneck, network.nowNs() - startedNs);
        }
    }

    private static Result result(Flow[] flows, SimulatedLink[] links, Bottleneck bottleneck, long ns) {
        boolean complete = true;
        long bytes = 0;
        double slowest = Double.POSITIVE_INFINITY;
        double fastest = 0;
        double sum = 0;
        double squares = 0;
        long[] counts = new long[5];
        for (int i = 0; i < flows.length; i++) {
            Flow flow = flows[i];
            double rate = flow.received() * 1e9 / Math.max(1, flow.durationNs());
            complete &= flow.isComplete();
            bytes += flow.received();
            slowest = Math.min(slowest, rate);
            fastest = Math.max(fastest, rate);
            sum += rate;
            squares += rate * rate;
            counts[0] += links[i].aToB().count(LinkEvent.MARKED);
            counts[1] += flow.watch().segments();
            counts[2] += flow.watch().retransmitted();
            counts[3] += flow.watch().spurious();
            counts[4] += flow.info().timeouts;
        }
        return new Result(
                complete,
                ns,
                bytes,
                slowest,
                fastest,
                jain(sum, squares, flows.length),
                bottleneck.offered(),
                bottleneck.dropped(),
                counts[0],
                counts[1],
                counts[2],
                counts[3],
                counts[4]);
    }

    /** Jain, Chiu and Hawe, "A quantitative measure of fairness and discrimination", DEC-TR-301, 1984. */
    static double jain(double sum, double sumOfSquares, int n) {
        return sumOfSquares == 0 ? 0 : sum * sum / (n * sumOfSquares);
    }
}
