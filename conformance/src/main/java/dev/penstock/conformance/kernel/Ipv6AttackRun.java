package dev.penstock.conformance.kernel;

import dev.penstock.conformance.kernel.KernelLink.Ran;
import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A live stack with a static IPv6 address and SLAAC on, attacked by the tools of thc-ipv6 and by nmap, in a namespace of its
 * own, while a connection of the kernel's goes on and is checked byte by byte, and a file is fetched after each tool.
 *
 * <pre>{@code Ipv6AttackRun [SECONDS [TOOL...]]}</pre>
 */
public final class Ipv6AttackRun implements AutoCloseable {
    private static final int FILE_BYTES = 1 << 20;
    private static final DropReason[] REASONS = DropReason.values();

    private final KernelLink link;
    private final CheckedStream stream;
    private final Path root;
    private final byte[] file = new byte[FILE_BYTES];

    /**
     * What one tool did.
     *
     * @param frames that the stack took in meanwhile
     * @param drops the three most frequent reasons, with their counts
     * @param failures what should not be; empty if the stack held
     */
    record Verdict(String tool, long frames, String drops, long turns, List<String> failures) {
        boolean isGood() {
            return failures.isEmpty();
        }
    }

    /** Makes the link, pins what the kernel's side knows of the stack, and connects. */
    Ipv6AttackRun(Path root) throws Exception {
        this.root = root;
        new java.util.Random(1).nextBytes(file);
        Files.write(root.resolve("file"), file);
        link = new KernelLink.Setup()
                .httpRoot(root)
                .stack(b -> b.address(Ipv6AttackTool.STACK + "/64").slaac(true))
                .open();
        try {
            for (String command : List.of(
                    // The attacks are on the stack: what they teach the kernel would cut the connection from the other
                    // side.
                    "sysctl -q -w net.ipv6.conf.pen0.accept_ra=0 net.ipv6.conf.pen0.accept_redirects=0",
                    "ip -6 address add " + Ipv6AttackTool.KERNEL + "/64 dev pen0 nodad",
                    "ip -6 route add " + Ipv6AttackTool.BEHIND + " via " + Ipv6AttackTool.STACK,
                    "ip -6 neigh replace " + Ipv6AttackTool.STACK
                            + " lladdr 02:00:00:00:00:77 dev pen0 nud permanent")) {
                Ran ran = link.run(10, command.split(" "));
                if (!ran.isOk()) {
                    throw new IOException(ran.toString());
                }
            }
            awaitStack();
            stream = new CheckedStream(link, Ipv6AttackTool.STACK);
        } catch (Exception e) {
            link.close();
            throw e;
        }
    }

    private void awaitStack() throws Exception {
        for (int i = 0; i < 50; i++) {
            if (link.run(5, "ping", "-6", "-n", "-c", "1", "-W", "1", Ipv6AttackTool.STACK)
                            .isOk()
                    && !router().isEmpty()) {
                return;
            }
            Thread.sleep(100);
        }
        throw new IOException("the stack does not answer before the first attack");
    }

    /** The link-local address of the kernel's side, empty while it is tentative. */
    String router() throws Exception {
        String shown = link.run(5, "ip", "-o", "-6", "address", "show", "dev", "pen0", "scope", "link", "-tentative")
                .output();
        return shown.contains("fe80") ? shown.replaceAll("(?s).*inet6 (fe80[^/]*)/.*", "$1") : "";
    }

    /** The connection's other end, and the stack. */
    KernelLink link() {
        return link;
    }

    /** Runs one tool to its end, and looks at the stack. */
    Verdict attack(Ipv6AttackTool tool) throws Exception {
        Counters counters = link.stack().counters();
        long[] before = drops(counters);
        long frames = counters.get(StackCounter.FRAMES_IN);
        long turns = stream.turns();
        Ran ran = link.run(tool.seconds() + 5, tool.bounded());
        List<String> failures = new ArrayList<>();
        // 127 and 126 are timeout's for a command that could not be run; a tool's own codes say what it thinks of the
        // target.
        if (ran.exit() == 127 || ran.exit() == 126 || ran.output().contains("Syntax: ")) {
            failures.add(
                    "the tool did not run: " + ran.output().lines().findFirst().orElse(""));
        }
        long took = counters.get(StackCounter.FRAMES_IN) - frames;
        String most = most(before, drops(counters));
        if (!stream.isAlive(25)) {
            failures.add("the connection is dead: " + stream.failure());
        }
        curl(failures);
        faults(failures);
        return new Verdict(tool.name(), took, most, stream.turns() - turns, failures);
    }

