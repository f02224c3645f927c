package dev.penstock.stack.base;

/**
 * Arithmetic on 32-bit sequence numbers that wrap, held in a plain {@code int} (RFC 9293, section 3.4).
 *
 * <p>"All arithmetic dealing with sequence numbers must be performed modulo 2**32." Comparisons are those of serial
 * numbers: they mean something only while the two values are less than 2**31 apart, which every window bound ensures.
 */
public final class SeqNum {

    private SeqNum() {}

    /** True when {@code a} comes before {@code b}. */
    public static boolean lt(int a, int b) {
        return a - b < 0;
    }

    /** True when {@code a} comes before {@code b} or equals it. */
    public static boolean leq(int a, int b) {
        return a - b <= 0;
    }

    /** True when {@code a} comes after {@code b}. */
    public static boolean gt(int a, int b) {
        return a - b > 0;
    }

    /** True when {@code a} comes after {@code b} or equals it. */
    public static boolean geq(int a, int b) {
        return a - b >= 0;
    }

    /** The later of the two. */
    public static int max(int a, int b) {
        return geq(a, b) ? a : b;
    }

    /** The earlier of the two. */
    public static int min(int a, int b) {
        return leq(a, b) ? a : b;
    }

    /** The signed distance from {@code from} to {@code to}: positive when {@code to} comes later. */
    public static int distance(int from, int to) {
        return to - from;
    }

    /** True when {@code low <= seq < low + length}; {@code length} is an unsigned count of at most 2**31 - 1. */
    public static boolean inWindow(int seq, int low, int length) {
        return Integer.compareUnsigned(seq - low, length) < 0;
    }

    /** True when {@code low < seq <= high}: the shape of an acceptable acknowledgment (RFC 9293, section 3.4). */
    public static boolean inLeftOpen(int seq, int low, int high) {
        return lt(low, seq) && leq(seq, high);
    }
}
