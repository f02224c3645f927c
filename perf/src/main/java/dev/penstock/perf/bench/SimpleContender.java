package dev.penstock.perf.bench;

import dev.penstock.perf.report.Figure;
import java.util.function.Supplier;

/**
 * A contender of two parts.
 *
 * @param describing makes the empty figure
 * @param starting sets it up
 */
record SimpleContender(Supplier<Figure> describing, Starting starting) implements Contender {
    /** Sets a rig up. */
    interface Starting {
        Rig start() throws Exception;
    }

    @Override
    public Figure describe() {
        return describing.get();
    }

    @Override
    public Rig start() throws Exception {
        return starting.start();
    }
}
