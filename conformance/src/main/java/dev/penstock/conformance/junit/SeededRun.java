package dev.penstock.conformance.junit;

import dev.penstock.stack.sim.FlightRecorder;
import dev.penstock.stack.sim.RunDigest;
import dev.penstock.stack.sim.SimulatedNetwork;
import java.io.IOException;
import java.io.Writer;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

/** One run of a test with one seed: its network, what is looked at in the end, and what a failure leaves. */
final class SeededRun implements InvocationInterceptor {
    private static final String DIRECTORY = "penstock.failures";
    private static final String DEFAULT_DIRECTORY = "target/simulated-network";
    /** Headers, and the beginning of what follows. */
    private static final int SNAP_LENGTH = 192;

    private final long seed;
    private final SimulatedNetworkTest test;
    private final boolean again;
    private final Map<Long, Long> digests;
    private SimulatedNetwork network;
    private FlightRecorder recorder;
    private RunDigest digest;

    SeededRun(long seed, SimulatedNetworkTest test, boolean again, Map<Long, Long> digests) {
        this.seed = seed;
        this.test = test;
        this.again = again;
        this.digests = digests;
    }

    long seed() {
        return seed;
    }

    boolean isAgain() {
        return again;
    }

    /** Made when it is first asked for, by a {@code @BeforeEach} method for instance. */
    SimulatedNetwork network() {
        if (network == null) {
            network = SimulatedNetwork.seeded(seed);
            if (test.record() > 0) {
                recorder = FlightRecorder.of(network, test.record(), SNAP_LENGTH);
            }
            if (test.twice()) {
                digest = RunDigest.of(network);
            }
        }
        return network;
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        try {
            invocation.proceed();
            check();
        } catch (TestAbortedException e) {
            throw e;
        } catch (Throwable t) {
            t.addSuppressed(new HowToRerun(report(context)));
            throw t;
        } finally {
            if (network != null) {
                network.close();
            }
        }
    }

    private void check() {
        if (network == null) {
            return;
        }
        long moment = network.nowNs();
        network.close();
        network.assertNoLeaks();
        if (digest != null) {
            long value = digest.value() ^ moment;
            Long before = digests.putIfAbsent(seed, value);
            if (before != null && before != value) {
                throw new AssertionFailedError("two runs of seed " + seed + " differ: something random, or the time of"
                        + " day, does not come from the network");
            }
        }
    }

    /** Leaves the trace and the capture; how to run this again. */
    private String report(ExtensionContext context) {
        String name = context.getRequiredTestClass().getSimpleName() + "."
                + context.getRequiredTestMethod().getName();
        StringBuilder text = new StringBuilder(name)
                .append(" failed with seed ")
                .append(seed)
                .append("; to run it alone: -D")
                .append(Seeds.ONLY)
                .append('=')
                .append(seed);
        if (recorder != null) {
            String directory = context.getConfigurationParameter(DIRECTORY).orElse(DEFAULT_DIRECTORY);
            try {
                Path file = write(Path.of(directory), name + "-seed-" + seed);
                text.append("; its last events are in ").append(file).append(".pcapng and .csv");
            } catch (IOException e) {
                text.append("; its last events could not be written to ")
                        .append(directory)
                        .append(" (choose another one by -D" + DIRECTORY + "): ")
                        .append(e);
            }
        }
        context.publishReportEntry("simulated network", text.toString());
        System.err.println(text);
        return text.toString();
    }

    private Path write(Path directory, String name) throws IOException {
        Files.createDirectories(directory);
        Path file = directory.resolve(name);
        try (Writer csv = Files.newBufferedWriter(directory.resolve(name + ".csv"))) {
            recorder.writeTrace(csv);
        }
        recorder.writeCapture(Files.newByteChannel(
                directory.resolve(name + ".pcapng"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING));
        return file;
    }

    /** Stands among the suppressed exceptions of the failure, where every test runner shows it. */
    private static final class HowToRerun extends RuntimeException {
        private static final long serialVersionUID = 1L;

        HowToRerun(String message) {
            super(message, null, false, false);
        }
    }
}
