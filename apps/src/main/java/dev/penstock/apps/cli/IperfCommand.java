package dev.penstock.apps.cli;

import dev.penstock.apps.iperf.IperfClient;
import dev.penstock.apps.iperf.IperfException;
import dev.penstock.apps.iperf.IperfServer;
import dev.penstock.apps.iperf.IperfSettings;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.blocking.Endpoint;
import dev.penstock.stack.blocking.PenstockStack;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Measures throughput against iperf3, or serves it. */
@Command(
        name = "iperf3",
        mixinStandardHelpOptions = true,
        descriptionHeading = "%n",
        optionListHeading = "%nOptions:%n",
        description = {
            "Speaks iperf3's protocol: a client (-c) or a server (-s) for iperf3 on another host, or for another penstock."
        },
        footer = {
            "",
            "Example (as root):",
            "  penstock iperf3 -s --tap pen0 --addr 192.0.2.2/24 --host-addr 192.0.2.1/24",
            "  iperf3 -c 192.0.2.2"
        })
final class IperfCommand implements Callable<Integer> {
    @ParentCommand
    private Main main;

    @Mixin
    private TapOptions tapOptions;

    @ArgGroup(multiplicity = "1")
    private Role role;

    private static final class Role {
        @Option(names = "-s", required = true, description = "Serve.")
        private boolean server;

        @Option(
                names = "-c",
                required = true,
                paramLabel = "ADDRESS",
                description = "Test against the server at ADDRESS.")
        private String client;
    }

    @Option(names = "-p", paramLabel = "PORT", defaultValue = "5201", description = "The port (default 5201).")
    private int port;

    @Option(names = "-i", paramLabel = "S", defaultValue = "1", description = "Seconds between reports (default 1).")
    private double interval;

    @Option(names = "-1", description = "With -s: end after one test.")
    private boolean once;

    @Option(names = "-u", description = "UDP.")
    private boolean udp;

    @Option(names = "-t", paramLabel = "S", defaultValue = "10", description = "Seconds to send (default 10).")
    private int seconds;

    @Option(names = "-n", paramLabel = "N[KMG]", description = "Bytes to send, instead of -t.")
    private String bytes;

    @Option(names = "-k", paramLabel = "N", description = "Writes or datagrams to send, instead of -t.")
    private long blocks;

    @Option(names = "-O", paramLabel = "S", description = "Seconds at the beginning that do not count.")
    private int omit;

    @Option(names = "-P", paramLabel = "N", defaultValue = "1", description = "Streams at once (default 1).")
    private int parallel;

    @Option(names = "-R", description = "The server sends.")
    private boolean reverse;

    @Option(names = "--bidir", description = "Both send.")
    private boolean bidirectional;

    @Option(
            names = "-l",
            paramLabel = "N[KM]",
            description = "Bytes of a write or datagram (default 128K, and 1448 with -u).")
    private String length;

    @Option(
            names = "-b",
            paramLabel = "N[KMG]",
            description = "Bits a second of each stream; 0 for no limit (default 0, and 1M with -u).")
    private String rate;

    @Option(names = "-w", paramLabel = "N[KM]", description = "Bytes of the socket's buffers.")
    private String window;

    @Option(names = "-M", paramLabel = "N", description = "TCP's largest segment, bytes.")
    private int mss;

    @Option(names = "-N", description = "No Nagle algorithm.")
    private boolean noDelay;

    @Option(names = "-C", paramLabel = "NAME", description = "TCP's congestion control: cubic or reno.")
    private String congestion;

    @Option(names = "-S", paramLabel = "N", description = "The type of service byte, 0 .. 255.")
    private int tos;

    @Override
    public Integer call() throws Exception {
        if (port < 1 || port > 65_535) {
            throw CliException.usage("not a port: " + port + ": give a number in 1 .. 65535");
        }
        if (!(interval >= 0 && interval <= 3600) || interval > 0 && interval < 0.1) {
            throw CliException.usage("-i " + interval + " is out of range: give seconds in 0.1 .. 3600, or 0 for none");
        }
        return role.server ? serve() : test(settings());
    }

