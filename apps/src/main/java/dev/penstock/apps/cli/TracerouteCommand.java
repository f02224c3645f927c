package dev.penstock.apps.cli;

import dev.penstock.stack.blocking.Endpoint;
import dev.penstock.stack.blocking.PenstockStack;
import dev.penstock.stack.wire.IpAddress;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Finds the routers on the way to a host, as traceroute does. */
@Command(
        name = "traceroute",
        mixinStandardHelpOptions = true,
        descriptionHeading = "%n",
        parameterListHeading = "%nParameters:%n",
        optionListHeading = "%nOptions:%n",
        description = {"Finds the routers on the way to a host, by UDP, ICMP or TCP, with the habits of traceroute."},
        footer = {
            "",
            "Behind a time: !H host, !N network, !P protocol unreachable, !X forbidden, !S source route failed,",
            "!F-N too big for the next hop, whose MTU is N, !<T-C> ICMP type and code. A star: no answer.",
            "Exit code: 0 when the host was reached, 1 when it was not, 2 for another failure.",
            "",
            "Example:",
            "  penstock traceroute --tap pen0 --addr 192.0.2.2/24 --gateway 192.0.2.1 198.51.100.7"
        })
final class TracerouteCommand implements Callable<Integer> {
    /** Hops whose probes are under way at once. */
    private static final int AHEAD = 4;

    private static final int UDP_PORT = 33_434;
    private static final int TCP_PORT = 80;

    @ParentCommand
    private Main main;

    @Mixin
    private TapOptions tapOptions;

    @Parameters(
            index = "0",
            paramLabel = "ADDRESS",
            converter = TapOptions.TargetConverter.class,
            description = "Whom to look for; as fe80::1%%pen0 on one interface.")
    private Endpoint asked;

    @Parameters(index = "1", arity = "0..1", paramLabel = "BYTES", description = "Of each packet (default 60).")
    private int size = 60;

    @Option(names = "-I", description = "ICMP echo requests instead of UDP.")
    private boolean icmp;

    @Option(names = "-T", description = "TCP SYNs instead of UDP, to port 80 unless -p says otherwise.")
    private boolean tcp;

    @Option(names = "-f", paramLabel = "HOP", defaultValue = "1", description = "Begin with this hop (default 1).")
    private int first;

    @Option(names = "-m", paramLabel = "HOP", defaultValue = "30", description = "End with this hop (default 30).")
    private int last;

    @Option(names = "-q", paramLabel = "N", defaultValue = "3", description = "Probes for each hop (default 3).")
    private int queries;

    @Option(
            names = "-w",
            paramLabel = "S",
            defaultValue = "5",
            description = "Seconds to wait for an answer (default 5).")
    private double wait;

    @Option(
            names = "-p",
            paramLabel = "PORT",
            description = "UDP: the first probe's port (default 33434); TCP: the port.")
    private int port;

    @Option(names = "-F", description = "Set DF.")
    private boolean dontFragment;

    @Option(names = "-n", description = "Numeric output; there is no other here.")
    @SuppressWarnings("UnusedVariable") // all output is numeric: the option is taken for the sake of habit
    private boolean numeric;

    @Override
    public Integer call() throws Exception {
        check();
        Prober.Method method = icmp ? Prober.Method.ICMP : tcp ? Prober.Method.TCP : Prober.Method.UDP;
        int from = port != 0 ? port : tcp ? TCP_PORT : UDP_PORT;
        try (TapStack tap = TapStack.open(tapOptions, main.console)) {
            IpAddress target = asked.address();
            tap.awaitAddress(asked, PingCommand.ADDRESS_SECONDS);
            PenstockStack stack = tap.stack();
            try (Probes probes = Probes.open(stack, method, target, tap.zone(asked), from)) {
                main.console.line("traceroute to " + target + " (" + target + "), " + last + " hops max, " + size
                        + " byte packets");
                return trace(probes) ? Main.OK : Main.FAILED;
            }
        }
    }

    private void check() throws CliException {
        if (icmp && tcp) {
            throw CliException.usage("-I and -T are two methods: give one");
        }
        if (first < 1 || last > 255 || first > last) {
            throw CliException.usage("-f " + first + " and -m " + last + " are no range of hops: give 1 .. 255");
        }
        if (queries < 1 || queries > 10) {
            throw CliException.usage("-q " + queries + " is out of range: give 1 .. 10");
        }
        if (!(wait >= 0.001 && wait <= 60)) {
            throw CliException.usage("-w " + wait + " is out of range: give 0.001 .. 60 seconds");
        }
        int least = asked.address().isV4() ? 28 : 48;
        if (size < least || size > 65_000) {
            throw CliException.usage(size + " bytes are out of range: give " + least + " .. 65000");
        }
        boolean fits = port >= 0 && port + (tcp || icmp ? 0 : last * queries) <= 65_535;
        if (!fits) {
            throw CliException.usage("-p " + port + " is out of range: give a smaller port");
        }
    }

    /** True when the destination, or the end of the way to it, was reached. */
    private boolean trace(Probes probes) throws IOException, InterruptedException {
        long timeoutNs = (long) (wait * 1e9);
        Deque<List<Probes.Probe>> sent = new ArrayDeque<>();
        int next = first;
        for (int hop = first; hop <= last && !main.shutdown.isRequested(); hop++) {
            while (next <= last && next < hop + AHEAD) {
                sent.add(sendAll(probes, next++, timeoutNs));
            }
            List<Hop> answers = new ArrayList<>();
            for (Probes.Probe probe : sent.remove()) {
                answers.add(probe == null ? new Hop(null, 0, false, "", 0, 0) : probes.await(probe, timeoutNs));
            }
            main.console.line(line(hop, answers));
            if (answers.stream().anyMatch(Hop::reached)) {
                return answers.stream().anyMatch(a -> a.reached() && a.mark().isEmpty());
            }
        }
        return false;
    }

    private List<Probes.Probe> sendAll(Probes probes, int ttl, long timeoutNs)
            throws IOException, InterruptedException {
        List<Probes.Probe> all = new ArrayList<>();
        for (int i = 0; i < queries; i++) {
            all.add(probes.send(ttl, size, dontFragment, timeoutNs));
        }
        return all;
    }

    /** {@code  2  192.0.2.1  0.345 ms  0.311 ms 192.0.2.9  0.402 ms !N}. */
    static String line(int hop, List<Hop> answers) {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%2d ", hop));
        IpAddress before = null;
        for (Hop answer : answers) {
            if (answer.from() == null) {
                line.append(" *");
                continue;
            }
            if (!answer.from().equals(before)) {
                line.append(' ').append(answer.from());
                before = answer.from();
            }
            line.append(String.format(Locale.ROOT, "  %.3f ms", answer.rttNs() / 1e6));
            if (!answer.mark().isEmpty()) {
                line.append(' ').append(answer.mark());
            }
        }
        return line.toString();
    }
}
