package dev.penstock.stack.neighbor;

import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.wire.MacAddress;
import java.util.Arrays;

/**
 * One entry of a {@link NeighborCache}. Who keeps a reference asks {@link #isCached} before each use: an entry that was
 * evicted or deleted comes never back. Its deadline is the next thing its state waits for. Shard thread.
 */
public final class Neighbor extends Deadline {
    /** {@link #resolve}: being asked for. */
    public static final long UNRESOLVED = MacAddress.NONE;
    /** {@link #resolve}: nobody answered. */
    public static final long UNREACHABLE = -2;

    final NeighborCache cache;
    final NeighborResolver resolver;
    final int interfaceIndex;
    final long hi;
    final long lo;
    NeighborState state = NeighborState.INCOMPLETE;
    long mac = MacAddress.NONE;
    /** Solicitations sent in this state. */
    int solicits;
    /** When the last confirmation ends to hold; moved by each confirmation, while the deadline stands still. */
    long reachableUntilNs;
    /** When it was last asked for or heard of: the age for eviction. */
    long usedNs;

    /** It is to be asked for as soon as there is an address to ask with. */
    boolean postponed;

    /** When it was first asked for. */
    long askedNs;

    /** Something was sent to it since it was last asked for by multicast: while UNREACHABLE, the reason to ask again. */
    boolean wanted;

    /** It has answered us at its present address, and not ceased to. */
    boolean verified;
    /** It says of itself that it forwards packets: IsRouter of RFC 4861, section 5.1. */
    boolean router;

    boolean cached = true;
    /** Packets that IP holds until this neighbour is resolved; limited there. */
    private int held;

    private NeighborWaiter[] waiters = new NeighborWaiter[4];
    private NeighborWaiter[] waking = new NeighborWaiter[4];
    private int waiting;

    Neighbor(NeighborCache cache, NeighborResolver resolver, int interfaceIndex, long hi, long lo) {
        this.cache = cache;
        this.resolver = resolver;
        this.interfaceIndex = interfaceIndex;
        this.hi = hi;
        this.lo = lo;
    }

    /**
     * The link address to send to now, or {@link #UNRESOLVED} or {@link #UNREACHABLE}. Sending moves the state: "the
     * first time a node sends a packet to a neighbor whose entry is STALE, the sender changes the state to DELAY" (RFC
     * 4861, section 7.3.3).
     */
    public long resolve(long nowNs) {
        usedNs = nowNs;
        wanted = true;
        return switch (state) {
            case REACHABLE, DELAY, PROBE -> mac;
            case STALE -> {
                cache.enterDelay(this, nowNs);
                yield mac;
            }
            case UNREACHABLE -> {
                cache.onUnreachableUsed(this, nowNs);
                yield mac;
            }
            case FAILED -> UNREACHABLE;
            case INCOMPLETE -> UNRESOLVED;
        };
    }

    /**
     * The upper layer made progress with it (RFC 4861, section 7.3.1). Cheap: called for each acknowledgment. Nothing
     * happens while the address is not known.
     */
    public void confirm(long nowNs) {
        cache.confirm(this, nowNs);
    }

    /** The upper layer hears nothing from it: its address is verified when something is next sent to it. */
    public void doubt() {
        cache.doubt(this);
    }

    /** Has {@code waiter} called when the resolution ends. False when it does not run, or at the limit. */
    public boolean await(NeighborWaiter waiter) {
        if (!cached
                || state != NeighborState.INCOMPLETE
                || waiting == cache.config().maxWaiters()) {
            return false;
        }
        if (waiting == waiters.length) {
            waiters = Arrays.copyOf(waiters, waiting * 2);
        }
        waiters[waiting++] = waiter;
        return true;
    }

    /** Takes {@code waiter} off again; nothing happens if it does not wait. */
    public void cancel(NeighborWaiter waiter) {
        for (int i = 0; i < waiting; i++) {
            if (waiters[i] == waiter) {
                System.arraycopy(waiters, i + 1, waiters, i, waiting - i - 1);
                waiters[--waiting] = null;
                return;
            }
        }
    }

    /** Calls all that wait now; one that waits again from within is called the next time. */
    void wake(boolean reachable, long nowNs) {
        int n = waiting;
        NeighborWaiter[] calling = waiters;
        waiters = waking;
        waking = calling;
        waiting = 0;
        for (int i = 0; i < n; i++) {
            NeighborWaiter waiter = calling[i];
            calling[i] = null;
            waiter.onNeighborReady(reachable, nowNs);
        }
    }

    /** True while someone waits for it. */
    public boolean hasWaiters() {
        return waiting > 0;
    }

    /** Counts a packet held for it ({@code +1}) or no longer held ({@code -1}) and returns how many there are. */
    public int hold(int change) {
        held += change;
        return held;
    }

    /** True when it has answered us at its present address, or an upper layer has, and it has not ceased to. */
    public boolean isVerified() {
        return verified;
    }

    /** True when it says of itself that it forwards packets (RFC 4861, section 5.1: IsRouter). */
    public boolean isRouter() {
        return router;
    }

    /** Remembers what it says of itself. */
    public void setRouter(boolean isRouter) {
        router = isRouter;
    }

    /** False once the cache has dropped it: look it up anew. */
    public boolean isCached() {
        return cached;
    }

    public NeighborState state() {
        return state;
    }

    /** The link address, {@code MacAddress.NONE} while it is not known. */
    public long mac() {
        return mac;
    }

    public int interfaceIndex() {
        return interfaceIndex;
    }

    public long hi() {
        return hi;
    }

    public long lo() {
        return lo;
    }

    @Override
    protected void onDeadline(long nowNs) {
        cache.onDeadline(this, nowNs);
    }
}
