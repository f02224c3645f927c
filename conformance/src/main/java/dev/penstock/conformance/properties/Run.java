package dev.penstock.conformance.properties;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Runs a {@link Scenario} and holds it to everything there is to hold it to.
 *
 * @param scenario what was run
 * @param violations what was wrong, in the order in which it was found; empty if all was well
 * @param digest over all frames at all hosts, with their moments, and all that applications were told
 * @param virtualNs how long it took in virtual time
 * @param frames that the stacks sent
 * @param coverage what was reached
 */
public record Run(
        Scenario scenario, List<String> violations, long digest, long virtualNs, long frames, Coverage coverage) {
    /** Runs {@code scenario} once. */
    public static Run once(Scenario scenario) {
        return once(scenario, null);
    }

    /** As {@link #once(Scenario)}, and shows {@code log} a line for each action, segment and upcall. */
    public static Run once(Scenario scenario, Consumer<String> log) {
        World world = new World(scenario, log);
        long began = world.nowNs();
        List<String> faults = new ArrayList<>();
        boolean through = false;
        try {
            world.run();
            new Finale(world).run();
            through = true;
        } catch (RuntimeException | Error e) {
            faults.add(describe(e));
        }
        try {
            world.close();
            if (through && world.violations().isEmpty()) {
                world.network().assertNoLeaks();
            }
        } catch (RuntimeException | Error e) {
            faults.add(describe(e));
        }
        List<String> all = new ArrayList<>(world.violations());
        all.addAll(faults);
        long frames = 0;
        for (Node node : world.nodes) {
            frames += node == null ? 0 : node.watch.sent;
        }
        return new Run(scenario, all, world.digest(), world.nowNs() - began, frames, world.coverage());
    }

    /** As {@link #once}, and again: both runs must be the same. */
    public static Run twice(Scenario scenario) {
        Run first = once(scenario);
        Run second = once(scenario);
        if (first.digest == second.digest && first.frames == second.frames) {
            return first;
        }
        List<String> all = new ArrayList<>(first.violations);
        all.add("two runs of one seed differ");
        return new Run(scenario, all, first.digest, first.virtualNs, first.frames, first.coverage);
    }

    private static String describe(Throwable e) {
        StringWriter text = new StringWriter();
        e.printStackTrace(new PrintWriter(text));
        String[] lines = text.toString().split("\n", -1);
        StringBuilder out = new StringBuilder(lines[0]);
        boolean cause = false;
        int shown = 0;
        for (int i = 1; i < lines.length && shown < 14; i++) {
            cause |= lines[i].startsWith("Caused by");
            if (cause || e.getCause() == null) {
                out.append("\n    ").append(lines[i].strip());
                shown++;
            }
        }
        return out.toString();
    }

    /** True if nothing was wrong. */
    public boolean held() {
        return violations.isEmpty();
    }

    /** The first thing that was wrong, without its figures: what a smaller scenario has to show, too. */
    String kind() {
        String first = violations.isEmpty() ? "" : violations.get(0);
        int at = first.startsWith("at ") ? first.indexOf(": ") + 2 : 0;
        String text = first.substring(at).replaceAll("(?s)\\n.*", "");
        int wire = text.indexOf("wire: ");
        if (wire >= 0) {
            return text.substring(wire).replaceAll("[0-9]+", "#").replaceAll("[,;*].*", "");
        }
        String error = text.replaceAll("(?s).* over with ([A-Z_]+).*|.*", "$1");
        return error + text.substring(text.lastIndexOf(": ") + 1).replaceAll("[0-9]+", "#");
    }

    /** What was wrong, and what reproduces it. */
    public String report() {
        return "seed " + scenario.seed() + (held() ? " held" : " FAILED:\n  " + String.join("\n  ", violations));
    }
}
