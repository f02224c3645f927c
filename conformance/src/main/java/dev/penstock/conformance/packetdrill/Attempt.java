package dev.penstock.conformance.packetdrill;

import dev.penstock.stack.timer.Deadline;

/** A system call as the kernel runs it: tried again whenever something has happened, until it has an answer. */
abstract class Attempt {
    /** Then it is tried for the last time, of the stack's clock. */
    long untilNs = Deadline.NEVER;

    /**
     * One try.
     *
     * @param over {@link #untilNs} has come: the answer must not be null
     * @return null if it must wait
     */
    abstract Result run(boolean over) throws SkipException, ScriptException;

    /** One try. */
    @FunctionalInterface
    interface Body {
        /** Null if it must wait. */
        Result run() throws SkipException, ScriptException;
    }

    /** One that waits without end. */
    static Attempt of(Body body) {
        return new Attempt() {
            @Override
            Result run(boolean over) throws SkipException, ScriptException {
                return body.run();
            }
        };
    }

    /** One that has its answer. */
    static Attempt done(Result result) {
        return of(() -> result);
    }

    /**
     * One that answers {@code late} when it has waited too long.
     *
     * @param untilNs of the stack's clock, {@link Deadline#NEVER} for any time
     */
    static Attempt until(long untilNs, Result late, Body body) {
        Attempt a = new Attempt() {
            @Override
            Result run(boolean over) throws SkipException, ScriptException {
                Result r = body.run();
                return r == null && over ? late : r;
            }
        };
        a.untilNs = untilNs;
        return a;
    }
}
