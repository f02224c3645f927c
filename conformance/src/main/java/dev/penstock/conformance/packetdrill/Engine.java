package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.Script;
import dev.penstock.stack.device.PcapngWriter;
import java.io.IOException;
import java.util.function.Function;

/** Runs scripts: for each a machine of its own, under limits that end what would not end by itself. */
final class Engine implements ScriptRunner {
    private static final long WALL_LIMIT_NS = 60_000_000_000L;

    private final Bench bench;

    /** Against our own stack, in virtual time, with the program that scripts are about. */
    Engine() {
        this(ScriptProgram::new, WALL_LIMIT_NS);
    }

    /** Against whatever {@code bench} makes. */
    Engine(Bench bench) {
        this.bench = bench;
    }

    /** @param programs makes the program that runs on a host */
    Engine(Function<VirtualHost, Program> programs) {
        this(programs, WALL_LIMIT_NS);
    }

    /** @param wallLimitNs real time after which a script is given up */
    Engine(Function<VirtualHost, Program> programs, long wallLimitNs) {
        this((wire, profile, capture) -> new VirtualHost(wire, profile, capture, wallLimitNs, programs));
    }

    @Override
    public Outcome run(Script script, Settings settings) {
        PcapngWriter capture = null;
        try {
            WireSettings wire = WireSettings.of(script, settings);
            if (settings.pcapDir() != null) {
                // A script that runs over both families has two captures.
                capture = VirtualHost.capture(settings.pcapDir(), script.name() + (wire.v6 ? "-ipv6" : ""));
            }
            return run(script, settings, wire, capture);
        } catch (SkipException e) {
            return Outcome.skip(e.line(), e.getMessage());
        } catch (ScriptException e) {
            return Outcome.fail(e.line(), e.getMessage(), null, null);
        } catch (IOException e) {
            return Outcome.fail(
                    0, "no capture can be written in " + settings.pcapDir() + ": " + e.getMessage(), null, null);
        }
    }

    private Outcome run(Script script, Settings settings, WireSettings wire, PcapngWriter capture)
            throws SkipException, ScriptException {
        Interpreter interpreter = null;
        Machine machine = bench.machine(wire, settings.profile(), capture);
        try {
            interpreter = new Interpreter(script, wire, machine);
            Outcome failure = interpreter.run();
            machine.program().calls().closeAll();
            return failure == null ? Outcome.pass() : failure;
        } catch (RuntimeException | StackOverflowError | AssertionError e) {
            // A fault of the stack, or in here: told with its line, never as a stack trace.
            int line = interpreter == null ? 0 : interpreter.line();
            return Outcome.fail(line, told(e), null, null);
        } finally {
            close(machine);
        }
    }

    private static void close(Machine machine) {
        try {
            machine.close();
        } catch (RuntimeException ignored) {
            // The script's outcome is known, and is not changed by what happens after it.
        }
    }

    private static String told(Throwable e) {
        String message = e.getMessage();
        if (e instanceof IllegalStateException && e.getCause() == null) {
            return message;
        }
        Throwable cause = e.getCause() == null ? e : e.getCause();
        StackTraceElement[] trace = cause.getStackTrace();
        return (message == null
                        ? cause.getClass().getSimpleName()
                        : cause.getClass().getSimpleName() + ": " + message)
                + (trace.length == 0 ? "" : ", at " + trace[0]);
    }
}
