package dev.penstock.perf.bench;

import dev.penstock.perf.kernel.Service;
import dev.penstock.perf.report.Figure;
import dev.penstock.perf.report.Plot;
import dev.penstock.perf.report.Section;
import dev.penstock.perf.report.Target;
import dev.penstock.stack.blocking.IdleMode;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

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
final class BulkCommand extends Measurement {
    private static final int MOST_STREAMS = 64;
    private static final int LARGEST_MESSAGE = 1 << 20;
    private static final String CALLBACK = "callback";
    private static final String SOCKETS = "sockets";
    private static final String KERNEL = "kernel";
    private static final String FLOOR = "floor";

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
            paramLabel = "LIST",
            defaultValue = "131072",
            split = ",",
            description = "Bytes that are handed over in one call; of a list, a curve (default ${DEFAULT-VALUE}).")
    private List<Integer> messages;

    @Override
    void check() {
        streams.forEach(n -> range("--streams", n, 1, MOST_STREAMS));
        messages.forEach(n -> range("--message", n, 1, LARGEST_MESSAGE));
    }

    @Override
    void measure(BenchRun run) throws Exception {
        for (int n : streams) {
            for (boolean on : offloads()) {
                if (inMemory()) {
                    inMemory(run, n, on);
                } else {
                    for (Direction d : directions()) {
                        overTap(run, d, n, on);
                    }
                }
            }
        }
    }

    private List<Direction> directions() {
        return direction == Direction.BOTH ? List.of(Direction.IN, Direction.OUT) : List.of(direction);
    }

    private List<Boolean> offloads() {
        return switch (offload) {
            case ON -> List.of(true);
            case OFF -> List.of(false);
            case BOTH -> List.of(true, false);
        };
    }

    private void inMemory(BenchRun run, int n, boolean on) throws Exception {
        Section section = new Section("Bulk TCP in memory, two stacks on one thread, " + streams(n) + ", "
                + (on ? "super-segments" : "segments of the MSS, with checksums"));
        List<Contender> contenders = new ArrayList<>();
        for (int size : messages) {
            Setting s = new Setting(Service.DISCARD, n, size, on, IdleMode.BUSY, Placement.ONE, options.congestion);
            contenders.add(contender("memory", "Penstock to Penstock" + suffix(size), s, () -> new MemoryBulkRig(s)));
        }
        section.figures.addAll(run.measure(contenders));
        section.figures.get(section.figures.size() - 1).target = Target.atLeast(on ? 60 : 15);
        addPlot(section);
        run.add(section);
    }

    private static String streams(int n) {
        return n + (n == 1 ? " stream" : " streams");
    }

    private String suffix(int size) {
        return messages.size() == 1 ? "" : ", messages of " + size + " B";
    }

    private void overTap(BenchRun run, Direction d, int n, boolean on) throws Exception {
        boolean in = d == Direction.IN;
        List<Contender> contenders = new ArrayList<>();
        for (int size : messages) {
            Setting s = new Setting(
                    in ? Service.DISCARD : Service.CHARGEN, n, size, on, mode, options.placement, options.congestion);
            addContenders(contenders, s, in);
        }
        Section section = new Section("Bulk TCP over TAP, " + (in ? "kernel -> Penstock" : "Penstock -> kernel") + ", "
                + streams(n) + ", offload " + (on ? "on" : "off"));
        section.figures.addAll(run.measure(contenders));
        for (int size : messages) {
            compare(section, size, in, on);
        }
        addPlot(section);
        run.add(section);
    }

    private void addContenders(List<Contender> contenders, Setting s, boolean in) {
        // Two that share a core wait for each other; a loop that never sleeps would only use up its turn.
        Setting spinning = s.with(options.placement == Placement.ONE ? IdleMode.BLOCKING : IdleMode.BUSY);
        Setting waiting = s.with(IdleMode.BLOCKING);
        String suffix = suffix(s.message());
        if (options.has(BenchOptions.Side.PENSTOCK) && api != Api.SOCKETS) {
            contenders.add(contender(CALLBACK, "Penstock, callbacks" + suffix, s, () -> BulkRig.penstock(s, false)));
        }
        if (options.has(BenchOptions.Side.PENSTOCK) && api != Api.CALLBACK) {
            contenders.add(
                    contender(SOCKETS, "Penstock, blocking sockets" + suffix, s, () -> BulkRig.penstock(s, true)));
        }
        if (options.has(BenchOptions.Side.KERNEL)) {
            contenders.add(
                    contender(KERNEL, "kernel to kernel, veth" + suffix, waiting, () -> BulkRig.kernel(waiting)));
        }
        if (options.has(BenchOptions.Side.FLOOR)) {
            String title = (in ? "raw loop, Java" : "raw loop, Java, one copy") + suffix;
            contenders.add(contender(FLOOR, title, spinning, () -> BulkRig.floor(spinning)));
        }
    }

    private static void compare(Section section, int size, boolean in, boolean offloaded) {
        Compare c = new Compare(section, "." + size + ".");
        if (offloaded) {
            c.ratio(CALLBACK, KERNEL, Target.atLeast(in ? 1.4 : 1.0));
            c.ratio(CALLBACK, FLOOR, Target.atLeast(in ? 0.85 : 0.8));
            c.ratio(SOCKETS, KERNEL, Target.atLeast(0.7));
        } else {
            c.ratio(CALLBACK, KERNEL, null);
            c.ratio(CALLBACK, FLOOR, null);
        }
    }

    /** Throughput by the size of a message, where there are several. */
    private void addPlot(Section section) {
        if (messages.size() < 2) {
            return;
        }
        Plot plot = new Plot(
                section.title, "bytes handed over in one call", Plot.Scale.LOGARITHMIC, "Gbit/s", Plot.Scale.LINEAR);
        for (Figure f : section.figures) {
            double size = Double.parseDouble(f.conditions.get("message").replace(" B", ""));
            plot.add(f.title.substring(0, f.title.lastIndexOf(", messages")), size, f.median());
        }
        section.plots.add(plot);
    }

    private Contender contender(String who, String title, Setting s, SimpleContender.Starting starting) {
        String id = "bulk." + BenchOptions.lower(options.device) + "." + s.id() + "." + who;
        return Figures.contender(id, title, "Gbit/s", true, s.conditions(), "KiB", starting);
    }
}
