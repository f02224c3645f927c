package dev.penstock.conformance.packetdrill.script;

/**
 * When an event happens, nanoseconds.
 *
 * @param kind how the numbers are meant
 * @param fromNs the time, or the beginning of the range; 0 for {@link Kind#ANY}
 * @param toNs the end of the range; {@code fromNs} if it is no range
 */
public record EventTime(Kind kind, long fromNs, long toNs) {
    /** How the numbers of an {@link EventTime} are meant. */
    public enum Kind {
        /** Since the beginning of the script: {@code 1.5}, {@code 1.5~1.6}. */
        ABSOLUTE,
        /** Since the step before: {@code +.1}, {@code +.1~+.2}. */
        RELATIVE,
        /** At any time: {@code *}. */
        ANY
    }

    public boolean isRange() {
        return toNs != fromNs;
    }
}
