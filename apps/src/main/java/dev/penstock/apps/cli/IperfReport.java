package dev.penstock.apps.cli;

import dev.penstock.apps.iperf.IperfInterval;
import dev.penstock.apps.iperf.IperfListener;
import dev.penstock.apps.iperf.IperfResult;
import dev.penstock.apps.iperf.IperfSettings;
import dev.penstock.stack.blocking.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;

/** Prints tests in the words and columns of iperf3. */
final class IperfReport implements IperfListener {
    private static final String RULE = "- - - - - - - - - - - - - - - - - - - - - - - - -";

    private final Console console;
    private final CompletableFuture<IperfResult> first = new CompletableFuture<>();
    private boolean server;
    private boolean headed;

    IperfReport(Console console, boolean server) {
        this.console = console;
        this.server = server;
    }

    /** The end of the first test; exceptionally with the reason. */
    CompletableFuture<IperfResult> first() {
        return first;
    }

    @Override
    public void onStart(Endpoint peer, IperfSettings settings) {
        headed = false;
        String what = settings.udp ? "UDP" : "TCP";
        String way = settings.bidirectional ? "both ways" : settings.reverse == server ? "sending" : "receiving";
        console.line((server ? "Accepted a test from " : "Connected to ") + peer.address() + ", port " + peer.port()
                + ": " + what + ", " + way + ", " + settings.parallel
                + (settings.parallel == 1 ? " stream" : " streams"));
    }

    @Override
    public void onInterval(List<IperfInterval> streams) {
        if (!headed) {
            headed = true;
            console.line(header(streams.get(0), false));
        }
        streams.forEach(s -> console.line(line(s, s.omitted() ? "(omitted)" : "")));
        for (boolean sender : new boolean[] {true, false}) {
            sum(streams, sender, "");
        }
    }

    @Override
    public void onEnd(IperfResult result) {
        console.line(RULE);
        console.line(header(result.own().get(0), true));
        for (boolean byUs : new boolean[] {true, false}) {
            List<IperfInterval> senders = new ArrayList<>();
            List<IperfInterval> receivers = new ArrayList<>();
            for (int i = 0; i < result.own().size(); i++) {
                IperfInterval own = result.own().get(i);
                IperfInterval peer = result.peer().get(i);
                if (own.sender() == byUs) {
                    senders.add(byUs ? own : peer);
                    receivers.add(byUs ? peer : own);
                }
            }
            for (int i = 0; i < senders.size(); i++) {
                console.line(line(senders.get(i), "sender"));
                console.line(line(receivers.get(i), "receiver"));
            }
            sum(senders, true, "sender");
            sum(receivers, false, "receiver");
        }
        console.line("");
        first.complete(result);
    }

    @Override
    public void onFailure(String reason) {
        if (server) {
            console.err().println("iperf3: " + reason);
        }
        first.completeExceptionally(new CliException(Main.FAILED, "iperf3: " + reason));
    }

    private static String header(IperfInterval any, boolean end) {
        String common = "[ ID] Interval           Transfer     Bitrate         ";
        if (any.udp()) {
            return common + (any.sender() && !end ? "Total Datagrams" : "Jitter    Lost/Total Datagrams");
        }
        return common + (any.sender() && !end ? "Retr  Cwnd" : any.sender() || end ? "Retr" : "");
    }

    private static String line(IperfInterval s, String role) {
        return text(String.format(Locale.ROOT, "%3d", s.stream()), s, role);
    }

    private void sum(List<IperfInterval> streams, boolean sender, String role) {
        List<IperfInterval> those =
                streams.stream().filter(s -> s.sender() == sender).toList();
        if (those.size() < 2) {
            return;
        }
        IperfInterval one = those.get(0);
        IperfInterval all = new IperfInterval(
                0,
                sender,
                one.udp(),
                one.startNs(),
                one.endNs(),
                those.stream().mapToLong(IperfInterval::bytes).sum(),
                one.retransmits() < 0
                        ? -1
                        : those.stream().mapToLong(IperfInterval::retransmits).sum(),
                -1,
                those.stream().mapToLong(IperfInterval::packets).sum(),
                those.stream().mapToLong(IperfInterval::lost).sum(),
                those.stream().mapToLong(IperfInterval::outOfOrder).sum(),
                those.stream().mapToLong(IperfInterval::jitterNs).sum() / those.size(),
                one.omitted());
        console.line(text("SUM", all, role));
    }

    private static String text(String id, IperfInterval s, String role) {
        double seconds = Math.max(1e-9, (s.endNs() - s.startNs()) / 1e9);
        String more = "";
        if (s.udp()) {
            more = s.sender() && role.isEmpty()
                    ? String.valueOf(s.packets())
                    : String.format(
                            Locale.ROOT,
                            "%.3f ms  %d/%d (%.2g%%)",
                            s.jitterNs() / 1e6,
                            s.lost(),
                            s.packets(),
                            100.0 * s.lost() / (double) Math.max(1, s.packets()));
        } else if (s.retransmits() >= 0 && s.sender()) {
            more = String.format(Locale.ROOT, "%4d", s.retransmits())
                    + (s.cwnd() > 0 ? "   " + transfer(s.cwnd()) : "");
        }
        String line = String.format(
                Locale.ROOT,
                "[%s] %6.2f-%-6.2f sec  %s  %s  %s",
                id,
                s.startNs() / 1e9,
                s.endNs() / 1e9,
                transfer(s.bytes()),
                bitrate(s.bytes() * 8 / seconds),
                more);
        return (role.isEmpty() ? line : String.format(Locale.ROOT, "%-85s %s", line, role)).stripTrailing();
    }

    private static String transfer(long bytes) {
        return scaled((double) bytes, 1024, "Bytes");
    }

    private static String bitrate(double bits) {
        return scaled(bits, 1000, "bits/sec");
    }

    /** Three digits and a unit: {@code 1.25 MBytes}. */
    private static String scaled(double value, int step, String unit) {
        double v = value;
        int i = 0;
        while (v >= step - 0.5 && i < 4) {
            v /= step;
            i++;
        }
        String digits = String.format(Locale.ROOT, v < 9.995 ? "%.2f" : v < 99.95 ? "%.1f" : "%.0f", v);
        String prefix = i == 0 ? "" : String.valueOf("KMGT".charAt(i - 1));
        return String.format(Locale.ROOT, "%4s %s%s", digits, prefix, unit);
    }
}
