package dev.penstock.conformance.fuzz;

/** Something that must survive every input. Deterministic: the same bytes do the same, in a fresh state. */
@FunctionalInterface
public interface FuzzTarget {
    /**
     * Takes one input.
     *
     * @throws Throwable when something is wrong with what it was given to: that is a finding
     */
    void run(FuzzInput in) throws Throwable;
}
