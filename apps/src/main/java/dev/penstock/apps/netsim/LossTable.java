package dev.penstock.apps.netsim;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The table of one round-trip time: buffers down, losses across. Lines of text for people, or of CSV for machines. */
public final class LossTable {
    /** What smoltcp publishes for its default build, which has no congestion control: 10 MiB, 100 ms. */
    private static final double[] PUBLISHED_LOSSES = {0, 0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3};

    private static final int PUBLISHED_BYTES = 10 << 20;
    private static final long PUBLISHED_RTT_NS = 100_000_000;
    private static final int[] PUBLISHED_BUFFERS = {128, 4096, 32768};
    private static final double[][] PUBLISHED = {
        {1279, 1255, 1054, 886, 538, 227, 33.9, 7.18},
        {35062, 33859, 26937, 21886, 14073, 7870, 1603, 401},
        {322944, 314779, 219670, 166587, 76626, 37774, 6079, 1156}
    };

    private static final int LABEL = 10;

    private final double[] losses;
    private final String congestion;
    private final int width;

    /**
     * @param losses probabilities
     * @param congestion cubic, reno or none
     */
    public LossTable(double[] losses, String congestion) {
        this.losses = losses.clone();
        this.congestion = congestion;
        this.width = hasFractions() ? 14 : 10;
    }

    private boolean hasFractions() {
        return ResponseFunction.of(congestion) != ResponseFunction.NONE;
    }

    /** The head of the columns. */
    public String header() {
        StringBuilder line = new StringBuilder(pad("buffer", LABEL));
        for (double loss : losses) {
            String cell = percent(loss) + " %";
            line.append(pad(hasFractions() ? cell + "     " : cell, width));
        }
        return line.toString();
    }

    /** The lines of one buffer: the rates, and what is published for comparison, if it is. */
    public List<String> rows(List<TransferSpec> specs, List<Transfer.Result> results) {
        StringBuilder line = new StringBuilder(pad(bytes(specs.get(0).buffer()), LABEL));
        for (Transfer.Result r : results) {
            String cell = r.complete() ? rate(r.rate()) : "died";
            if (hasFractions()) {
                cell += r.complete() ? String.format(Locale.ROOT, "%4.0f%%", 100 * r.fraction()) : "     ";
            }
            line.append(pad(cell, width));
        }
        List<String> lines = new ArrayList<>();
        lines.add(line.toString());
        StringBuilder theirs = new StringBuilder(pad("smoltcp", LABEL));
        StringBuilder ratios = new StringBuilder(pad("ratio", LABEL));
        boolean any = false;
        for (int i = 0; i < specs.size(); i++) {
            double published = published(specs.get(i));
            any |= published > 0;
            theirs.append(pad(published > 0 ? rate(published) : "", width));
            ratios.append(pad(
                    published > 0
                            ? String.format(Locale.ROOT, "%.2f", results.get(i).rate() / published)
                            : "",
                    width));
        }
        if (any) {
            lines.add(theirs.toString());
            lines.add(ratios.toString());
        }
        return lines;
    }

    /** The published rate for the same parameters, or 0. */
    static double published(TransferSpec spec) {
        boolean same = spec.rttNs() == PUBLISHED_RTT_NS
                && spec.bytes() == PUBLISHED_BYTES
                && spec.bandwidth() == 0
                && spec.reorder() == 0
                && spec.congestion().equals("none");
        for (int row = 0; same && row < PUBLISHED_BUFFERS.length; row++) {
            for (int column = 0; column < PUBLISHED_LOSSES.length; column++) {
                if (PUBLISHED_BUFFERS[row] == spec.buffer() && PUBLISHED_LOSSES[column] == spec.loss()) {
                    return PUBLISHED[row][column];
                }
            }
        }
        return 0;
    }

    /** The names of {@link #csv}'s columns. */
    public static String csvHeader() {
        return "rtt_ms,buffer_bytes,loss_percent,cc,bytes,seed,complete,seconds,bytes_per_second,"
                + "steady_allowed,limit,allowed,fraction,segments,retransmitted,spurious,last_spurious_seconds,"
                + "queue_drops,queue_marks,timeouts,runs";
    }

    /** One cell: the first of its transfers, and what came of all. Bytes are those of one, counts and seconds of all. */
    public static String csv(TransferSpec s, Transfer.Result r) {
        return String.format(
                Locale.ROOT,
                "%s,%s,%s,%s,%d,%d,%s,%.6f,%.3f,%.3f,%s,%.3f,%.4f,%d,%d,%d,%s,%d,%d,%d,%d",
                plain(s.rttNs() / 1e6),
                s.buffer() == TransferSpec.AUTO ? "auto" : String.valueOf(s.buffer()),
                percent(s.loss()),
                s.congestion(),
                s.bytes(),
                s.seed(),
                r.complete() ? "yes" : r.reason(),
                r.ns() / 1e9,
                r.rate(),
                r.allowance().steadyRate(),
                r.allowance().limit().name().toLowerCase(Locale.ROOT),
                r.allowance().rate(s.bytes()),
                r.fraction(),
                r.segments(),
                r.retransmitted(),
                r.spurious(),
                r.lastSpuriousNs() < 0 ? "" : String.format(Locale.ROOT, "%.3f", r.lastSpuriousNs() / 1e9),
                r.dropped(),
                r.marked(),
                r.timeouts(),
                r.runs());
    }

    /** Bytes a second, with three digits at least. */
    static String rate(double rate) {
        return String.format(Locale.ROOT, rate < 10 ? "%.2f" : rate < 100 ? "%.1f" : "%.0f", rate);
    }

    /** 0.1 for 0.001. */
    public static String percent(double part) {
        return plain(Math.round(part * 1e8) / 1e6);
    }

    /** A number without needless zeros. */
    public static String plain(double value) {
        return value == Math.rint(value) ? String.format(Locale.ROOT, "%.0f", value) : String.valueOf(value);
    }

    /** 128 B, 32 KiB. */
    static String bytes(int buffer) {
        if (buffer == TransferSpec.AUTO) {
            return "auto";
        }
        if (buffer >= 1 << 20 && buffer % (1 << 20) == 0) {
            return (buffer >> 20) + " MiB";
        }
        return buffer >= 1024 && buffer % 1024 == 0 ? (buffer >> 10) + " KiB" : buffer + " B";
    }

    private static String pad(String text, int width) {
        return " ".repeat(Math.max(1, width - text.length())) + text;
    }
}
