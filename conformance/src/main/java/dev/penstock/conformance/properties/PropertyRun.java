package dev.penstock.conformance.properties;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Runs scenarios for many seeds: {@code --seeds N --seed S --minutes M [--shrink no] [--once] [--show]}. */
public final class PropertyRun {
    private static final int TRIES = 1500;
    /** Of many seeds every so manieth is run twice, and both runs compared. */
    private static final int COMPARED = 5;

    private static final int EACH_TWICE = 1_000;
    private static final long SHRINK_NS = 20_000_000_000L;

    private long seeds = 10_000;
    private long first = 1;
    private double minutes = Double.MAX_VALUE;
    private boolean shrink = true;
    private boolean show;
    private boolean once;
    private boolean twice;
    private boolean frameLog;
    private Path file;

    private final Coverage coverage = new Coverage();
    private long mostFailures = Long.MAX_VALUE;
    private long done;
    private long compared;
    private long failed;
    private long frames;
    private long actions;
    private double virtualNs;

    private PropertyRun() {}

    /** Exit code 0 only if everything held; 2 if the arguments make no sense. */
    public static void main(String[] args) {
        PropertyRun run = new PropertyRun();
        try {
            run.parse(args);
        } catch (IllegalArgumentException e) {
            System.err.println("properties: " + e.getMessage());
            System.err.println(
                    "usage: conformance/properties [--seeds N] [--seed S] [--minutes M] [--once] [--twice] [--show] [--frames] [--file FILE]");
            System.exit(2);
        }
        boolean held = false;
        try {
            held = run.run();
        } catch (UncheckedIOException | IllegalArgumentException e) {
            System.err.println("properties: " + e.getMessage());
            System.exit(2);
        }
        System.exit(held ? 0 : 1);
    }

    private void parse(String[] args) {
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--show" -> show = true;
                case "--frames" -> frameLog = true;
                case "--file" -> file = Path.of(i + 1 < args.length ? args[++i] : "");
                case "--once" -> once = true;
                case "--twice" -> twice = true;
                case "--no-shrink" -> shrink = false;
                case "--seeds" -> seeds = Math.max(1, number(args, ++i));
                case "--seed" -> {
                    first = number(args, ++i);
                    seeds = 1;
                }
                case "--failures" -> mostFailures = number(args, ++i);
                case "--first" -> first = number(args, ++i);
                case "--minutes" -> {
                    minutes = number(args, ++i);
                    seeds = Long.MAX_VALUE;
                }
                default -> throw new IllegalArgumentException("no such option: " + args[i]);
            }
        }
    }

    private static long number(String[] args, int i) {
        if (i >= args.length) {
            throw new IllegalArgumentException(args[i - 1] + " needs a number");
        }
        try {
            return Long.parseLong(args[i]);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(args[i - 1] + " needs a number, not " + args[i], e);
        }
    }

    private static Scenario read(Path file) {
        try {
            return Scenario.parse(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private boolean run() {
        long began = System.nanoTime();
        if (file != null) {
            one(read(file));
            seeds = 0;
        }
        for (long seed = first; done < seeds && failed < mostFailures; seed++) {
            double spent = (System.nanoTime() - began) / 6e10;
            if (spent >= minutes) {
                break;
            }
            Scenario scenario = Scenario.of(seed);
            if (show) {
                System.out.println(scenario);
            }
            one(scenario);
        }
        coverage.counts().forEach((what, times) -> System.out.printf("%14d  %s%n", times, what));
        System.out.printf(
                "%d seeds (%d to %d; %d run twice), %d failed: %.1f simulated hours, %d packets, %d actions, %.0f s%n",
                done,
                first,
                first + done - 1,
                compared,
                failed,
                virtualNs / 3.6e12,
                frames,
                actions,
                (System.nanoTime() - began) / 1e9);
        return failed == 0;
    }

    private void one(Scenario scenario) {
        if (frameLog) {
            Run.once(scenario, System.out::println);
        }
        boolean compare = !once && (twice || seeds < EACH_TWICE || scenario.seed() % COMPARED == 0);
        Run run = compare ? Run.twice(scenario) : Run.once(scenario);
        compared += compare ? 1 : 0;
        done++;
        frames += run.frames();
        actions += scenario.actions().size();
        virtualNs += run.virtualNs();
        coverage.add(run.coverage());
        if (!run.held()) {
            failed++;
            System.out.println(run.report());
            if (shrink) {
                long until = System.nanoTime() + SHRINK_NS;
                Scenario small = new Shrinker(
                                s -> System.nanoTime() < until
                                        && Run.once(s).kind().equals(run.kind()),
                                TRIES)
                        .shrink(scenario);
                System.out.println(Run.twice(small).report() + "\nwith\n" + small);
            }
        }
    }
}
