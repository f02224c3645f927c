package dev.penstock.apps.cli;

import dev.penstock.stack.blocking.Endpoint;
import dev.penstock.stack.blocking.PingReply;
import dev.penstock.stack.blocking.PingSocket;
import dev.penstock.stack.wire.IpAddress;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Sends ICMP echo requests, as the ping of iputils does. */
@Command(
        name = "ping",
        mixinStandardHelpOptions = true,
        descriptionHeading = "%n",
        parameterListHeading = "%nParameters:%n",
        optionListHeading = "%nOptions:%n",
        description = {"Sends ICMP echo requests from the stack, with the habits of ping."},
        footer = {
            "",
            "Exit code: 0 when a reply came, 1 when none did, 2 for another failure.",
            "",
            "Example:",
            "  penstock ping --tap pen0 --addr 192.0.2.2/24 --host-addr 192.0.2.1/24 -c 3 192.0.2.1"
        })
final class PingCommand implements Callable<Integer> {
    private static final int HEADERS = 28;
    private static final int MOST_DATA = 65_507;
    /** Requests that are on the way at once, at most; more are not sent before some are over. */
    private static final int MOST_UNDER_WAY = 1_000;

    private static final long NS_PER_SECOND = 1_000_000_000L;
    /** A flood sends a hundred a second at least. */
    private static final long FLOOD_NS = 10_000_000;
    /** A server that answers lends within 8 s, ARP's look around included; a link-local address is there within 20. */
    static final double ADDRESS_SECONDS = 30;

    @ParentCommand
    private Main main;

    @Mixin
    private TapOptions tapOptions;

    @Parameters(
            paramLabel = "ADDRESS",
            converter = TapOptions.TargetConverter.class,
            description = "Whom to ping; a link-local address may name its interface, as fe80::1%%pen0.")
    private Endpoint target;

    @Option(names = "-c", paramLabel = "COUNT", description = "Stop after so many requests.")
    private int count;

    @Option(names = "-i", paramLabel = "S", description = "Seconds between requests (default 1; with -f 0).")
    private Double interval;

    @Option(
            names = "-f",
            description = {
                "Flood: the next request goes out with the reply, or after 10 ms; a dot for each request, taken back",
                "by its reply."
            })
    private boolean flood;

    @Option(names = "-s", paramLabel = "BYTES", defaultValue = "56", description = "Bytes of data (default 56).")
    private int size;

    @Option(
            names = "-W",
            paramLabel = "S",
            defaultValue = "10",
            description = "Seconds to wait for a reply (default 10).")
    private double timeout;

    @Option(
            names = "-t",
            paramLabel = "TTL",
            description = "Time to live, or hop limit (default 64, or what routers advertise).")
    private Integer ttl;

    @Option(names = "-M", paramLabel = "do|dont", description = "do: never fragment (sets DF); dont: fragment.")
    private String fragmentation = "dont";

    @Option(names = "-n", description = "Numeric output; there is no other here.")
    @SuppressWarnings("UnusedVariable") // all output is numeric: the option is taken for the sake of habit
    private boolean numeric;

    @Option(names = "-q", description = "Print the summary only.")
    private boolean quiet;

    private record Event(PingReply reply, Throwable failure) {}

    private final PingStatistics statistics = new PingStatistics();
    private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private int over;
    private IpAddress own;

    @Override
    public Integer call() throws Exception {
        check();
        try (TapStack tap = TapStack.open(tapOptions, main.console);
                PingSocket socket = tap.stack().pingSocket()) {
            own = tap.awaitAddress(target, ADDRESS_SECONDS);
            socket.bindToInterface(tap.zoned(target).zone());
            if (ttl != null) {
                socket.setTimeToLive(ttl);
            }
            socket.setDontFragment(fragmentation.equals("do"));
            String name = target.address() + (target.zone().isEmpty() ? "" : "%" + target.zone());
            main.console.line("PING " + name + " (" + name + ") "
                    + (target.address().isV4()
                            ? size + "(" + (size + HEADERS) + ") bytes of data."
                            : size + " data bytes"));
            long began = System.nanoTime();
            run(socket, began);
            main.console.line("");
            main.console.line("--- " + name + " ping statistics ---");
            main.console.line(statistics.summary(System.nanoTime() - began));
        }
        return statistics.receivedCount() > 0 ? Main.OK : Main.FAILED;
    }

