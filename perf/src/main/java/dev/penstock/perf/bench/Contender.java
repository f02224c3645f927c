package dev.penstock.perf.bench;

import dev.penstock.perf.report.Figure;

/** One of those that are compared: knows how to be set up, anew for each round. */
interface Contender {
    /** The figure to be filled: identity, name, unit and conditions. */
    Figure describe();

    /** Sets it up and has it run. */
    Rig start() throws Exception;
}
