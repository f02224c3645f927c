package dev.penstock.apps.cli;

import dev.penstock.apps.http.FileHandler;
import dev.penstock.apps.http.HttpServer;
import dev.penstock.apps.net.StackTransport;
import dev.penstock.apps.trace.TcpTraceCsv;
import dev.penstock.stack.blocking.PenstockStack;
import dev.penstock.stack.blocking.PingReply;
import dev.penstock.stack.blocking.PingSocket;
import dev.penstock.stack.blocking.StackBuilder;
import dev.penstock.stack.blocking.TcpSocket;
import dev.penstock.stack.blocking.ThreadParker;
import dev.penstock.stack.device.DeviceCapabilities;
import dev.penstock.stack.device.MemoryWire;
import dev.penstock.stack.wire.IpAddress;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The demo without privileges: two stacks, a wire in memory between them. */
final class MemoryDemo {
    private static final String SERVER = "192.0.2.2";
    private static final String CLIENT = "192.0.2.1";
    private static final int MTU = 1500;
    private static final int PINGS = 10;
    private static final int PING_TIMEOUT_MILLIS = 2_000;

    private final Main main;
    private final DemoReport report;
    private final DemoFile file;
    private TcpTraceCsv trace;

    MemoryDemo(Main main, DemoReport report, DemoFile file) {
        this.main = main;
        this.report = report;
        this.file = file;
    }

    /** @param traceFile where the server's connections are traced to, or null */
    int run(String why, Path traceFile) throws IOException, CliException {
        trace = traceFile == null ? null : TraceOutput.open(traceFile);
        try {
            return run(why);
        } finally {
            TraceOutput.close(trace, main.console);
        }
    }

    private int run(String why) throws IOException, CliException {
        report.setting("where", "in memory: two stacks and a wire between them");
        report.setting("why", why);
        report.setting("stacks", CLIENT + " asks, " + SERVER + " serves");
        MemoryWire wire = MemoryWire.builder()
                .capabilities(DeviceCapabilities.offloading(MTU))
                .parkers(new ThreadParker(), new ThreadParker())
                .build();
        boolean good;
        try (PenstockStack server = start(wire, true);
                PenstockStack client = start(wire, false);
                HttpServer http = new HttpServer(
                                StackTransport.listener(server.listen(80)), new FileHandler(file.root()))
                        .start()) {
            main.shutdown.onRequest(() -> end(http, client));
            good = ping(client);
            good &= fetch(client);
            report.counters(server.counters());
        } catch (IOException e) {
            if (main.shutdown.isRequested()) {
                throw CliException.failed("interrupted: everything made for the demo is gone");
            }
            throw e;
        } finally {
            main.shutdown.onRequest(null);
        }
        report.verdict(good);
        return good ? Main.OK : Main.FAILED;
    }

    private static void end(HttpServer http, PenstockStack client) {
        http.close();
        client.close();
    }

    private PenstockStack start(MemoryWire wire, boolean server) {
        StackBuilder builder = PenstockStack.builder();
        builder.config().tcp.tracer = server ? trace : null;
        return builder.device(server ? wire.a() : wire.b())
                .address((server ? SERVER : CLIENT) + "/24")
                .name(server ? "server" : "client")
                .errorHandler(fault -> main.console.err().println("penstock: internal error: " + fault))
                .start();
    }

    private boolean ping(PenstockStack client) throws IOException {
        report.step("ping -c " + PINGS + " " + SERVER + "   (from the other stack)");
        PingStatistics statistics = new PingStatistics();
        try (PingSocket socket = client.pingSocket()) {
            for (int i = 0; i < PINGS; i++) {
                statistics.sent();
                PingReply reply = socket.ping(IpAddress.parse(SERVER), 56, PING_TIMEOUT_MILLIS);
                if (reply.isReply()) {
                    statistics.reply(reply.rttNs());
                }
            }
        }
        int received = statistics.receivedCount();
        report.result(PINGS + " sent, " + received + " received"
                + (received == 0 ? "" : ", RTT min/avg/max " + statistics.minAvgMax() + " ms"));
        return received == PINGS;
    }

    private boolean fetch(PenstockStack client) throws IOException {
        report.step("fetch http://" + SERVER + "/" + DemoFile.NAME + "   (by a socket of the other stack)");
        ProgressBar bar = report.bar(file.size());
        long began = System.nanoTime();
        try (TcpSocket socket = client.connect(SERVER, 80);
                OutputStream sink = Files.newOutputStream(file.fetched())) {
            Fetch.get(
                    socket.getInputStream(),
                    socket.getOutputStream(),
                    SERVER,
                    "/" + DemoFile.NAME,
                    sink,
                    new Throttle(bar, began));
        }
        long ns = System.nanoTime() - began;
        bar.clear();
        report.transfer(file.fetchedSize(), ns);
        return report.hash(file.sha256(), file.fetchedSha256());
    }
}