    private void check() throws CliException {
        if (size < 0 || size > MOST_DATA) {
            throw CliException.usage("-s " + size + " is out of range: give 0 .. " + MOST_DATA);
        }
        if (interval != null && !(interval >= 0.0001 && interval <= 3600)) {
            throw CliException.usage("-i " + interval + " is out of range: give 0.0001 .. 3600 seconds");
        }
        if (!(timeout >= 0.001 && timeout <= 3600)) {
            throw CliException.usage("-W " + timeout + " is out of range: give 0.001 .. 3600 seconds");
        }
        if (ttl != null && (ttl < 1 || ttl > 255)) {
            throw CliException.usage("-t " + ttl + " is out of range: give 1 .. 255");
        }
        if (!fragmentation.matches("do|dont")) {
            throw CliException.usage("-M " + fragmentation + " is not known: give do or dont");
        }
        if (count < 0) {
            throw CliException.usage("-c " + count + " is negative: give the number of requests");
        }
    }

    private void run(PingSocket socket, long began) throws IOException, InterruptedException {
        main.shutdown.onRequest(() -> events.add(new Event(null, null)));
        long intervalNs = interval != null ? (long) (interval * 1e9) : flood ? FLOOD_NS : NS_PER_SECOND;
        // Without an interval of its own, a flood goes on as soon as an answer is there.
        boolean onAnswer = flood && interval == null;
        long next = began;
        while (!main.shutdown.isRequested() && (count == 0 || statistics.sentCount() < count)) {
            if (statistics.sentCount() - over < MOST_UNDER_WAY) {
                send(socket);
            }
            if (statistics.sentCount() == count) {
                break;
            }
            // When the machine was away for long, the requests that were missed are not sent all at once.
            next = onAnswer
                    ? System.nanoTime() + intervalNs
                    : Math.max(next, System.nanoTime() - 2 * intervalNs) + intervalNs;
            takeUntil(next, onAnswer ? over + 1 : Integer.MAX_VALUE);
        }
        if (!main.shutdown.isRequested()) {
            takeUntil(System.nanoTime() + (long) (timeout * 1e9), statistics.sentCount());
        }
    }

    private void send(PingSocket socket) throws IOException {
        statistics.sent();
        mark(".");
        int millis = (int) Math.max(1, Math.round(timeout * 1000));
        var unused = socket.pingAsync(target.address(), size, millis)
                .whenComplete((reply, failure) -> events.add(new Event(reply, failure)));
    }

    /** Prints what comes in until then, or until so many requests are over. */
    private void takeUntil(long deadlineNs, int enough) throws InterruptedException {
        while (!main.shutdown.isRequested() && over < enough) {
            Event event = events.poll(deadlineNs - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (event == null) {
                return;
            }
            print(event);
        }
    }

    private void print(Event event) {
        if (event.reply == null && event.failure == null) {
            return;
        }
        over++;
        if (event.failure != null) {
            statistics.error();
            mark("\bE");
            say("penstock: ping: " + event.failure.getMessage());
            return;
        }
        PingReply reply = event.reply;
        if (reply.isReply()) {
            statistics.reply(reply.rttNs());
            mark("\b \b");
            say((reply.bytes() + 8) + " bytes from " + reply.from() + ": icmp_seq=" + reply.sequence() + " ttl="
                    + reply.ttl() + " time=" + PingStatistics.time(reply.rttNs()) + " ms");
        } else if (reply.kind() != PingReply.Kind.TIMEOUT) {
            statistics.error();
            mark("\bE");
            IpAddress from = reply.from() == null ? own : reply.from();
            say("From " + from + " icmp_seq=" + reply.sequence() + " " + words(reply.kind()));
        }
    }

    private void say(String line) {
        if (!quiet && !flood) {
            main.console.line(line);
        }
    }

    /** What a flood shows for each request and answer. */
    private void mark(String text) {
        if (flood && !quiet) {
            main.console.out().print(text);
            main.console.out().flush();
        }
    }

    private static String words(PingReply.Kind kind) {
        return switch (kind) {
            case NET_UNREACHABLE -> "Destination Net Unreachable";
            case HOST_UNREACHABLE -> "Destination Host Unreachable";
            case PROTOCOL_UNREACHABLE -> "Destination Protocol Unreachable";
            case PORT_UNREACHABLE -> "Destination Port Unreachable";
            case TOO_BIG -> "Frag needed and DF set";
            case ADMIN_PROHIBITED -> "Packet filtered";
            case TTL_EXCEEDED -> "Time to live exceeded";
            default -> "Unknown ICMP error";
        };
    }
}
