package dev.penstock.apps.cli;

import dev.penstock.stack.blocking.Endpoint;
import dev.penstock.stack.blocking.PenstockStack;
import dev.penstock.stack.blocking.TcpListener;
import dev.penstock.stack.blocking.TcpSocket;
import dev.penstock.stack.wire.IpAddress;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Connects standard input and output with a TCP connection or a UDP peer, as nc does. */
@Command(
        name = "nc",
        mixinStandardHelpOptions = true,
        descriptionHeading = "%n",
        parameterListHeading = "%nParameters:%n",
        optionListHeading = "%nOptions:%n",
        description = {"Reads and writes across the stack, with the habits of nc (OpenBSD)."},
        footer = {
            "",
            "Exit code: 0 when the connection ended in order, 1 when it failed or timed out, 2 for wrong usage.",
            "",
            "Examples:",
            "  penstock nc --tap pen0 --addr 192.0.2.2/24 --host-addr 192.0.2.1/24 -N 192.0.2.1 9000 <FILE",
            "  penstock nc --tap pen0 --addr 192.0.2.2/24 --host-addr 192.0.2.1/24 -l 9000 >FILE",
            "  penstock nc --tap pen0 --addr 192.0.2.2/24 --host-addr 192.0.2.1/24 -u -l --join 239.1.2.3 9000"
        })
final class NcCommand implements Callable<Integer> {
    @ParentCommand
    private Main main;

    @Mixin
    private TapOptions tapOptions;

    @Parameters(
            arity = "1..2",
            paramLabel = "[ADDRESS] PORT",
            description = "Whom to connect to; with -l, where to listen.")
    private List<String> where;

    @Option(names = "-l", description = "Listen for one connection.")
    private boolean listen;

    @Option(names = "-k", description = "With -l: after it, listen for the next one, until interrupted.")
    private boolean keep;

    @Option(names = "-u", description = "UDP.")
    private boolean udp;

    @Option(
            names = "--join",
            paramLabel = "GROUP[@SOURCE]",
            description = {
                "With -u -l: join this group, of that source alone if one is given; may be repeated. What is read is sent to the",
                "first group, and others may listen on the same port."
            })
    private List<String> groups = new ArrayList<>();

    @Option(
            names = "-M",
            paramLabel = "TTL",
            description = "With -u: TTL or hop limit of what is sent; to groups it is 1 unless told.")
    private int ttl;

    @Option(names = "-w", paramLabel = "S", description = "Give up connecting, or an idle connection, after S seconds.")
    private double timeout;

    @Option(names = "-N", description = "Close the sending direction at the end of the input.")
    private boolean shutdownAtEnd;

    @Option(names = "-d", description = "Do not read from standard input.")
    private boolean noInput;

    @Option(
            names = "--trace",
            paramLabel = "FILE",
            description = "Write what happens to TCP connections as CSV, for 'penstock trace plot'.")
    private Path trace;

    @Option(names = "-v", description = "Say on standard error what happens.")
    private boolean verbose;

    @Override
    public Integer call() throws Exception {
        Endpoint named = endpoint();
        if (!(timeout >= 0 && timeout <= 1_000_000)) {
            throw CliException.usage("-w " + timeout + " is out of range: give seconds");
        }
        List<GroupSpec> joins = joins();
        tapOptions.trace = trace;
        int timeoutMillis = timeout == 0 ? 0 : (int) Math.max(1, Math.round(timeout * 1000));
        try (TapStack tap = TapStack.open(tapOptions, main.console)) {
            PenstockStack stack = tap.stack();
            // The interface goes on its own at the end of the process; a reader of standard input cannot be woken.
            main.shutdown.onRequest(() -> stop(stack));
            Endpoint endpoint = tap.zoned(named);
            tap.awaitAddress(endpoint, PingCommand.ADDRESS_SECONDS);
            NcStreams streams = new NcStreams(main.console, timeoutMillis, shutdownAtEnd, noInput, this::say);
            try {
                return udp
                        ? new NcUdp(stack, streams, joins, ttl).run(endpoint, listen)
                        : tcp(stack, streams, endpoint, timeoutMillis);
            } catch (IOException e) {
                if (main.shutdown.isRequested()) {
                    return Main.FAILED;
                }
                throw e;
            }
        }
    }

    private static void stop(PenstockStack stack) {
        Thread closer = new Thread(stack::close, "nc-close");
        closer.setDaemon(true);
        closer.start();
    }

    private List<GroupSpec> joins() throws CliException {
        if (!groups.isEmpty() && !(udp && listen)) {
            throw CliException.usage("--join is for listening to datagrams: give -u and -l, too");
        }
        if (ttl < 0 || ttl > 255 || (ttl != 0 && !udp)) {
            throw CliException.usage("-M " + ttl + ": a TTL is 1 .. 255, and of datagrams: give -u, too");
        }
        List<GroupSpec> joins = new ArrayList<>();
        for (String group : groups) {
            joins.add(GroupSpec.parse(group));
        }
        return joins;
    }

    private Endpoint endpoint() throws CliException {
        if (!listen && where.size() != 2) {
            throw CliException.usage("an address and a port are needed: give both, or -l to listen");
        }
        String port = where.get(where.size() - 1);
        if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) < 1 || Integer.parseInt(port) > 65_535) {
            throw CliException.usage("not a port: '" + port + "': give a number in 1 .. 65535");
        }
        if (where.size() == 1) {
            return new Endpoint(IpAddress.ANY, Integer.parseInt(port));
        }
        try {
            return Endpoint.of(where.get(0), Integer.parseInt(port));
        } catch (IllegalArgumentException e) {
            throw CliException.usage(e.getMessage() + ": names are not looked up, give an address as 192.0.2.1");
        }
    }

    private int tcp(PenstockStack stack, NcStreams streams, Endpoint endpoint, int timeoutMillis)
            throws IOException, CliException {
        if (!listen) {
            try (TcpSocket socket = stack.connect(endpoint, timeoutMillis)) {
                say("Connection to " + endpoint.address() + " " + endpoint.port() + " port [tcp] succeeded!");
                return streams.exchange(socket, false);
            } catch (SocketTimeoutException e) {
                throw CliException.failed("connect to " + endpoint + ": timed out: is the host there?");
            } catch (ConnectException e) {
                throw CliException.failed("connect to " + endpoint + ": " + e.getMessage() + ": does it listen there?");
            }
        }
        try (TcpListener listener = stack.listen(endpoint, 1, stack.tcpSocket().getOptions())) {
            say("Listening on " + endpoint.address() + " " + endpoint.port());
            int code;
            do {
                try (TcpSocket socket = listener.accept()) {
                    Endpoint peer = socket.getRemoteAddress();
                    say("Connection received on " + peer.address() + " " + peer.port());
                    if (!keep) {
                        end(listener);
                    }
                    code = streams.exchange(socket, true);
                }
            } while (keep && !main.shutdown.isRequested());
            return code;
        }
    }

    /** Who comes second is refused, not kept waiting. */
    private static void end(TcpListener listener) {
        listener.close();
    }

    private void say(String line) {
        if (verbose) {
            main.console.err().println(line);
        }
    }
}
