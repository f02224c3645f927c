package dev.penstock.apps.trace;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.xml.stream.XMLStreamException;

/**
 * Draws a trace as SVG: above, sequence numbers over time; below, cwnd and its like. Colours are of a middle lightness on
 * no background, so that the picture suits light and dark pages. However long the trace is, the picture stays under 2 MB.
 */
public final class TracePlot {
    private static final int WIDTH = 1280;
    private static final int HEIGHT = 860;
    private static final int LEFT = 92;
    private static final int RIGHT = WIDTH - 92;
    private static final int UPPER_TOP = 96;
    private static final int UPPER_BOTTOM = 502;
    private static final int STRIP = 524;
    private static final int LOWER_TOP = 576;
    private static final int LOWER_BOTTOM = 800;

    private static final String STYLE =
            """

            text{fill:#808080} .title{font-size:13px} .label{font-size:12px}
            .head{font-size:19px;font-weight:bold} .sub{font-size:13.5px}
            .frame{fill:none;stroke:#808080;stroke-width:1} .axis{stroke:#808080;stroke-width:1}
            .grid{stroke:#808080;stroke-opacity:.22;stroke-width:1}
            .sent{stroke:#3584e4} .again{stroke:#e5343d} .sack{stroke:#d98a00} .ack{stroke:#26a269;stroke-width:1.4}
            .window{stroke:#a05fc0;stroke-width:1.4} .cwnd{stroke:#3584e4;stroke-width:1.8}
            .ssthresh{stroke:#a05fc0;stroke-width:1.5;stroke-dasharray:6 4} .pipe{stroke:#26a269;stroke-width:1;stroke-opacity:.75}
            .srtt{stroke:#d98a00;stroke-width:1.4} text.srtt{fill:#d98a00;stroke:none} .swatch{stroke-width:3.5}
            .p-enter_recovery{fill:#e5a50a;fill-opacity:.2} .p-enter_cwr{fill:#26a269;fill-opacity:.2}
            .p-timeout{fill:#e5343d;fill-opacity:.18}
            .m-timeout{fill:#e5343d} .m-tail_loss_probe{fill:#3584e4} .m-undo{fill:#26a269}
            .m-window_probe{fill:#a05fc0} .m-enter_cwr{fill:#d98a00}
            """;

    /** Which way the data went that is drawn. */
    public enum Direction {
        /** What the traced end sent. */
        SENT,
        /** What it received. */
        RECEIVED,
        /** The one with more data. */
        AUTO
    }

    private final TraceData data;
    private final SequencePanel sequences;
    private final CongestionPanel congestion;
    private final boolean sent;
    private final long endNs;
    private final Phases phases;

    private TracePlot(TraceData data, Direction direction) {
        this.data = data;
        this.sent = direction == Direction.SENT || direction == Direction.AUTO && sentMore(data);
        this.sequences = new SequencePanel(data, sent);
        this.congestion = new CongestionPanel(data);
        long last = data.segments.get(data.segments.size() - 1, TraceData.TIME);
        this.endNs = Math.max(1, last - data.firstNs);
        this.phases = Phases.of(data, Math.max(1, endNs / (2L * (RIGHT - LEFT))));
    }

    private static boolean sentMore(TraceData data) {
        long balance = 0;
        for (int i = 0; i < data.segments.size(); i++) {
            TraceKind kind = data.segmentKind(i);
            long length = data.segments.get(i, TraceData.LENGTH);
            balance += kind == TraceKind.RECEIVED ? -length : kind == TraceKind.SACK ? 0 : length;
        }
        return balance >= 0;
    }

