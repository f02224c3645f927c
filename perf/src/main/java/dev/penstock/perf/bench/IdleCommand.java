package dev.penstock.perf.bench;

import dev.penstock.perf.kernel.Service;
import dev.penstock.perf.report.Figure;
import dev.penstock.perf.report.Plot;
import dev.penstock.perf.report.Ratio;
import dev.penstock.perf.report.Section;
import dev.penstock.perf.report.Stats;
import dev.penstock.perf.report.Target;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What connections cost that do nothing. */
@Command(
        name = "idle",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        descriptionHeading = "%n",
        optionListHeading = "%nOptions:%n",
        description = {
            "Memory of idle connections, all of it counted (heap after a collection, and direct memory), and what an echo on one "
                    + "of them costs beside the same with a single connection. A scripted peer without a stack of its own "
                    + "holds the other ends. Needs no TAP device, and for a million connections 1 GiB of heap."
        })
final class IdleCommand extends Measurement {
    private static final int MOST = 4_000_000;
    private static final int MESSAGE = 64;

    @Option(
            names = "--connections",
            paramLabel = "LIST",
            split = ",",
            defaultValue = "1,1000,10000,100000,1000000",
            description = "So many connections (default ${DEFAULT-VALUE}).")
    private List<Integer> connections;

    @Override
    void check() {
        connections.forEach(n -> range("--connections", n, 1, MOST));
    }

    @Override
    boolean needsTap() {
        return false;
    }

    @Override
    void measure(BenchRun run) throws Exception {
        Section section = new Section("Idle connections in one process, the server's end");
        section.note = "heap after a collection and direct memory; echoes of " + MESSAGE + " B over a scripted peer";
        Plot cost = new Plot(
                "Cost of an echo by the number of connections",
                "connections",
                Plot.Scale.LOGARITHMIC,
                "nanoseconds",
                Plot.Scale.LINEAR);
        Figure first = null;
        for (int n : connections) {
            Figure one = figure("idle.echo.one." + n, n + " connections, echo on one of them", "ns");
            Figure all = figure("idle.echo.all." + n, n + " connections, echo on all in turn", "ns");
            Figure memory = figure("idle.memory." + n, n + " connections, memory of each", "B");
            run.progress(n + " connections");
            count(n, memory, one, all);
            if (n >= 1000) {
                section.figures.add(memory);
                memory.target = n == 1_000_000 ? Target.atMost(600) : null;
            }
            section.figures.add(one);
            section.figures.add(all);
            cost.add("on one of them", n, one.median());
            cost.add("on all in turn", n, all.median());
            first = first == null ? one : first;
            if (first != one) {
                Target target = n == 1_000_000 ? Target.atMost(1.3) : null;
                section.ratios.add(Ratio.of(
                        "idle.echo." + n,
                        "echo with " + n + " connections / with " + connections.get(0),
                        one,
                        first,
                        target));
            }
        }
        section.plots.add(cost);
        run.add(section);
    }

    private static Figure figure(String id, String title, String unit) {
        Figure f = new Figure();
        f.id = id;
        f.title = title;
        f.unit = unit;
        f.allocationPer = "echo";
        return f;
    }

    private void count(int n, Figure memory, Figure one, Figure all) throws IOException {
        try (LoneStack lone = new LoneStack(n, Service.ECHO, true)) {
            lone.open(1);
            EchoCost cost = new EchoCost(lone, MESSAGE);
            long windowNs = (long) (options.seconds * 1e9);
            WarmUp warmUp = new WarmUp();
            long begin = System.nanoTime();
            boolean more = true;
            while (more) {
                more = warmUp.wantsMore(cost.measure(1, Math.min(windowNs, 200_000_000L)));
            }
            one.warmUp = warmUp.describe(begin);
            long before = used();
            long residentBefore = resident();
            lone.open(n);
            memory.rounds = new double[] {(used() - before) / Math.max(1.0, n - 1)};
            memory.conditions.put(
                    "resident set of each",
                    Math.round((resident() - residentBefore) / Math.max(1.0, n - 1))
                            + " B, with what the collector keeps free");
            one.rounds = new double[options.rounds];
            all.rounds = new double[options.rounds];
            double[] garbage = new double[options.rounds];
            cost.measure(n, windowNs);
            for (int i = 0; i < options.rounds; i++) {
                one.rounds[i] = cost.measure(1, windowNs);
                garbage[i] = cost.garbage();
                all.rounds[i] = cost.measure(n, windowNs);
            }
            one.allocation = Stats.median(garbage);
        }
    }

    /** Heap that is reachable, and direct memory, bytes. */
    private static long used() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            least += Math.max(0, pool.getMemoryUsed());
        }
        return least;
    }

    private static long resident() {
        try {
            String[] words = Files.readString(Path.of("/proc/self/statm")).split(" ", -1);
            return Long.parseLong(words[1]) * 4096;
        } catch (IOException e) {
            return 0;
        }
    }
}
