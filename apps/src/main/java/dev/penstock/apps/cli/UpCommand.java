package dev.penstock.apps.cli;

import dev.penstock.apps.http.FileHandler;
import dev.penstock.apps.http.HttpLimits;
import dev.penstock.apps.http.HttpServer;
import dev.penstock.apps.iperf.IperfServer;
import dev.penstock.apps.net.StackTransport;
import dev.penstock.apps.service.ChargenService;
import dev.penstock.apps.service.DiscardService;
import dev.penstock.apps.service.EchoService;
import dev.penstock.apps.service.TcpService;
import dev.penstock.apps.service.UdpService;
import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.blocking.PenstockStack;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Runs a stack with its services until it is told to end. */
@Command(
        name = "up",
        mixinStandardHelpOptions = true,
        descriptionHeading = "%n",
        parameterListHeading = "%nParameters:%n",
        optionListHeading = "%nOptions:%n",
        description = {
            "Runs the stack on a TAP interface until SIGINT or SIGTERM.",
            "It answers ping by itself; services are asked for by options. When it serves, it prints one line that "
                    + "begins with 'ready'."
        },
        footer = {
            "",
            "Example (as root; the kernel side gets 192.0.2.1):",
            "  penstock up --tap pen0 --addr 192.0.2.2/24 --host-addr 192.0.2.1/24 --http-root .",
            "  curl http://192.0.2.2/"
        })
final class UpCommand implements Callable<Integer> {
    private static final int ECHO = 7;
    private static final int DISCARD = 9;
    private static final int CHARGEN = 19;
    private static final int HTTP = 80;
    private static final long GRACE_MILLIS = 3_000;

    @ParentCommand
    private Main main;

    @Mixin
    private TapOptions tapOptions;

    @Option(names = "--http-root", paramLabel = "DIR", description = "Serve the files of DIR by HTTP on port 80.")
    private Path httpRoot;

    @Option(names = "--http-log", description = "Print a line for each HTTP request.")
    private boolean httpLog;

    @Option(names = "--echo", description = "Serve echo (RFC 862) on TCP and UDP port 7.")
    private boolean echo;

    @Option(names = "--discard", description = "Serve discard (RFC 863) on TCP and UDP port 9.")
    private boolean discard;

    @Option(names = "--chargen", description = "Serve chargen (RFC 864) on TCP and UDP port 19.")
    private boolean chargen;

    @Option(names = "--iperf3", description = "Serve iperf3 clients on TCP and UDP port 5201.")
    private boolean iperf;

    @Option(
            names = "--trace",
            paramLabel = "FILE",
            description = "Write what happens to TCP connections as CSV, for 'penstock trace plot'.")
    private Path trace;

    private final List<TcpService> tcpServices = new ArrayList<>();
    private final List<UdpService> udpServices = new ArrayList<>();
    private final List<String> served = new ArrayList<>();
    private HttpServer http;

    @Override
    public Integer call() throws Exception {
        if (httpRoot != null && !Files.isDirectory(httpRoot)) {
            throw CliException.usage("--http-root " + httpRoot + " is not a directory: give one that exists");
        }
        tapOptions.trace = trace;
        long began = System.nanoTime();
        Counters counters;
        EventPrinter events = new EventPrinter(main.console);
        tapOptions.dhcpListener = new LeasePrinter(events::say);
        try (TapStack tap = TapStack.open(tapOptions, main.console)) {
            counters = tap.stack().counters();
            if (tapOptions.slaac) {
                tap.stack().onShard(shard -> new RouterPrinter(events::say).attach(shard.ip()));
            }
            startServices(tap.stack());
            tellWhenReady(tap, events);
            main.shutdown.await();
            main.console.line("closing");
            stopServices();
        }
        summary(main.console.out(), counters, System.nanoTime() - began);
        return Main.OK;
    }

