package dev.penstock.perf.bench;

import dev.penstock.perf.kernel.Cpu;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of all measurements. */
final class BenchOptions {
    private static final int MOST_ROUNDS = 1000;
    private static final double MOST_SECONDS = 600;

    /** What the frames pass through. */
    enum Device {
        MEMORY,
        TAP
    }

    /** Who is measured. */
    enum Side {
        PENSTOCK,
        KERNEL,
        FLOOR
    }

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--device",
            paramLabel = "tap|memory",
            defaultValue = "tap",
            description =
                    "A TAP interface with the kernel at the other end, which needs root or unshare -Urn; or a wire in "
                            + "memory with two stacks on one thread, which needs nothing (default ${DEFAULT-VALUE}).")
    Device device;

    @Option(
            names = "--sides",
            paramLabel = "LIST",
            split = ",",
            defaultValue = "penstock,kernel,floor",
            description = "Who is measured: penstock, kernel (to kernel, over veth), floor (default all).")
    List<Side> sides;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "5",
            description = "Rounds, in each of which all are measured in turn (default ${DEFAULT-VALUE}).")
    int rounds;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "0.5",
            description = "How long each is measured in each round (default ${DEFAULT-VALUE}).")
    double seconds;

    @Option(
            names = "--cpus",
            paramLabel = "two|one|free",
            defaultValue = "two",
            description =
                    "A core for each end, everything on one, or as the scheduler likes (default ${DEFAULT-VALUE}).")
    Placement placement;

    @Option(
            names = "--cc",
            paramLabel = "NAME",
            defaultValue = "cubic",
            description = "Congestion control of both sides' sockets (default ${DEFAULT-VALUE}).")
    String congestion;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the figures as JSON, as --baseline reads them.")
    Path json;

    @Option(names = "--markdown", paramLabel = "FILE", description = "Write the tables as Markdown.")
    Path markdown;

    @Option(names = "--html", paramLabel = "FILE", description = "Write a page with tables and plots.")
    Path html;

    @Option(
            names = "--baseline",
            paramLabel = "FILE",
            description = "Show what has changed since that run (a file of --json), and flag what is beyond the noise.")
    Path baseline;

    @Option(names = "--quiet", description = "Do not tell on standard error what is being done.")
    boolean quiet;

    boolean has(Side side) {
        return sides.contains(side);
    }

    /** Refuses what makes no sense, in one line. */
    void check() {
        if (rounds < 1 || rounds > MOST_ROUNDS) {
            throw wrong("--rounds " + rounds + " is out of range: give 1 .. " + MOST_ROUNDS);
        }
        if (!(seconds > 0 && seconds <= MOST_SECONDS)) {
            throw wrong("--seconds " + seconds + " is out of range: give more than 0, up to " + (int) MOST_SECONDS);
        }
        if (!congestion.matches("[a-z0-9_-]{1,15}")) {
            throw wrong("--cc " + congestion + " is no name of a congestion control: give one as cubic");
        }
        if (placement == Placement.TWO && device == Device.TAP && Cpu.usable().size() < 2) {
            throw wrong("--cpus two needs two processors and there is one: give --cpus one");
        }
    }

    ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** The options that the parts of {@code all} share, as they are written on a command line. */
    List<String> common() {
        String who = sides.stream().map(BenchOptions::lower).collect(Collectors.joining(","));
        return List.of(
                "--device", lower(device),
                "--sides", who,
                "--rounds", String.valueOf(rounds),
                "--seconds", String.valueOf(seconds),
                "--cpus", lower(placement),
                "--cc", congestion);
    }

    static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
