package dev.penstock.conformance.garbage;

import dev.penstock.apps.http.FileHandler;
import dev.penstock.apps.http.HttpServer;
import dev.penstock.apps.net.StackTransport;
import dev.penstock.conformance.kernel.KernelLink;
import dev.penstock.conformance.kernel.KernelLink.Ran;
import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.wire.IpAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Random;

/**
 * A live stack on a TAP interface, in a namespace of its own, is fed bad frames, while the kernel's curl fetches from
 * it before, during and after, and while sockets of the kernel's hold connections whose segments are forged.
 *
 * <pre>{@code GarbageRun [--frames N] [--seed N] [--plain]}</pre>
 */
public final class GarbageRun {
    private static final String STACK_V6 = "2001:db8:9::2";
    private static final int FILE_BYTES = 16 << 20;
    /** Longer than half-open connections of invented peers live: without SYN cookies they keep a listener busy. */
    private static final int CURL_SECONDS = 100;
    /** A second HTTP server, where garbage does not aim: its listener is not flooded with half-open connections. */
    private static final int QUIET_PORT = 8080;

    private static final long LIMIT_NS = 1_200_000_000_000L;

    private final KernelLink link;
    private final GarbageDevice garbage;
    private final Path directory;
    private final String sha256;
    private int failures;
    private int sacrificed;

    private GarbageRun(KernelLink link, GarbageDevice garbage, Path directory, String sha256) {
        this.link = link;
        this.garbage = garbage;
        this.directory = directory;
        this.sha256 = sha256;
    }

