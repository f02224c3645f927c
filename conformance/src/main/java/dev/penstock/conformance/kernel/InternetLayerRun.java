package dev.penstock.conformance.kernel;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.penstock.conformance.kernel.ConfiguredHost.Way;
import dev.penstock.stack.wire.IpAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Linux's usual tools against a stack, with each way that it can get its addresses, over both families where the way gives both.
 *
 * <pre>{@code InternetLayerRun [--seconds N] [WAY...]}</pre>
 */
public final class InternetLayerRun {
    private static final int FILE_BYTES = 8 << 20;
    /** What comes while iperf3 begins to read must fit into its socket's buffer: at 100M it loses 4 % of its own server's, too. */
    private static final String UDP_RATE = "20M";

    private static final double MOST_LOST_PERCENT = 5;

    private final ConfiguredHost host;
    private final Path directory;
    private final byte[] file;
    private final String[] amount;

    /**
     * What came of one tool.
     *
     * @param figure what it said, or why it failed
     */
    record Outcome(Way way, String tool, boolean good, String figure) {}

    private record Ran(int exit, String output) {}

    private InternetLayerRun(ConfiguredHost host, Path directory, byte[] file, String[] amount) {
        this.host = host;
        this.directory = directory;
        this.file = file;
        this.amount = amount;
    }

    /**
     * Runs all tools in one setup, made for it.
     *
     * @param amount the options of iperf3 that say how much is sent, as {@code -n 8M}
     * @param tools a part of the names of those that are run; empty for all
     */
    static List<Outcome> run(Way way, String amount, String tools) throws Exception {
        Path directory = Files.createTempDirectory("penstock-layer-");
        byte[] file = new byte[FILE_BYTES];
        new Random(1).nextBytes(file);
        try {
            // Daemons give up their privileges, and must read and write here nevertheless.
            directory.toFile().setWritable(true, false);
            directory.toFile().setReadable(true, false);
            directory.toFile().setExecutable(true, false);
            Path root = Files.createDirectory(directory.resolve("root"));
            Files.write(root.resolve("file"), file);
            List<Outcome> outcomes = new ArrayList<>();
            try (ConfiguredHost host = ConfiguredHost.open(way, directory, root)) {
                InternetLayerRun run = new InternetLayerRun(host, directory, file, amount.split(" "));
                for (IpAddress address : host.addresses()) {
                    outcomes.addAll(run.all(way, address, tools));
                }
                String wrong = host.end();
                boolean any = !outcomes.isEmpty();
                outcomes.add(new Outcome(way, "end of the stack", any && wrong.isEmpty(), any ? wrong : "no address"));
            }
            return outcomes;
        } finally {
            try (Stream<Path> all = Files.walk(directory)) {
                all.sorted(Comparator.reverseOrder()).forEach(p -> p.toFile().delete());
            }
        }
    }

    private interface Tool {
        String figure() throws Exception;
    }

    private List<Outcome> all(Way way, IpAddress address, String tools) {
        String to = address.toString();
        String family = address.isV4() ? "-4" : "-6";
        List<Outcome> outcomes = new ArrayList<>();
        add(outcomes, way, tools, "ping " + family, () -> ping(family, to, "56") + "; " + ping(family, to, "8000"));
        add(outcomes, way, tools, "traceroute " + family, () -> traceroute(family, to));
        add(outcomes, way, tools, "tracepath " + family, () -> tracepath(family, to));
        add(outcomes, way, tools, "curl " + family, () -> curl(family, to));
        for (String direction : new String[] {"", " -R"}) {
            add(outcomes, way, tools, "iperf3 " + family + direction, () -> tcp(family, to, direction));
            add(outcomes, way, tools, "iperf3 " + family + " -u" + direction, () -> udp(family, to, direction));
        }
        return outcomes;
    }

    private static void add(List<Outcome> to, Way way, String tools, String name, Tool tool) {
        if (!name.contains(tools)) {
            return;
        }
        try {
            to.add(new Outcome(way, name, true, tool.figure()));
        } catch (Exception | AssertionError e) {
            to.add(new Outcome(way, name, false, String.valueOf(e.getMessage())));
        }
    }

