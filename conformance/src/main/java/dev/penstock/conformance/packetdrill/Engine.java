package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.Script;
import dev.penstock.stack.device.PcapngWriter;
import java.io.IOException;
import java.util.function.Function;

/** Runs scripts: for each a stack of its own, in virtual time, under limits that end what would not end by itself. */
final class Engine implements ScriptRunner {
    private static final long WALL_LIMIT_NS = 60_000_000_000L;

    private final Function<VirtualHost, Program> programs;
    private final long wallLimitNs;

    /** With the program that scripts are about. */
    Engine() {
        this(ScriptProgram::new, WALL_LIMIT_NS);
    }

    /** @param programs makes the program that runs on a host */
    Engine(Function<VirtualHost, Program> programs) {
        this(programs, WALL_LIMIT_NS);
    }

    /** @param wallLimitNs real time after which a script is given up */
    Engine(Function<VirtualHost, Program> programs, long wallLimitNs) {
        this.programs = programs;
        this.wallLimitNs = wallLimitNs;
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
        VirtualHost host = new VirtualHost(wire, settings.profile(), capture, wallLimitNs);
        try {
            Program program = programs.apply(host);
            interpreter = new Interpreter(script, wire, host, program);
            Outcome failure = interpreter.run();
            program.calls().closeAll();
            return failure == null ? Outcome.pass() : failure;
        } catch (RuntimeException | StackOverflowError | AssertionError e) {
            // A fault of the stack, or in here: told with its line, never as a stack trace.
            int line = interpreter == null ? 0 : interpreter.line();
            return Outcome.fail(line, told(e), null, null);
        } finally {
            close(host);
        }
    }

    private static void close(VirtualHost host) {
        try {
            host.close();
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
