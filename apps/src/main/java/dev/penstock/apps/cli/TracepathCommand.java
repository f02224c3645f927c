package dev.penstock.apps.cli;

import dev.penstock.stack.blocking.Endpoint;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Finds the path MTU to a host, and the routers on the way, as tracepath does. */
@Command(
        name = "tracepath",
        mixinStandardHelpOptions = true,
        descriptionHeading = "%n",
        parameterListHeading = "%nParameters:%n",
        optionListHeading = "%nOptions:%n",
        description = {"Finds the path MTU to a host and the routers on the way, with the habits of tracepath."},
        footer = {
            "",
            "Exit code: 0 when the host was reached, 1 when it was not, 2 for another failure.",
            "",
            "Example:",
            "  penstock tracepath --tap pen0 --addr 192.0.2.2/24 --gateway 192.0.2.1 198.51.100.7"
        })
final class TracepathCommand implements Callable<Integer> {
    private static final int PORT = 44_444;
    private static final int TRIES = 3;
    private static final int LEAST = 68;

    @ParentCommand
    private Main main;

    @Mixin
    private TapOptions tapOptions;

    @Parameters(
            paramLabel = "ADDRESS",
            converter = TapOptions.TargetConverter.class,
            description = "Whom to look for; as fe80::1%%pen0 on one interface.")
    private Endpoint target;

    @Option(names = "-m", paramLabel = "HOP", defaultValue = "30", description = "End with this hop (default 30).")
    private int last;

    @Option(
            names = "-l",
            paramLabel = "BYTES",
            description = "Begin with packets of this size (default: the link's MTU).")
    private int length;

    @Option(
            names = "-w",
            paramLabel = "S",
            defaultValue = "1",
            description = "Seconds to wait for an answer (default 1).")
    private double wait;

    @Option(names = "-n", description = "Numeric output; there is no other here.")
    @SuppressWarnings("UnusedVariable") // all output is numeric: the option is taken for the sake of habit
    private boolean numeric;

    private int mtu;

    @Override
    public Integer call() throws Exception {
        if (last < 1 || last > 255 || !(wait >= 0.001 && wait <= 60)) {
            throw CliException.usage("-m or -w is out of range: give -m 1 .. 255, -w 0.001 .. 60");
        }
        if (length != 0 && (length < LEAST || length > 65_000)) {
            throw CliException.usage("-l " + length + " is out of range: give " + LEAST + " .. 65000");
        }
        try (TapStack tap = TapStack.open(tapOptions, main.console)) {
            tap.awaitAddress(target, PingCommand.ADDRESS_SECONDS);
            try (Probes probes =
                    Probes.open(tap.stack(), Prober.Method.UDP, target.address(), tap.zone(target), PORT)) {
                mtu = length != 0 ? Math.min(length, probes.mtu()) : probes.mtu();
                main.console.line(String.format(Locale.ROOT, " 1?: %-40s pmtu %d", "[LOCALHOST]", mtu));
                return trace(probes) ? Main.OK : Main.FAILED;
            }
        }
    }

    private boolean trace(Probes probes) throws IOException, InterruptedException {
        for (int ttl = 1; ttl <= last && !main.shutdown.isRequested(); ttl++) {
            Hop hop = ask(probes, ttl);
            if (hop.from() == null) {
                main.console.line(String.format(Locale.ROOT, "%2d:  no reply", ttl));
            } else if (hop.reached()) {
                String end = hop.mark().isEmpty() ? "reached" : hop.mark();
                say(ttl, hop, end);
                main.console.line("     Resume: pmtu " + mtu + " hops " + ttl);
                return hop.mark().isEmpty();
            } else {
                say(ttl, hop, "");
            }
        }
        main.console.line("     Too many hops: pmtu " + mtu);
        main.console.line("     Resume: pmtu " + mtu);
        return false;
    }

    /** Asks one hop, with ever smaller packets while they are too big for what lies before it. */
    private Hop ask(Probes probes, int ttl) throws IOException, InterruptedException {
        long timeoutNs = (long) (wait * 1e9);
        int tries = 0;
        while (tries < TRIES) {
            Probes.Probe probe = probes.send(ttl, mtu, true, timeoutNs);
            if (probe == null) {
                int known = probes.mtu();
                if (known >= mtu) {
                    return Hop.SILENCE;
                }
                mtu = known;
                continue;
            }
            Hop hop = probes.await(probe, timeoutNs);
            if (hop.mtu() > 0 && hop.mtu() < mtu) {
                mtu = Math.max(LEAST, hop.mtu());
                say(ttl, hop, "pmtu " + mtu);
            } else if (hop.from() != null && hop.mtu() == 0) {
                return hop;
            } else {
                tries++;
            }
        }
        return Hop.SILENCE;
    }

    private void say(int ttl, Hop hop, String remark) {
        String line = String.format(Locale.ROOT, "%2d:  %-40s %.3fms %s", ttl, hop.from(), hop.rttNs() / 1e6, remark);
        main.console.line(line.stripTrailing());
    }
}
