package dev.penstock.perf.bench;

import dev.penstock.perf.kernel.Service;
import dev.penstock.perf.report.Numbers;
import dev.penstock.perf.report.Plot;
import dev.penstock.perf.report.Section;
import dev.penstock.perf.report.Target;
import dev.penstock.stack.blocking.IdleMode;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How long an echo takes. */
@Command(
        name = "latency",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        descriptionHeading = "%n",
        optionListHeading = "%nOptions:%n",
        description = {
            "Round-trip times of an echo over TCP. With --mode spin client and server never sleep, and the stack answers by "
                    + "callbacks; with hybrid and blocking the client sleeps, and a thread with a blocking socket answers, too.",
            "",
            "Closed loop (the next question follows the answer), and with --rate a fixed schedule: each latency counts from "
                    + "the time at which its question was due, which corrects for coordinated omission."
        })
final class LatencyCommand extends Measurement {
    private static final int LARGEST = 64 << 10;
    private static final double MOST_RATE = 1e6;

    @Option(
            names = "--mode",
            paramLabel = "LIST",
            split = ",",
            defaultValue = "spin,hybrid,blocking",
            converter = ModeConverter.class,
            description = "spin, hybrid, blocking (default all).")
    private List<IdleMode> modes;

    @Option(
            names = "--message",
            paramLabel = "BYTES",
            defaultValue = "64",
            description = "Bytes of question and answer (default ${DEFAULT-VALUE}).")
    private int message;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "0",
            description = "Questions a second by a fixed schedule; 0 for a closed loop (default ${DEFAULT-VALUE}).")
    private double rate;

    @Override
    void check() {
        range("--message", message, 1, LARGEST);
        range("--rate", rate, 0, MOST_RATE);
    }

    @Override
    void measure(BenchRun run) throws Exception {
        if (inMemory()) {
            inMemory(run);
            return;
        }
        for (IdleMode mode : modes) {
            if (mode == IdleMode.BUSY && options.placement == Placement.ONE) {
                run.progress(
                        "spin on one core is left out: two that never sleep wait for the end of each other's turn");
            } else {
                overTap(run, mode);
            }
        }
    }

    private void inMemory(BenchRun run) throws Exception {
        Setting s = new Setting(Service.ECHO, 1, message, true, IdleMode.BUSY, Placement.ONE, options.congestion);
        Section section = new Section(message + " B echo in memory, two stacks on one thread, " + schedule());
        section.figures.addAll(
                run.measure(List.of(contender("memory", "Penstock to Penstock", s, () -> new MemoryEchoRig(s, rate)))));
        section.figures.get(0).target = Target.atMost(1.0);
        addPlot(section);
        run.add(section);
    }

    private String schedule() {
        return rate > 0 ? "fixed schedule of " + Numbers.of(rate) + "/s" : "closed loop";
    }

    private static void addPlot(Section section) {
        Plot plot =
                new Plot(section.title, "percentile", Plot.Scale.PERCENTILE, "microseconds", Plot.Scale.LOGARITHMIC);
        section.figures.forEach(f -> f.percentiles.forEach(p -> plot.add(f.title, p.x(), p.y())));
        section.plots.add(plot);
    }

    private void overTap(BenchRun run, IdleMode mode) throws Exception {
        Setting s = new Setting(Service.ECHO, 1, message, true, mode, options.placement, options.congestion);
        boolean spin = mode == IdleMode.BUSY;
        List<Contender> contenders = new ArrayList<>();
        if (options.has(BenchOptions.Side.PENSTOCK)) {
            contenders.add(contender("callback", "Penstock, callbacks", s, () -> EchoRig.penstock(s, false, rate)));
            if (!spin) {
                contenders.add(
                        contender("sockets", "Penstock, blocking sockets", s, () -> EchoRig.penstock(s, true, rate)));
            }
        }
        if (options.has(BenchOptions.Side.KERNEL)) {
            contenders.add(contender("kernel", "kernel to kernel, veth", s, () -> EchoRig.kernel(s, rate)));
        }
        if (options.has(BenchOptions.Side.FLOOR)) {
            contenders.add(contender("floor", "raw loop, Java", s, () -> EchoRig.floor(s, rate)));
        }
        Section section =
                new Section(message + " B echo over TAP, " + s.modeName() + ", " + s.placement() + ", " + schedule());
        section.figures.addAll(run.measure(contenders));
        compare(section, mode);
        addPlot(section);
        run.add(section);
    }

    private void compare(Section section, IdleMode mode) {
        Compare c = new Compare(section, "");
        switch (mode) {
            case BUSY -> {
                c.ratio("callback", "floor", Target.atMost(1.2));
                c.ratio("callback", "kernel", Target.atMost(0.5));
                c.tail("callback", "floor", 99, Target.atMost(1.2));
                c.tail("callback", "kernel", 99, Target.atMost(0.5));
            }
            case HYBRID -> {
                c.ratio("sockets", "kernel", Target.atMost(options.placement == Placement.ONE ? 1.0 : 0.8));
                c.ratio("callback", "kernel", null);
            }
            case BLOCKING -> {
                c.ratio("sockets", "kernel", null);
                c.ratio("callback", "kernel", null);
            }
        }
    }

    private Contender contender(String who, String title, Setting s, SimpleContender.Starting starting) {
        String id = "latency." + BenchOptions.lower(options.device) + "." + s.id()
                + (rate > 0 ? ".rate" + (long) rate : "") + "." + who;
        return Figures.contender(id, title, "us", false, s.conditions(), "echo", starting);
    }
}
