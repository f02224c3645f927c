package dev.penstock.conformance.properties;

import java.util.ArrayList;
import java.util.List;

/**
 * What a run does: the seed of the network's own randomness, and actions. Its text, one action a line, can be pasted into a
 * test.
 *
 * @param seed of what is lost, reordered and so on
 * @param gentle nothing happens that could end a connection with an error, so that none may
 * @param actions in this order; time passes in those of the kind {@link Kind#STEP} only
 */
public record Scenario(long seed, boolean gentle, List<Action> actions) {
    private static final String GENTLE = " gentle";

    public Scenario {
        actions = List.copyOf(actions);
    }

    /** The scenario that {@code seed} alone decides. */
    public static Scenario of(long seed) {
        return new ScenarioGenerator(seed).generate();
    }

    Scenario with(List<Action> other) {
        return new Scenario(seed, gentle, other);
    }

    /**
     * Reads what {@link #toString} writes; empty lines and what follows a {@code #} do not count.
     *
     * @throws IllegalArgumentException naming the line and what is wrong with it
     */
    public static Scenario parse(String text) {
        long seed = 0;
        boolean gentle = false;
        List<Action> actions = new ArrayList<>();
        int number = 0;
        for (String raw : text.split("\n", -1)) {
            number++;
            int hash = raw.indexOf('#');
            String line = (hash < 0 ? raw : raw.substring(0, hash)).strip();
            try {
                if (line.startsWith("seed ")) {
                    gentle = line.endsWith(GENTLE);
                    String digits = gentle ? line.substring(5, line.length() - GENTLE.length()) : line.substring(5);
                    seed = Long.parseLong(digits.strip());
                } else if (!line.isEmpty()) {
                    actions.add(Action.parse(line));
                }
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("line " + number + ": " + e.getMessage(), e);
            }
        }
        return new Scenario(seed, gentle, actions);
    }

    /** Its text. */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder("seed ").append(seed).append(gentle ? GENTLE : "");
        for (Action action : actions) {
            out.append('\n').append(action);
        }
        return out.append('\n').toString();
    }
}