    private Ran run(int seconds, String... command) throws Exception {
        Path out = directory.resolve("out");
        Process process = host.namespace()
                .start(new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile()));
        process.getOutputStream().close();
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            throw new IOException(String.join(" ", command) + " took more than " + seconds + " s");
        }
        return new Ran(process.exitValue(), Files.readString(out, StandardCharsets.ISO_8859_1));
    }

    private String ok(int seconds, String... command) throws Exception {
        Ran ran = run(seconds, command);
        if (ran.exit != 0) {
            throw new IOException(String.join(" ", command) + " -> " + ran.exit + ": " + ran.output);
        }
        return ran.output;
    }

    private static String find(String text, String regex) throws IOException {
        Matcher matcher = Pattern.compile(regex).matcher(text);
        if (!matcher.find()) {
            throw new IOException("no " + regex + " in: " + text);
        }
        return matcher.group(1);
    }

    private String ping(String family, String to, String size) throws Exception {
        String said = ok(20, "ping", family, "-n", "-c", "10", "-i", "0.02", "-W", "5", "-s", size, to);
        find(said, "10 received, (0%) packet loss");
        return size + " bytes: 10 of 10, " + find(said, "= [0-9.]+/([0-9.]+)/") + " ms";
    }

    private String traceroute(String family, String to) throws Exception {
        String said = ok(30, "traceroute", family, "-n", "-q", "1", "-w", "2", to);
        return "1 hop, " + find(said, "\\n 1  " + Pattern.quote(to) + "  ([0-9.]+) ms\\s*$") + " ms";
    }

    private String tracepath(String family, String to) throws Exception {
        String said = ok(30, "tracepath", family, "-n", to);
        find(said, "(reached)");
        return "reached, " + find(said, "Resume: (pmtu [0-9]+ hops 1)");
    }

    private String curl(String family, String to) throws Exception {
        Path got = directory.resolve("fetched");
        String url = "http://" + (family.equals("-6") ? "[" + to + "]" : to) + "/file";
        String said = ok(
                60, "curl", family, "-q", "-g", "-sS", "--fail", "-o", got.toString(), "-w", "%{speed_download}", url);
        if (!Arrays.equals(file, Files.readAllBytes(got))) {
            throw new IOException("curl: other bytes");
        }
        return String.format(
                Locale.ROOT, "8 MiB equal, %.2f Gbit/s", Double.parseDouble(said.strip()) * 8 / 1_000_000_000);
    }

    private JsonObject iperf(String family, String to, String... more) throws Exception {
        List<String> command = new ArrayList<>(List.of("iperf3", "-J", family, "-c", to));
        command.addAll(Arrays.asList(amount));
        Stream.of(more).filter(m -> !m.isBlank()).map(String::strip).forEach(command::add);
        JsonObject all =
                JsonParser.parseString(ok(60, command.toArray(String[]::new))).getAsJsonObject();
        if (all.has("error")) {
            throw new IOException(all.get("error").getAsString());
        }
        return all.getAsJsonObject("end");
    }

    private String tcp(String family, String to, String direction) throws Exception {
        JsonObject got = iperf(family, to, direction).getAsJsonObject("sum_received");
        // What is still in the sender's queue when it says on the control connection that it is done is not counted, as
        // by iperf3.
        if (got.get("bytes").getAsLong() < 1 << 16) {
            throw new IOException("hardly anything came: " + got);
        }
        return String.format(
                Locale.ROOT, "%.2f Gbit/s", got.get("bits_per_second").getAsDouble() / 1e9);
    }

    private String udp(String family, String to, String direction) throws Exception {
        JsonObject sum = iperf(family, to, "-u", "-b", UDP_RATE, direction).getAsJsonObject("sum");
        double lost = sum.get("lost_percent").getAsDouble();
        if (sum.get("packets").getAsLong() < 100 || lost > MOST_LOST_PERCENT) {
            throw new IOException("datagrams were lost: " + sum);
        }
        return String.format(
                Locale.ROOT,
                "%.0f Mbit/s, %d of %d lost",
                sum.get("bits_per_second").getAsDouble() / 1e6,
                sum.get("lost_packets").getAsLong(),
                sum.get("packets").getAsLong());
    }

    /** Exit code 0 when nothing failed. */
    public static void main(String[] args) throws Exception {
        List<Way> ways = new ArrayList<>();
        int seconds = 2;
        for (int i = 0; i < args.length; i++) {
            if (args[i].equals("--seconds")) {
                seconds = Integer.parseInt(args[++i]);
            } else {
                ways.add(Way.valueOf(args[i].toUpperCase(Locale.ROOT)));
            }
        }
        int failed = 0;
        int count = 0;
        for (Way way : ways.isEmpty() ? List.of(Way.values()) : ways) {
            for (Outcome o : run(way, "-t " + seconds, "")) {
                String name = o.way().name().toLowerCase(Locale.ROOT);
                System.out.printf("%s %-8s %-18s %s%n", o.good() ? "ok   " : "FAIL ", name, o.tool(), o.figure());
                failed += o.good() ? 0 : 1;
                count++;
            }
        }
        System.out.printf("%d checks, %d failed%n", count, failed);
        System.exit(failed == 0 ? 0 : 1);
    }
}
