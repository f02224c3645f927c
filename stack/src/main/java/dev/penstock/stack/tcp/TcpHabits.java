package dev.penstock.stack.tcp;

/**
 * Where the RFCs leave a choice that shows on the wire - when to acknowledge, where to set PSH - and which stack's choice it
 * is. All are right; tests that were written for one stack look at them.
 */
public enum TcpHabits {
    /** What serves best here, and the default. */
    PENSTOCK,
    /**
     * Linux: more than one full-sized segment is acknowledged at once; a side that answers within 40 ms of what it received
     * is interactive, and its acknowledgments are not quick; PSH ends each write;
     * a closed window is probed by an empty segment with an old sequence number.
     */
    LINUX,
    /** FreeBSD: every second segment is acknowledged at once, large or small, and reading acknowledges nothing. */
    BSD
}
