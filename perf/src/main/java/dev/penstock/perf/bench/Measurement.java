package dev.penstock.perf.bench;

import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** One of the measurements of {@code penstock bench}: options of its own, and those of all. */
abstract class Measurement implements Callable<Integer> {
    @Mixin
    BenchOptions options;

    @Spec
    private CommandSpec spec;

    @Override
    public final Integer call() throws Exception {
        options.check();
        check();
        BenchRun run = new BenchRun(spec, options, needsTap());
        measure(run);
        run.finish();
        return 0;
    }

    /** Refuses options that make no sense, by {@link BenchOptions#wrong}. */
    abstract void check();

    /** Measures, and adds a section for each thing that was compared. */
    abstract void measure(BenchRun run) throws Exception;

    /** Whether it cannot do without a TAP device. */
    boolean needsTap() {
        return !inMemory();
    }

    final boolean inMemory() {
        return options.device == BenchOptions.Device.MEMORY;
    }

    /** Refuses a number outside its range. */
    final void range(String option, double value, double least, double most) {
        if (!(value >= least && value <= most)) {
            throw options.wrong(
                    option + " " + plain(value) + " is out of range: give " + plain(least) + " .. " + plain(most));
        }
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
    }
}
