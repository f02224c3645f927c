package dev.penstock.stack.blocking;

/** What a stack's thread does when there is nothing to do. */
public enum IdleMode {
    /** Looks around for some tens of microseconds, then sleeps until a frame, a deadline or an application comes. */
    HYBRID,
    /** Never sleeps: the least latency, for the price of a processor. */
    BUSY,
    /** Sleeps at once: the least processor time. */
    BLOCKING
}
