package dev.penstock.conformance.oracle;

import java.util.Locale;

/**
 * One call.
 *
 * @param amount bytes, milliseconds or a value, as the verb says; 0 where it means nothing
 */
record Action(Side side, Verb verb, int amount) {
    @Override
    public String toString() {
        return side.name().toLowerCase(Locale.ROOT) + " "
                + verb.name().toLowerCase(Locale.ROOT)
                + (amount == 0 ? "" : " " + amount);
    }
}
