package dev.penstock.apps.netsim;

import java.util.Locale;

/** The table of flows through one bottleneck, a line for each number of flows. */
public final class FlowsTable {
    private FlowsTable() {}

    /** The head of the columns. */
    public static String header() {
        return String.format(
                "%7s %12s %12s %12s %9s %8s %9s %9s %9s",
                "flows", "aggregate", "slowest", "fastest", "fairness", "drops", "re-sent", "spurious", "seconds");
    }

    /** One line. */
    public static String row(FlowsSpec s, Flows.Result r) {
        return String.format(
                Locale.ROOT,
                "%7d %12s %12s %12s %9.3f %7.2f%% %8.2f%% %8.2f%% %9.3f%s",
                s.flows(),
                LossTable.rate(r.aggregate()),
                LossTable.rate(r.slowest()),
                LossTable.rate(r.fastest()),
                r.fairness(),
                100 * r.dropRate(),
                part(r.retransmitted(), r.segments()),
                part(r.spurious(), r.segments()),
                r.ns() / 1e9,
                r.complete() ? "" : "  incomplete");
    }

    private static double part(long some, long all) {
        return all == 0 ? 0 : 100.0 * some / all;
    }

    /** The names of {@link #csv}'s columns. */
    public static String csvHeader() {
        return "flows,bytes,buffer_bytes,min_rtt_ms,max_rtt_ms,bandwidth,queue,cc,seed,complete,seconds,"
                + "aggregate,slowest,fastest,fairness,offered,dropped,marked,segments,retransmitted,spurious,timeouts";
    }

    /** One line. */
    public static String csv(FlowsSpec s, Flows.Result r) {
        return String.format(
                Locale.ROOT,
                "%d,%d,%s,%s,%s,%d,%d,%s,%d,%s,%.6f,%.3f,%.3f,%.3f,%.5f,%d,%d,%d,%d,%d,%d,%d",
                s.flows(),
                s.bytes(),
                s.buffer() == TransferSpec.AUTO ? "auto" : String.valueOf(s.buffer()),
                LossTable.plain(s.minRttNs() / 1e6),
                LossTable.plain(s.maxRttNs() / 1e6),
                s.bandwidth(),
                s.queue(),
                s.congestion(),
                s.seed(),
                r.complete() ? "yes" : "no",
                r.ns() / 1e9,
                r.aggregate(),
                r.slowest(),
                r.fastest(),
                r.fairness(),
                r.offered(),
                r.dropped(),
                r.marked(),
                r.segments(),
                r.retransmitted(),
                r.spurious(),
                r.timeouts());
    }
}
