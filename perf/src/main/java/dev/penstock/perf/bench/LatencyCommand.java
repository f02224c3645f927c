package dev.penstock.perf.bench;

import dev.penstock.perf.kernel.Service;
import dev.penstock.perf.report.Figure;
import dev.penstock.perf.report.Plot;
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

/** How long an echo takes. */
@Command(
        name = "latency",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        descriptionHeading = "%n",
        optionListHeading = "%nOptions:%n",
        description = {
            "Round-trip times of an echo over TCP. With --mode spin client and server never sleep, and the stack answers by "
                    + "callbacks; with hybrid and blocking the client sleeps and a thread with a blocking socket answers.",
            "",
            "Closed loop (the next question follows the answer), and with --rate a fixed schedule: each latency counts from "
                    + "the time at which its question was due, which corrects for coordinated omission."
        })
final class LatencyCommand implements Callable<Integer> {
    private static final int LARGEST = 64 << 10;
    private static final double MOST_RATE = 1e6;

    @Mixin
    private BenchOptions options;

    @Spec
    private CommandSpec spec;

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
    public Integer call() throws Exception {
        options.check();
        if (message < 1 || message > LARGEST) {
            throw options.wrong("--message " + message + " is out of range: give 1 .. " + LARGEST);
        }
        if (!(rate >= 0 && rate <= MOST_RATE)) {
            throw options.wrong("--rate " + rate + " is out of range: give 0 .. " + (int) MOST_RATE);
        }
        BenchRun run = new BenchRun(spec, options);
        for (IdleMode mode : modes) {
            if (mode == IdleMode.BUSY && options.placement == Placement.ONE) {
                run.progress(
                        "spin on one core is left out: two that never sleep only wait for the end of each other's turn");
            } else {
                measure(run, mode);
            }
        }
        run.finish();
        return 0;
    }

    private void measure(BenchRun run, IdleMode mode) throws Exception {
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
        Section section = new Section(message + " B echo over TAP, " + s.modeName() + ", " + s.placement() + ", "
                + (rate > 0 ? "fixed schedule of " + rate + "/s" : "closed loop"));
        section.figures.addAll(run.measure(contenders));
        Compare c = new Compare(section, "latency.tap." + s.id());
        if (spin) {
            c.ratio("callback", "floor", Target.atMost(1.2));
            c.ratio("callback", "kernel", Target.atMost(0.5));
        } else if (mode == IdleMode.HYBRID) {
            c.ratio("sockets", "kernel", Target.atMost(options.placement == Placement.ONE ? 1.0 : 0.8));
            c.ratio("callback", "kernel", null);
        } else {
            c.ratio("sockets", "kernel", null);
            c.ratio("callback", "kernel", null);
        }
        Plot plot =
                new Plot(section.title, "percentile", Plot.Scale.PERCENTILE, "microseconds", Plot.Scale.LOGARITHMIC);
        section.figures.forEach(f -> f.percentiles.forEach(p -> plot.add(f.title, p.x(), p.y())));
        section.plots.add(plot);
        run.add(section);
    }

    private static Contender contender(String who, String title, Setting s, SimpleContender.Starting starting) {
        Supplier<Figure> figure = () -> {
            Figure f = new Figure();
            f.id = "latency.tap." + s.id() + "." + who;
            f.title = title;
            f.unit = "us";
            f.higherIsBetter = false;
            f.conditions.putAll(s.conditions());
            f.allocationPer = "echo";
            return f;
        };
        return new SimpleContender(figure, starting);
    }
}
