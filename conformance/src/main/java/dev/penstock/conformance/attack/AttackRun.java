package dev.penstock.conformance.attack;

import dev.penstock.conformance.attack.AttackLab.Outcome;
import dev.penstock.stack.base.DropReason;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Runs all attacks, in virtual time, and prints what came of each: the script {@code conformance/attacks}.
 *
 * <pre>{@code AttackRun [FRAMES [SEED]]}</pre>
 */
public final class AttackRun {
    /** The connection keeps at least this part of its usual rate. */
    static final double LEAST_RATE = 0.9;
    /** Of the frames that are to be dropped, all but these must be counted so: fragments that wait for others, for instance. */
    private static final int UNCOUNTED = 200;

    private AttackRun() {}

    /** Exit code 0 when every attack was held off. */
    public static void main(String[] args) {
        int frames = args.length > 0 ? Integer.parseInt(args[0]) : 20_000;
        long seed = args.length > 1 ? Long.parseLong(args[1]) : 1;
        int failed = 0;
        int all = 0;
        for (boolean v6 : new boolean[] {false, true}) {
            System.out.printf("%nIPv%d: %,d frames of each attack, seed %d%n", v6 ? 6 : 4, frames, seed);
            System.out.println(
                    "in, out: what is left of the rate of a connection meanwhile; replies: other packets of ours");
            for (Attack attack : Attacks.of(v6)) {
                try (AttackLab lab = new AttackLab(v6, seed)) {
                    Outcome outcome = lab.run(attack, frames);
                    String fault = fault(attack, outcome);
                    failed += fault.isEmpty() ? 0 : 1;
                    all++;
                    print(attack, outcome, fault);
                }
            }
        }
        System.out.printf("%n%d attacks, %d failed%n", all, failed);
        System.exit(failed == 0 ? 0 : 1);
    }

    private static void print(Attack attack, Outcome o, String fault) {
        String drops = o.drops().entrySet().stream()
                .sorted(Map.Entry.<DropReason, Long>comparingByValue().reversed())
                .limit(3)
                .map(e -> e.getKey() + " " + e.getValue())
                .collect(Collectors.joining(", "));
        System.out.printf(
                Locale.ROOT,
                "%-20s in %3.0f %%  out %3.0f %%  replies %,6d  %s%s%n",
                attack.name(),
                100 * o.in(),
                100 * o.out(),
                o.replies(),
                drops,
                fault.isEmpty() ? "" : "  FAILED: " + fault);
    }

    /** What is wrong with that outcome; empty if nothing. */
    static String fault(Attack attack, Outcome o) {
        if (!o.alive()) {
            return o.why();
        }
        if (o.in() < LEAST_RATE || o.out() < LEAST_RATE) {
            return String.format(
                    Locale.ROOT, "the connection kept %.0f %% in and %.0f %% out", 100 * o.in(), 100 * o.out());
        }
        long most = Math.max(attack.mostReplies() * (long) o.frames() / 1000, attack.mostReplies() == 0 ? 0 : 20);
        if (o.replies() > most) {
            return o.replies() + " replies, at most " + most + " are in order";
        }
        long dropped = attack.drops().stream()
                .mapToLong(d -> o.drops().getOrDefault(d, 0L))
                .sum();
        if (!attack.drops().isEmpty() && dropped < o.frames() - UNCOUNTED) {
            return "only " + dropped + " of " + o.frames() + " counted as " + attack.drops();
        }
        return "";
    }
}
