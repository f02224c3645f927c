package dev.penstock.stack.sim;

/**
 * What can happen to a frame in one direction of a link. Of each frame, {@link #OFFERED} comes first and either
 * {@link #SENT} or one of the drops ends its way into the link; {@link #DELIVERED} or {@link #PARTITIONED}, for each
 * copy of a frame that was sent, its way out.
 */
public enum LinkEvent {
    /** A frame came to this direction's beginning. */
    OFFERED(false),
    /** It is on its way. */
    SENT(false),
    /** It, or a copy of it, arrived. */
    DELIVERED(false),
    /** The queue set its ECN codepoint to CE. */
    MARKED(false),
    /** It goes twice. */
    DUPLICATED(false),
    /** A bit was flipped. */
    CORRUPTED(false),
    /** It is late, so that others may overtake it. */
    REORDERED(false),
    /** Dropped: this direction is cut. */
    CUT_OFF(true),
    /** Dropped: the script said so. */
    SCRIPTED(true),
    /** Dropped: its IP packet is longer than the MTU, or it is longer than any frame may be. */
    TOO_LONG(true),
    /** Dropped: the queue had no room. */
    QUEUE_FULL(true),
    /** Dropped by CoDel. */
    CODEL(true),
    /** Dropped by chance, or in a burst. */
    LOST(true),
    /** Dropped: more were on their way than {@link LinkSide#MAX_FRAMES}. */
    OVERFLOWED(true),
    /** Dropped on arrival: the network is partitioned, and it comes from another part. */
    PARTITIONED(true),
    /** Dropped by the router that it reached; the router's counters tell why. */
    NOT_FORWARDED(true);

    private final boolean drop;

    LinkEvent(boolean drop) {
        this.drop = drop;
    }

    /** True for the end of a frame that will not arrive. */
    public boolean isDrop() {
        return drop;
    }
}
