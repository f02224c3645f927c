package dev.penstock.stack.base;

/**
 * Checks of what must be true if the stack's own code is right. Never used on what came from the wire: a bad packet is
 * dropped and counted ({@link DropReason}), a broken invariant is a bug of ours and throws.
 */
public final class Invariant {

    private Invariant() {}

    /** Throws {@link IllegalStateException} with {@code message} unless {@code holds}. */
    public static void check(boolean holds, String message) {
        if (!holds) {
            throw new IllegalStateException("broken invariant: " + message);
        }
    }

    /** As {@link #check(boolean, String)}, with two values for the message; nothing is built while it holds. */
    public static void check(boolean holds, String message, long a, long b) {
        if (!holds) {
            throw new IllegalStateException("broken invariant: " + message + " (" + a + ", " + b + ")");
        }
    }
}
