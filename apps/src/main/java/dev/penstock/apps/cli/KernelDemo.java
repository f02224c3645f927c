package dev.penstock.apps.cli;

import dev.penstock.apps.http.FileHandler;
import dev.penstock.apps.http.HttpServer;
import dev.penstock.apps.net.StackTransport;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.tap.NativeBinding;
import dev.penstock.tap.NetNamespace;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The demo with the kernel as peer: a namespace of its own, a TAP interface, ping and curl. */
final class KernelDemo {
    private static final String STACK = "192.0.2.2";
    private static final String KERNEL = "192.0.2.1";
    private static final int PINGS = 10;
    private static final int POLL_MILLIS = 50;
    private static final int MOST_OUTPUT = 64 << 10;
    private static final Pattern RTT = Pattern.compile("min/avg/max[^=]*= ([0-9.]+)/([0-9.]+)/([0-9.]+)");
    private static final Pattern RECEIVED = Pattern.compile("(\\d+)( packets)? received");

    private final Main main;
    private final DemoReport report;
    private final DemoFile file;

    KernelDemo(Main main, DemoReport report, DemoFile file) {
        this.main = main;
        this.report = report;
        this.file = file;
    }

    int run(NativeBinding binding, Path pcap, Path trace) throws Exception {
        TapOptions options = new TapOptions();
        options.tap = "penstock0";
        options.addresses.add(IpPrefix.parse(STACK + "/24"));
        options.hostAddresses.add(IpPrefix.parse(KERNEL + "/24"));
        options.mtu = 1500;
        options.binding = binding;
        options.pcap = pcap;
        options.trace = trace;
        Thread self = Thread.currentThread();
        main.shutdown.onRequest(self::interrupt);
        boolean good;
        try (NetNamespace namespace = NetNamespace.create(binding);
                TapStack tap = namespace.call(() -> TapStack.open(options, main.console));
                HttpServer http = new HttpServer(
                                StackTransport.listener(tap.stack().listen(80)), new FileHandler(file.root()))
                        .start()) {
            report.setting(
                    "where",
                    "a network namespace of its own" + (DemoCommand.isUnshared() ? ", inside a user namespace" : ""));
            report.setting("Linux", KERNEL + " on the TAP interface " + tap.tapName());
            report.setting("Penstock", STACK + ", " + tap.offloads());
            good = ping(namespace);
            good &= fetch(namespace);
            report.counters(tap.stack().counters());
            http.close(1_000);
        } catch (InterruptedException e) {
            main.console.line("");
            throw CliException.failed("interrupted: everything made for the demo is gone");
        } finally {
            main.shutdown.onRequest(null);
        }
        report.verdict(good);
        return good ? Main.OK : Main.FAILED;
    }

    private boolean ping(NetNamespace namespace) throws IOException, InterruptedException {
        String ping = NetNamespace.findCommand("ping");
        if (ping == null) {
            report.step("ping " + STACK);
            report.result("skipped: there is no ping command here (install iputils-ping)");
            return true;
        }
        report.step("ping -c " + PINGS + " -i 0.2 " + STACK);
        Process process =
                namespace.start(new ProcessBuilder(ping, "-n", "-c", "" + PINGS, "-i", "0.2", "-W", "2", STACK)
                        .redirectErrorStream(true));
        String output = output(process);
        process.waitFor();
        Matcher received = RECEIVED.matcher(output);
        Matcher rtt = RTT.matcher(output);
        if (!received.find() || !rtt.find()) {
            report.result("no answer: " + output.strip().replaceAll("\\s*\\R\\s*", " | "));
            return false;
        }
        report.result(PINGS + " sent, " + received.group(1) + " received, RTT min/avg/max " + rtt.group(1) + "/"
                + rtt.group(2) + "/" + rtt.group(3) + " ms");
        return received.group(1).equals("" + PINGS);
    }

    private static String output(Process process) throws IOException {
        byte[] bytes = process.getInputStream().readNBytes(MOST_OUTPUT);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private boolean fetch(NetNamespace namespace) throws Exception {
        String url = "http://" + STACK + "/" + DemoFile.NAME;
        String curl = NetNamespace.findCommand("curl");
        ProgressBar bar = report.bar(file.size());
        long began;
        if (curl != null) {
            report.step("curl -o fetched " + url);
            began = System.nanoTime();
            if (!curl(namespace, curl, url, bar)) {
                return false;
            }
        } else {
            report.step("fetch " + url + "   (there is no curl here: a socket of the kernel's, used by Java)");
            began = System.nanoTime();
            namespace.call(() -> fetchByJava(bar));
        }
        long ns = System.nanoTime() - began;
        bar.clear();
        report.transfer(file.fetchedSize(), ns);
        return report.hash(file.sha256(), file.fetchedSha256());
    }

    private boolean curl(NetNamespace namespace, String curl, String url, ProgressBar bar)
            throws IOException, InterruptedException {
        List<String> command = List.of(
                curl,
                "-q",
                "-sS",
                "--fail",
                "--noproxy",
                "*",
                "-o",
                file.fetched().toString(),
                url);
        long began = System.nanoTime();
        Process process = namespace.start(new ProcessBuilder(command).redirectErrorStream(true));
        while (!process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
            bar.show(file.fetchedSize(), System.nanoTime() - began);
        }
        if (process.exitValue() != 0) {
            bar.clear();
            report.result("failed: " + output(process).strip());
            return false;
        }
        return true;
    }

    private Void fetchByJava(ProgressBar bar) throws IOException {
        byte[] address = {(byte) 192, 0, 2, 2};
        long began = System.nanoTime();
        try (Socket socket = new Socket(InetAddress.getByAddress(address), 80);
                OutputStream sink = Files.newOutputStream(file.fetched())) {
            socket.setSoTimeout(30_000);
            Fetch.get(
                    socket.getInputStream(),
                    socket.getOutputStream(),
                    STACK,
                    "/" + DemoFile.NAME,
                    sink,
                    new Throttle(bar, began));
        }
        return null;
    }
}