    private long intervalNs() {
        return (long) (interval * 1e9);
    }

    private int serve() throws Exception {
        try (TapStack tap = TapStack.open(tapOptions, main.console)) {
            IperfReport report = new IperfReport(main.console, true);
            IperfServer server = serve(tap.stack(), port, report, intervalNs());
            main.console.line("ready: listens on port " + port);
            if (once) {
                main.shutdown.onRequest(() -> report.onFailure("interrupted"));
                try {
                    report.first().get();
                } catch (ExecutionException e) {
                    return Main.FAILED;
                }
            } else {
                main.shutdown.await();
            }
            tap.stack().call(shard -> {
                server.close();
                return null;
            });
        }
        return Main.OK;
    }

    /** Serves on a stack that runs. */
    static IperfServer serve(PenstockStack stack, int port, IperfReport report, long intervalNs)
            throws IOException, CliException {
        Object made = stack.call(shard -> {
            try {
                return IperfServer.start(shard, port, report, intervalNs);
            } catch (IperfException e) {
                return e;
            }
        });
        if (made instanceof IperfException e) {
            throw CliException.failed(e.getMessage());
        }
        return (IperfServer) made;
    }

    private int test(IperfSettings settings) throws Exception {
        Endpoint server;
        try {
            server = Endpoint.of(role.client, port);
        } catch (IllegalArgumentException e) {
            throw CliException.usage(e.getMessage() + ": names are not looked up, give an address as 192.0.2.1");
        }
        try (TapStack tap = TapStack.open(tapOptions, main.console)) {
            IperfReport report = new IperfReport(main.console, false);
            RandomSource random = new SecureRandom()::nextLong;
            Object made = tap.stack().call(shard -> {
                try {
                    return IperfClient.start(shard, server, settings, report, intervalNs(), random);
                } catch (IperfException e) {
                    return e;
                }
            });
            if (made instanceof IperfException e) {
                throw CliException.failed(e.getMessage());
            }
            IperfClient client = (IperfClient) made;
            main.shutdown.onRequest(() -> tap.stack().onShard(shard -> client.cancel()));
            report.first().get();
            return Main.OK;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof CliException cli) {
                throw cli;
            }
            throw e;
        }
    }

    private IperfSettings settings() throws CliException {
        IperfSettings s = new IperfSettings();
        s.udp = udp;
        s.seconds = seconds;
        s.omitSeconds = omit;
        s.blocks = blocks;
        s.parallel = parallel;
        s.reverse = reverse;
        s.bidirectional = bidirectional;
        s.mss = mss;
        s.noDelay = noDelay;
        s.congestion = congestion;
        s.tos = tos;
        try {
            s.bytes = bytes == null ? 0 : Units.parseBytes(bytes);
            s.length = length == null ? 0 : (int) Math.min(Integer.MAX_VALUE, Units.parseBytes(length));
            s.window = window == null ? 0 : (int) Math.min(Integer.MAX_VALUE, Units.parseBytes(window));
            s.rate = rate == null ? -1 : parseRate(rate);
            s.check();
        } catch (IllegalArgumentException e) {
            throw CliException.usage(e.getMessage());
        }
        return s;
    }

    /** Bits a second: a number, or one with K, M or G behind it (powers of 1000). */
    private static long parseRate(String text) {
        if (!text.matches("[0-9]{1,12}(\\.[0-9]{1,3})?[kKmMgG]?")) {
            throw new IllegalArgumentException("not a rate: '" + text + "' (write 1000, 64K, 100M or 1.5G)");
        }
        int unit = "KMG".indexOf(text.toUpperCase(Locale.ROOT).charAt(text.length() - 1)) + 1;
        double number = Double.parseDouble(unit == 0 ? text : text.substring(0, text.length() - 1));
        return (long) (number * Math.pow(1000, unit));
    }
}