    private void startServices(PenstockStack stack) throws IOException, CliException {
        if (httpRoot != null) {
            http = new HttpServer(
                            StackTransport.listener(stack.listen(HTTP)),
                            new FileHandler(httpRoot),
                            HttpLimits.DEFAULT,
                            System::nanoTime,
                            InstantSource.system(),
                            httpLog ? main.console::line : null)
                    .start();
            served.add("http " + HTTP);
        }
        if (echo) {
            start(stack, new EchoService(), UdpService.Kind.ECHO, ECHO);
        }
        if (discard) {
            start(stack, new DiscardService(), UdpService.Kind.DISCARD, DISCARD);
        }
        if (chargen) {
            start(stack, new ChargenService(), UdpService.Kind.CHARGEN, CHARGEN);
        }
        if (iperf) {
            IperfCommand.serve(stack, IperfServer.PORT, new IperfReport(main.console, true), 0);
            served.add("iperf3 " + IperfServer.PORT);
        }
    }

    private void start(PenstockStack stack, TcpService tcp, UdpService.Kind kind, int port) throws IOException {
        tcp.start(stack, port);
        tcpServices.add(tcp);
        udpServices.add(UdpService.start(stack, kind, port));
        served.add(kind.name().toLowerCase(Locale.ROOT) + " " + port);
    }

    private void stopServices() {
        if (http != null) {
            http.close(GRACE_MILLIS);
        }
        tcpServices.forEach(TcpService::close);
        udpServices.forEach(UdpService::close);
    }

    private void tellWhenReady(TapStack tap, EventPrinter events) {
        CompletableFuture<IpAddress> ready = tap.stack().addressReady();
        if (ready.isDone()) {
            main.console.line(readyLine(tap));
        } else {
            var unused = ready.thenAcceptAsync(first -> events.say(readyLine(tap)));
        }
    }

    private String readyLine(TapStack tap) {
        String addresses = addresses(tap).stream().map(IpPrefix::toString).collect(Collectors.joining(", "));
        String services = served.isEmpty() ? "answers ping only" : "serves " + String.join(", ", served);
        return "ready: " + addresses + " on " + tap.tapName() + " (mtu " + tapOptions.mtu + ", " + tap.offloads()
                + "), " + services;
    }

    /** Those that were given, and without any those that were lent. */
    private List<IpPrefix> addresses(TapStack tap) {
        try {
            List<IpPrefix> given = tap.stack().addresses();
            return given.isEmpty() ? tap.stack().addressesInUse() : given;
        } catch (IOException e) {
            return tapOptions.addresses;
        }
    }

    private void summary(PrintStream out, Counters c, long ns) {
        out.printf(
                Locale.ROOT,
                "ran %.1f s: %,d frames in (%s), %,d out (%s)%n",
                ns / 1e9,
                c.get(StackCounter.FRAMES_IN),
                Units.bytes(c.get(StackCounter.BYTES_IN)),
                c.get(StackCounter.FRAMES_OUT),
                Units.bytes(c.get(StackCounter.BYTES_OUT)));
        out.printf(
                Locale.ROOT,
                "  tcp    %,d accepted, %,d segments in, %,d out, %,d retransmitted, %,d resets sent%n",
                c.get(StackCounter.TCP_PASSIVE_OPENS),
                c.get(StackCounter.TCP_IN_SEGS),
                c.get(StackCounter.TCP_OUT_SEGS),
                c.get(StackCounter.TCP_RETRANS_SEGS),
                c.get(StackCounter.TCP_OUT_RSTS));
        out.printf(
                Locale.ROOT,
                "  udp    %,d datagrams in, %,d out%n",
                c.get(StackCounter.UDP_IN_DATAGRAMS),
                c.get(StackCounter.UDP_OUT_DATAGRAMS));
        out.printf(
                Locale.ROOT,
                "  icmp   %,d messages in, %,d out%n",
                c.get(StackCounter.ICMP_IN_MSGS),
                c.get(StackCounter.ICMP_OUT_MSGS));
        if (http != null) {
            out.printf(
                    Locale.ROOT,
                    "  http   %,d requests, %s sent, %,d connections, %,d refused, %,d faults%n",
                    http.requests(),
                    Units.bytes(http.contentBytes()),
                    http.accepted(),
                    http.refused(),
                    http.faults());
        }
        out.printf(Locale.ROOT, "  drops  %s%n", Units.drops(c));
        out.flush();
    }
}
