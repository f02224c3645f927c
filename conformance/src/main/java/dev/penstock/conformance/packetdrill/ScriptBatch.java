package dev.penstock.conformance.packetdrill;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;

/** Runs many scripts, some at the same time, and tells of them in order. */
final class ScriptBatch {
    /** So many wait at most for those before them to be told of. */
    private static final int MAX_AHEAD = 64;

    static final int MAX_THREADS = 64;

    private final ScriptRunner runner;
    private final int threads;

    /** @param threads so many scripts run at the same time, 1 .. {@link #MAX_THREADS} */
    ScriptBatch(ScriptRunner runner, int threads) {
        this.runner = runner;
        this.threads = Math.max(1, Math.min(MAX_THREADS, threads));
    }

    /**
     * A script, and how it is to be run.
     *
     * @param label of the family, when it runs over both; otherwise null
     */
    record Job(Path path, String label, Settings settings) {
        String name() {
            return path.toString();
        }
    }

    private record Pending(Job job, Future<Outcome> outcome) {}

    /** @param teller hears of each script, in the order of the jobs, in the caller's thread */
    void run(List<Job> jobs, BiConsumer<Job, Outcome> teller) throws InterruptedException {
        ExecutorService pool = Executors.newFixedThreadPool(Math.max(1, Math.min(threads, jobs.size())));
        try {
            Deque<Pending> pending = new ArrayDeque<>();
            for (Job job : jobs) {
                if (pending.size() == MAX_AHEAD) {
                    tell(pending.remove(), teller);
                }
                pending.add(new Pending(job, pool.submit(() -> run(job))));
            }
            while (!pending.isEmpty()) {
                tell(pending.remove(), teller);
            }
        } finally {
            pool.shutdownNow();
        }
    }

    private static void tell(Pending p, BiConsumer<Job, Outcome> teller) throws InterruptedException {
        Outcome outcome;
        try {
            outcome = p.outcome.get();
        } catch (ExecutionException e) {
            // A fault of the interpreter: a line, never a stack trace, and never a pass.
            outcome = Outcome.fail(0, "internal error (" + e.getCause() + "): please report it", null, null);
        }
        teller.accept(p.job, outcome);
    }

    private Outcome run(Job job) {
        try {
            byte[] text = ScriptFiles.read(job.path());
            Settings settings = job.settings();
            String profile = settings.profile().name().toLowerCase(Locale.ROOT);
            String family = settings.family() == Settings.Family.IPV6 ? "6" : "4";
            for (String[] each : new String[][] {{"profiles", profile}, {"families", family}}) {
                List<String> named = ScriptFiles.head(text, each[0]);
                if (!named.isEmpty() && !named.contains(each[1])) {
                    return Outcome.skip(0, "its head says '" + each[0] + ": " + String.join(" ", named) + "'");
                }
            }
            return runner.run(ScriptParser.parse(job.name(), text, settings.profile()), settings);
        } catch (IOException e) {
            return Outcome.fail(0, "cannot be read: " + e.getMessage(), null, null);
        } catch (ScriptException e) {
            return Outcome.fail(e.line(), e.getMessage(), null, null);
        } catch (SkipException e) {
            return Outcome.skip(e.line(), e.getMessage());
        }
    }
}
