package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.Script;

/** Runs a script against a fresh stack, in virtual time. Any number of threads may run scripts at the same time. */
interface ScriptRunner {
    /** Never throws: what goes wrong in a script, or in here, is a {@link Outcome.Status#FAIL} with a line. */
    Outcome run(Script script, Settings settings);
}
