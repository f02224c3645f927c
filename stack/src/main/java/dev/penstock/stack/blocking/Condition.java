package dev.penstock.stack.blocking;

/** What a thread waits for at a {@link WaitPoint}; made once for each socket, so that waiting allocates nothing. */
@FunctionalInterface
interface Condition {
    boolean isMet();
}