    /** Exit code 0 when nothing failed. */
    public static void main(String[] args) throws Exception {
        long frames = 10_000_000;
        long seed = 1;
        boolean plain = false;
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--frames" -> frames = Long.parseLong(args[++i]);
                case "--seed" -> seed = Long.parseLong(args[++i]);
                case "--plain" -> plain = true;
                default -> {
                    System.err.println("usage: garbage [--frames N] [--seed N] [--plain]");
                    System.exit(2);
                }
            }
        }
        System.exit(run(frames, seed, plain) == 0 ? 0 : 1);
    }

    private static int run(long frames, long seed, boolean plain) throws Exception {
        Path directory = Files.createTempDirectory("penstock-garbage-");
        Path file = directory.resolve("file");
        byte[] bytes = new byte[FILE_BYTES];
        new Random(seed).nextBytes(bytes);
        Files.write(file, bytes);
        int stackIp = (int) IpAddress.parse(KernelLink.STACK).lo();
        FrameMutator mutator = new FrameMutator(
                        RandomSource.seeded(seed),
                        KernelLink.STACK_MAC,
                        stackIp,
                        KernelLink.DISCARD,
                        KernelLink.ECHO,
                        KernelLink.DISCARD,
                        KernelLink.CHARGEN,
                        KernelLink.HTTP)
                .withIpv6(IpAddress.parse(STACK_V6));
        GarbageDevice[] garbage = new GarbageDevice[1];
        System.out.printf("%,d bad frames, seed %d, %s%n", frames, seed, plain ? "plain frames" : "offload");
        try (KernelLink link = new KernelLink.Setup()
                .vnetHeader(!plain)
                .httpRoot(directory)
                .decorator(device -> garbage[0] = new GarbageDevice(device, mutator, 0))
                .stack(builder -> {
                    builder.address(STACK_V6 + "/64");
                    // While an address is being verified anyone may claim it, and garbage does.
                    builder.config().ip.dadTransmits = 0;
                })
                .open()) {
            GarbageRun run = new GarbageRun(link, garbage[0], directory, sha256(bytes));
            try (HttpServer quiet = new HttpServer(
                    StackTransport.listener(link.stack().listen(QUIET_PORT)), new FileHandler(directory))) {
                quiet.start();
                run.all(frames);
            }
            run.end();
            return run.failures;
        } finally {
            Files.deleteIfExists(directory.resolve("fetched"));
            Files.delete(file);
            Files.delete(directory);
        }
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    private void all(long frames) throws Exception {
        curl("before", KernelLink.HTTP);
        Counters counters = link.stack().counters();
        link.stack()
                .onShard(shard -> garbage.audit(() -> counters.totalDrops()
                        + counters.get(StackCounter.IP_IN_DELIVERS)
                        + counters.get(StackCounter.IP_REASM_REQUIRED)
                        + counters.get(StackCounter.ARP_REQUESTS_IN)
                        + counters.get(StackCounter.ARP_REPLIES_IN)));
        long framesBefore = counters.get(StackCounter.FRAMES_IN);
        long began = System.nanoTime();
        garbage.feed(frames);
        Thread sacrifices = link.namespace().newThread("sacrifices", this::sacrifice);
        sacrifices.start();
        int fetched = 0;
        while (garbage.left() > 0 && System.nanoTime() - began < LIMIT_NS) {
            curl("during, " + percent(frames), QUIET_PORT);
            fetched++;
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        sacrifices.join();
        System.out.println("      connections of the kernel's that were sacrificed: " + sacrificed);
        curl("after", QUIET_PORT);
        curl("after", KernelLink.HTTP);
        check(
                "all frames fed",
                garbage.left() == 0 && garbage.fed() == frames,
                String.format(
                        Locale.ROOT,
                        "%,d in %.1f s, %,.0f a second, %d fetches meanwhile",
                        garbage.fed(),
                        seconds,
                        garbage.fed() / seconds,
                        fetched));
        long in = counters.get(StackCounter.FRAMES_IN) - framesBefore;
        check("frames counted", in >= frames, String.format(Locale.ROOT, "FRAMES_IN grew by %,d", in));
        check("no frame unaccounted for", garbage.unaccounted() == 0, garbage.unaccounted() + " unaccounted");
        neighbors();
    }

    private String percent(long frames) {
        return String.format(Locale.ROOT, "%d %% fed", garbage.fed() * 100 / frames);
    }

    private void neighbors() throws IOException {
        int neighbors = link.stack().call(shard -> shard.ip().neighbors().size());
        int connections = link.stack().call(shard -> shard.tcp().connections());
        check(
                "tables bounded",
                neighbors <= 1024 && connections <= 20_000,
                neighbors + " neighbours, " + connections + " connections");
    }

    private void end() throws Exception {
        Counters counters = link.stack().counters();
        Ran ping = link.run(20, "ping", "-n", "-q", "-c", "100", "-i", "0.01", KernelLink.STACK);
        check(
                "ping after",
                ping.output().contains(" 0% packet loss"),
                ping.output().lines().reduce("", (a, b) -> b));
        var left = link.unfinished(90);
        check("no unfinished socket of the kernel's", left.isEmpty(), left.toString());
        link.stop();
        check(
                "no fault",
                link.faults().isEmpty()
                        && counters.get(StackCounter.SHARD_FAULTS) == 0
                        && counters.get(StackCounter.APPLICATION_FAULTS) == 0,
                link.faults().toString());
        link.faults().forEach(Throwable::printStackTrace);
        check("no leak", link.stack().leaks().isEmpty(), link.stack().leaks());
        for (StackCounter c : StackCounter.values()) {
            print(c.name(), counters.get(c));
        }
        for (DropReason r : DropReason.values()) {
            print("drop." + r.name(), counters.get(r));
        }
    }

    private static void print(String name, long value) {
        if (value != 0) {
            System.out.printf("  %-32s %,14d%n", name, value);
        }
    }

    private void curl(String when, int port) throws Exception {
        Path fetched = directory.resolve("fetched");
        Ran ran = link.run(
                CURL_SECONDS,
                "curl",
                "-sS",
                "--fail",
                "-o",
                fetched.toString(),
                "http://" + KernelLink.STACK + ":" + port + "/file");
        boolean same = ran.isOk() && sha256(Files.readAllBytes(fetched)).equals(sha256);
        check(
                "curl of port " + port + " " + when,
                same,
                String.format(
                        Locale.ROOT,
                        "16 MiB in %.2f s%s",
                        ran.ns() / 1e9,
                        ran.isOk() ? ", SHA-256 equal" : ": " + ran.output().strip()));
    }

    private void check(String what, boolean good, String figures) {
        failures += good ? 0 : 1;
        System.out.println((good ? "ok    " : "FAIL  ") + what + ": " + figures);
    }

    /** Connections of the kernel's whose other end believes forged segments: they may break, and nothing else may. */
    private void sacrifice() {
        byte[] data = "sacrificed".getBytes(StandardCharsets.US_ASCII);
        while (garbage.left() > 0) {
            try (Socket socket = new Socket()) {
                // Closed by a reset: a connection whose end the stack has wrong cannot end in order.
                socket.setSoLinger(true, 0);
                socket.setSoTimeout(100);
                socket.connect(new InetSocketAddress(KernelLink.STACK, KernelLink.DISCARD), 1000);
                for (int i = 0; i < 20 && garbage.left() > 0; i++) {
                    socket.getOutputStream().write(data);
                    Thread.sleep(10);
                }
            } catch (IOException expected) {
                // What these connections are for.
                sacrificed++;
            } catch (InterruptedException e) {
                return;
            }
        }
    }
}
