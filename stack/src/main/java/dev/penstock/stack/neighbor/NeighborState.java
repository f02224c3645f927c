package dev.penstock.stack.neighbor;

/** What is known of a neighbour's link address: the states of RFC 4861, section 7.3.2, and FAILED. */
public enum NeighborState {
    /** "Address resolution is being performed on the entry": asked for, no answer yet. */
    INCOMPLETE,
    /** The address was confirmed within the reachable time. */
    REACHABLE,
    /** The address is known and used; the next packet starts its verification. */
    STALE,
    /** In use without confirmation: the upper layers have a few seconds to give one. */
    DELAY,
    /** Being verified by unicast solicitations, and used meanwhile. */
    PROBE,
    /**
     * It does not answer any more (RFC 7048): its address is used for want of a better one, and asked for less and less
     * often, as long as something is sent to it.
     */
    UNREACHABLE,
    /** Nobody answered. Kept for a few seconds, so that not each packet asks again. */
    FAILED
}