    private void curl(List<String> failures) throws Exception {
        Path fetched = root.resolve("fetched");
        String url = "http://[" + Ipv6AttackTool.STACK + "]/file";
        Ran ran = link.run(30, "curl", "-6", "-g", "-sS", "--fail", "-m", "25", "-o", fetched.toString(), url);
        if (!ran.isOk()) {
            failures.add("curl: " + ran.output().strip());
        } else if (!java.util.Arrays.equals(file, Files.readAllBytes(fetched))) {
            failures.add("curl: other bytes");
        }
    }

    private void faults(List<String> failures) {
        Counters counters = link.stack().counters();
        for (StackCounter each : List.of(StackCounter.SHARD_FAULTS, StackCounter.APPLICATION_FAULTS)) {
            if (counters.get(each) != 0) {
                failures.add(each + " " + counters.get(each));
            }
        }
        link.faults().forEach(f -> failures.add(f.toString()));
    }

    /** Ends the connection and the stack, and says what is wrong then. */
    List<String> end() throws Exception {
        List<String> failures = new ArrayList<>();
        stream.close();
        if (stream.failure() != null) {
            failures.add("the connection did not end in order: " + stream.failure());
        }
        link.stop();
        faults(failures);
        if (!link.stack().leaks().isEmpty()) {
            failures.add("leaks: " + link.stack().leaks());
        }
        return failures;
    }

    long turns() {
        return stream.turns();
    }

    private static long[] drops(Counters counters) {
        return Stream.of(REASONS).mapToLong(counters::get).toArray();
    }

    private static String most(long[] before, long[] after) {
        String most = Stream.of(REASONS)
                .filter(r -> after[r.ordinal()] > before[r.ordinal()])
                .sorted(Comparator.comparingLong((DropReason r) -> before[r.ordinal()] - after[r.ordinal()]))
                .limit(3)
                .map(r -> String.format(Locale.ROOT, "%s %,d", r, after[r.ordinal()] - before[r.ordinal()]))
                .collect(Collectors.joining(", "));
        return most.isEmpty() ? "-" : most;
    }

    @Override
    public void close() throws IOException {
        link.close();
    }

    /** Exit code 0 when nothing failed. */
    public static void main(String[] args) throws Exception {
        int seconds = args.length > 0 ? Integer.parseInt(args[0]) : 3;
        List<String> wanted = List.of(args).subList(Math.min(1, args.length), args.length);
        int failed = 0;
        long frames = 0;
        int count = 0;
        Path root = Files.createTempDirectory("penstock-attacks-");
        try (Ipv6AttackRun run = new Ipv6AttackRun(root)) {
            for (Ipv6AttackTool tool : Ipv6AttackTool.all(seconds, run.router())) {
                if (args.length > 1 && !wanted.contains(tool.name().split(" ", 2)[0])) {
                    continue;
                }
                Verdict v = run.attack(tool);
                failed += print(v);
                frames += v.frames();
                count++;
            }
            failed += print(new Verdict("the end of the connection and the stack", 0, "-", run.turns(), run.end()));
            failed += wanted.isEmpty() ? print(AttackedStart.run()) : 0;
        } finally {
            Files.deleteIfExists(root.resolve("fetched"));
            Files.deleteIfExists(root.resolve("file"));
            Files.delete(root);
        }
        System.out.printf(Locale.ROOT, "%d tools, %,d frames in, %d failed%n", count + 1, frames, failed);
        System.exit(failed == 0 ? 0 : 1);
    }

    private static int print(Verdict v) {
        System.out.printf(
                Locale.ROOT,
                "%s %s | %,d | %s | %,d turns | %s%n",
                v.isGood() ? "ok   " : "FAIL ",
                v.tool(),
                v.frames(),
                v.drops(),
                v.turns(),
                v.isGood() ? "alive, 0 faults" : v.failures());
        return v.isGood() ? 0 : 1;
    }
}
