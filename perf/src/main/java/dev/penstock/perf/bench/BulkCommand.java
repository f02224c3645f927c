package dev.penstock.perf.bench;

import dev.penstock.perf.kernel.Service;
import dev.penstock.perf.report.Figure;
import dev.penstock.perf.report.Section;
import dev.penstock.perf.report.Target;
import dev.penstock.stack.blocking.IdleMode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Streams as fast as they go. */
@Command(
        name = "bulk",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        descriptionHeading = "%n",
        optionListHeading = "%nOptions:%n",
        description =
                "Throughput of TCP streams: into the stack (discard) and out of it (chargen), by callbacks on the "
                        + "shard's thread and through blocking sockets.")
final class BulkCommand implements Callable<Integer> {
    private static final int MOST_STREAMS = 64;
    private static final int LARGEST_MESSAGE = 1 << 20;

    enum Direction {
        IN,
        OUT,
        BOTH
    }

    enum Offload {
        ON,
        OFF,
        BOTH
    }

    enum Api {
        CALLBACK,
        SOCKETS,
        BOTH
    }

    @Mixin
    private BenchOptions options;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--direction",
            paramLabel = "in|out|both",
            defaultValue = "both",
            description = "Kernel to Penstock, Penstock to kernel (default ${DEFAULT-VALUE}).")
    private Direction direction;

    @Option(
            names = "--streams",
            paramLabel = "LIST",
            split = ",",
            defaultValue = "1,4",
            description = "Connections at once (default ${DEFAULT-VALUE}).")
    private List<Integer> streams;

    @Option(
            names = "--offload",
            paramLabel = "on|off|both",
            defaultValue = "on",
            description = "Super-segments over the device, or plain frames (default ${DEFAULT-VALUE}).")
    private Offload offload;

    @Option(
            names = "--api",
            paramLabel = "callback|sockets|both",
            defaultValue = "both",
            description = "How the application uses the stack (default ${DEFAULT-VALUE}).")
    private Api api;

    @Option(
            names = "--mode",
            paramLabel = "spin|hybrid|blocking",
            defaultValue = "hybrid",
            converter = ModeConverter.class,
            description = "What an idle shard does (default ${DEFAULT-VALUE}).")
    private IdleMode mode;

    @Option(
            names = "--message",
            paramLabel = "BYTES",
            defaultValue = "131072",
            description = "Bytes that are handed over in one call (default ${DEFAULT-VALUE}).")
    private int message;

    @Override
    public Integer call() throws Exception {
        check();
        BenchRun run = new BenchRun(spec, options);
        for (Direction d : direction == Direction.BOTH ? List.of(Direction.IN, Direction.OUT) : List.of(direction)) {
            for (int n : streams) {
                for (boolean on : offloads()) {
                    measure(run, d, n, on);
                }
            }
        }
        run.finish();
        return 0;
    }

    private void check() {
        options.check();
        for (int n : streams) {
            if (n < 1 || n > MOST_STREAMS) {
                throw options.wrong("--streams " + n + " is out of range: give 1 .. " + MOST_STREAMS);
            }
        }
        if (message < 1 || message > LARGEST_MESSAGE) {
            throw options.wrong("--message " + message + " is out of range: give 1 .. " + LARGEST_MESSAGE);
        }
    }

    private List<Boolean> offloads() {
        return switch (offload) {
            case ON -> List.of(true);
            case OFF -> List.of(false);
            case BOTH -> List.of(true, false);
        };
    }

    private void measure(BenchRun run, Direction d, int n, boolean on) throws Exception {
        boolean in = d == Direction.IN;
        Setting s = new Setting(
                in ? Service.DISCARD : Service.CHARGEN, n, message, on, mode, options.placement, options.congestion);
        // Two that share a core wait for each other; a loop that never sleeps would only use up its turn.
        Setting spinning = s.with(options.placement == Placement.ONE ? IdleMode.BLOCKING : IdleMode.BUSY);
        Setting waiting = s.with(IdleMode.BLOCKING);
        List<Contender> contenders = new ArrayList<>();
        if (options.has(BenchOptions.Side.PENSTOCK) && api != Api.SOCKETS) {
            contenders.add(contender("callback", "Penstock, callbacks", s, () -> BulkRig.penstock(s, false)));
        }
        if (options.has(BenchOptions.Side.PENSTOCK) && api != Api.CALLBACK) {
            contenders.add(contender("sockets", "Penstock, blocking sockets", s, () -> BulkRig.penstock(s, true)));
        }
        if (options.has(BenchOptions.Side.KERNEL)) {
            contenders.add(contender("kernel", "kernel to kernel, veth", waiting, () -> BulkRig.kernel(waiting)));
        }
        if (options.has(BenchOptions.Side.FLOOR)) {
            String title = in ? "raw loop, Java" : "raw loop, Java, one copy";
            contenders.add(contender("floor", title, spinning, () -> BulkRig.floor(spinning)));
        }
        List<Figure> figures = run.measure(contenders);
        Section section = new Section("Bulk TCP over TAP, " + (in ? "kernel -> Penstock" : "Penstock -> kernel") + ", "
                + n + (n == 1 ? " stream" : " streams") + ", offload " + (on ? "on" : "off"));
        section.figures.addAll(figures);
        compare(section, s, in, on);
        run.add(section);
    }

    private static void compare(Section section, Setting s, boolean in, boolean offloaded) {
        Compare c = new Compare(section, "bulk.tap." + s.id());
        if (offloaded) {
            c.ratio("callback", "kernel", Target.atLeast(in ? 1.4 : 1.0));
            c.ratio("callback", "floor", Target.atLeast(in ? 0.85 : 0.8));
            c.ratio("sockets", "kernel", Target.atLeast(0.7));
        } else {
            c.ratio("callback", "kernel", null);
            c.ratio("callback", "floor", null);
        }
    }

    private static Contender contender(String who, String title, Setting s, SimpleContender.Starting starting) {
        Supplier<Figure> figure = () -> {
            Figure f = new Figure();
            f.id = "bulk.tap." + s.id() + "." + who;
            f.title = title;
            f.unit = "Gbit/s";
            f.higherIsBetter = true;
            f.conditions.putAll(s.conditions());
            f.allocationPer = "KiB";
            return f;
        };
        return new SimpleContender(figure, starting);
    }
}