    /**
     * Draws one connection.
     *
     * @param trace what {@link TcpTraceCsv} wrote
     * @param svg the file to write
     * @param connection its number in the trace, from 1 on; 0 for the one with the most events
     * @return what was drawn, in a few words
     * @throws IOException the trace cannot be read or is damaged, see {@link TraceFormatException}, or has no such
     *     connection, or the picture cannot be written
     */
    public static String draw(Path trace, Path svg, int connection, Direction direction) throws IOException {
        TraceData data = TraceReader.read(trace, connection);
        if (data.segments.size() == 0) {
            throw new IOException("connection " + data.connection + " has no segments to draw");
        }
        TracePlot plot = new TracePlot(data, direction);
        try (Writer out = Files.newBufferedWriter(svg, StandardCharsets.UTF_8)) {
            plot.write(out);
        } catch (XMLStreamException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getMessage(), e);
        }
        return plot.heading() + ": " + plot.summary();
    }

    private void write(Writer out) throws XMLStreamException {
        Svg svg = new Svg(out);
        // The description comes first in the file but needs what is counted while drawing: so it says less.
        svg.begin(WIDTH, HEIGHT, heading(), "Sequence numbers over time; congestion window and round-trip time", STYLE);
        NiceAxis time = NiceAxis.time(0, (double) endNs, LEFT, RIGHT, 10);
        Panel upper = new Panel(svg, LEFT, UPPER_TOP, RIGHT, UPPER_BOTTOM);
        Panel lower = new Panel(svg, LEFT, LOWER_TOP, RIGHT, LOWER_BOTTOM);
        svg.group();
        svg.clip("upper", LEFT, UPPER_TOP, RIGHT - LEFT, UPPER_BOTTOM - UPPER_TOP);
        svg.clip("lower", LEFT, LOWER_TOP, RIGHT - LEFT, LOWER_BOTTOM - LOWER_TOP);
        svg.endGroup();
        shade(svg, time);
        NiceAxis seq = NiceAxis.bytes(0, sequences.range() * 1.03, UPPER_BOTTOM, UPPER_TOP, 8);
        upper.timeAxis(time, false);
        upper.leftAxis(seq, "sequence number");
        sequences.draw(svg, upper, time, seq);
        upper.frame();
        upper.legend(sequences.legend());
        marks(svg, time);
        if (data.samples.size() > 0) {
            NiceAxis bytes = NiceAxis.bytes(0, congestion.range() * 1.06, LOWER_BOTTOM, LOWER_TOP, 5);
            NiceAxis srtt = NiceAxis.time(0, congestion.srttRange() * 1.25, LOWER_BOTTOM, LOWER_TOP, 5);
            lower.timeAxis(time, true);
            lower.leftAxis(bytes, "window");
            lower.rightAxis(srtt, "srtt", "srtt");
            congestion.draw(svg, lower, time, bytes, srtt);
            lower.legend(congestion.legend());
        } else {
            lower.timeAxis(time, true);
        }
        lower.frame();
        svg.text(LEFT, 34, heading(), "class", "head");
        svg.text(LEFT, 58, summary(), "class", "sub");
        svg.end();
    }

    private void shade(Svg svg, NiceAxis time) throws XMLStreamException {
        for (Phases.Phase p : phases.phases) {
            double from = time.at(p.fromNs() - data.firstNs);
            double width = Math.max(1, Math.min(RIGHT, time.at(p.toNs() - data.firstNs)) - from);
            if (from < RIGHT) {
                String style = "p-" + p.cause();
                svg.rect(from, UPPER_TOP, width, UPPER_BOTTOM - UPPER_TOP, "class", style);
                svg.rect(from, LOWER_TOP, width, LOWER_BOTTOM - LOWER_TOP, "class", style);
            }
        }
    }

    /** The strip between the panels: marks, and what they and the shades mean, as far as there are any. */
    private void marks(Svg svg, NiceAxis time) throws XMLStreamException {
        List<TraceKind> seen = new ArrayList<>();
        for (Phases.Mark m : phases.marks) {
            double x = time.at(m.timeNs() - data.firstNs);
            if (x <= RIGHT) {
                svg.path(shape(m.kind(), x, STRIP - 10), "class", "m-" + m.kind());
                if (!seen.contains(m.kind())) {
                    seen.add(m.kind());
                }
            }
        }
        double x = LEFT + 520;
        for (TraceKind k : seen) {
            svg.path(shape(k, x + 6, LOWER_TOP - 14), "class", "m-" + k);
            svg.text(x + 17, LOWER_TOP - 9.5, name(k), "class", "label");
            x += 17 + name(k).length() * 6.9 + 18;
        }
        for (TraceKind k : List.of(TraceKind.ENTER_RECOVERY, TraceKind.ENTER_CWR, TraceKind.TIMEOUT)) {
            if (phases.phases.stream().anyMatch(p -> p.cause() == k)) {
                String text =
                        k == TraceKind.TIMEOUT ? "after an RTO" : k == TraceKind.ENTER_CWR ? "CWR" : "fast recovery";
                svg.rect(x, LOWER_TOP - 21, 22, 13, "class", "p-" + k);
                svg.text(x + 28, LOWER_TOP - 9.5, text, "class", "label");
                x += 28 + text.length() * 6.9 + 18;
            }
        }
    }

    private static String name(TraceKind kind) {
        return switch (kind) {
            case TIMEOUT -> "RTO";
            case TAIL_LOSS_PROBE -> "TLP";
            case UNDO -> "undo";
            case WINDOW_PROBE -> "window probe";
            default -> "ECN";
        };
    }

    private static String shape(TraceKind kind, double x, double y) {
        String at = "M" + Svg.number(x) + " " + Svg.number(y);
        return switch (kind) {
            case TIMEOUT -> at + "m-6 -5h12l-6 11z";
            case TAIL_LOSS_PROBE -> at + "m0 -6l5 6l-5 6l-5 -6z";
            case UNDO -> at + "m-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z";
            case WINDOW_PROBE -> at + "m-4 -4h8v8h-8z";
            default -> at + "m-6 5h12l-6 -11z";
        };
    }

    private String heading() {
        String[] ends = data.addresses.split(" ", 2);
        String peers = ends.length == 2 ? ": " + ends[0] + (sent ? " → " : " ← ") + ends[1] : "";
        return "TCP connection " + data.connection + peers;
    }

    private String summary() {
        StringBuilder text = new StringBuilder();
        double seconds = endNs / 1e9;
        text.append(size(sequences.bytes())).append(sent ? " sent in " : " received in ");
        text.append(String.format(Locale.ROOT, seconds < 1 ? "%.3g s" : "%.2f s", seconds));
        text.append(" (").append(size(Math.round((sequences.bytes() - sequences.bytesAgain()) / seconds)));
        text.append("/s), ").append(size(sequences.bytesAgain())).append(sent ? " retransmitted" : " late or again");
        if (sequences.bytesAgain() > 0) {
            double percent = 100.0 * sequences.bytesAgain() / Math.max(1, sequences.bytes());
            text.append(String.format(Locale.ROOT, " (%.2g %%)", percent));
        }
        counted(text, phases.recoveries, "fast recovery", "fast recoveries");
        counted(text, phases.timeouts, "RTO", "RTOs");
        counted(text, phases.tailLossProbes, "TLP", "TLPs");
        counted(text, phases.undos, "undo", "undos");
        return text.append(data.truncated ? "; the trace is truncated" : "").toString();
    }

    private static void counted(StringBuilder text, int n, String one, String many) {
        if (n > 0) {
            text.append(", ").append(n).append(' ').append(n == 1 ? one : many);
        }
    }

    private static String size(long bytes) {
        if (bytes < 10_000) {
            return bytes + " B";
        }
        return bytes < 1_000_000
                ? String.format(Locale.ROOT, "%.1f kB", bytes / 1e3)
                : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }
}
