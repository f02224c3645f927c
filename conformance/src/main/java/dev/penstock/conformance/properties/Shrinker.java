package dev.penstock.conformance.properties;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Makes a failing scenario smaller as long as it fails (delta debugging: Zeller and Hildebrandt, 2002): takes away actions,
 * the larger parts first, then makes arguments plainer. One thread.
 */
final class Shrinker {
    private final Predicate<Scenario> fails;
    private int triesLeft;
    private Scenario best;

    /**
     * @param fails tells whether a scenario still shows the failure
     * @param tries how often {@code fails} is asked at most
     */
    Shrinker(Predicate<Scenario> fails, int tries) {
        this.fails = fails;
        this.triesLeft = tries;
    }

    Scenario shrink(Scenario failing) {
        best = failing;
        boolean smaller = true;
        while (smaller && triesLeft > 0) {
            smaller = removeActions();
            smaller |= plainArguments();
        }
        return best;
    }

    private boolean attempt(List<Action> actions) {
        if (triesLeft <= 0 || actions.equals(best.actions())) {
            return false;
        }
        triesLeft--;
        Scenario candidate = best.with(actions);
        if (fails.test(candidate)) {
            best = candidate;
            return true;
        }
        return false;
    }

    private boolean removeActions() {
        boolean any = false;
        for (int size = Math.max(1, best.actions().size() / 2); size >= 1; size /= 2) {
            int at = 0;
            while (at < best.actions().size()) {
                List<Action> rest = new ArrayList<>(best.actions());
                rest.subList(at, Math.min(at + size, rest.size())).clear();
                if (attempt(rest)) {
                    any = true;
                } else {
                    at += size;
                }
            }
        }
        return any;
    }

    private boolean plainArguments() {
        boolean any = false;
        for (int i = 0; i < best.actions().size(); i++) {
            for (int arg = 0; arg < best.actions().get(i).kind.args.size(); arg++) {
                any |= plainer(i, arg);
            }
        }
        return any;
    }

    /** First the plainest value, then halfway to it, then round numbers. */
    private boolean plainer(int i, int arg) {
        Arg spec = best.actions().get(i).kind.args.get(arg);
        boolean any = false;
        while (true) {
            long value = best.actions().get(i).arg(arg);
            if (value == spec.plain()) {
                return any;
            }
            long half = spec.plain() + (value - spec.plain()) / 2;
            if (!with(i, arg, spec.plain()) && !(spec.words().isEmpty() && half != value && with(i, arg, half))) {
                return spec.words().isEmpty() && with(i, arg, rounded(value)) || any;
            }
            any = true;
        }
    }

    private static long rounded(long value) {
        long unit = 1;
        while (value / unit >= 100) {
            unit *= 10;
        }
        return value / unit * unit;
    }

    private boolean with(int i, int arg, long value) {
        List<Action> actions = new ArrayList<>(best.actions());
        actions.set(i, actions.get(i).with(arg, value));
        return attempt(actions);
    }
}
