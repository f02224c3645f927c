package dev.penstock.stack.tcp;

import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.timer.DeadlineQueue;
import java.util.Arrays;

/**
 * The timers of one connection, behind a single deadline of the shard. Setting one later, or stopping it, touches
 * nothing but a field: the shard's deadline fires early once, finds nothing due, and is set anew.
 */
final class ConnectionTimers extends Deadline {
    /** RFC 6298, for anything that occupies sequence space; and the tail loss probe that may come first. */
    static final int RETRANSMIT = 0;
    /** RFC 9293, section 3.8.6.1: zero-window probes, and the sender's override of section 3.8.6.2.1. */
    static final int PERSIST = 1;
    /** RFC 9293, section 3.8.6.3. */
    static final int DELAYED_ACK = 2;
    /** RFC 9293, section 3.8.4. */
    static final int KEEPALIVE = 3;
    /** In FIN-WAIT-2 without an application, the end of our patience. */
    static final int FIN_WAIT_2 = 4;

    /** There was no memory for what the application wrote: it is asked to try again. */
    static final int MEMORY = 5;

    /** RACK's reordering timer (RFC 8985, section 6.2, step 5). */
    static final int REORDER = 6;

    /** The next piece may go out: see {@link Pacer}. */
    static final int PACE = 7;

    /** {@link Cork}. */
    static final int CORK = 8;

    private static final int COUNT = 9;

    private final Connection connection;
    private final DeadlineQueue queue;
    private final long[] at = new long[COUNT];

    ConnectionTimers(Connection connection, DeadlineQueue queue) {
        this.connection = connection;
        this.queue = queue;
        Arrays.fill(at, NEVER);
    }

    void set(int timer, long whenNs) {
        at[timer] = whenNs;
        if (whenNs < atNs()) {
            queue.schedule(this, whenNs);
        }
    }

    void stop(int timer) {
        at[timer] = NEVER;
    }

    boolean isSet(int timer) {
        return at[timer] != NEVER;
    }

    long when(int timer) {
        return at[timer];
    }

    /** In FIN-WAIT-2, and nobody is left who could read: the peer's FIN is waited for, but not for ever. */
    void awaitFin(long nowNs) {
        long ns = connection.options().finWait2Ns;
        if (ns < 0) {
            connection.abort(nowNs);
        } else {
            set(FIN_WAIT_2, nowNs + (ns > 0 ? ns : connection.config.finWait2Ns));
        }
    }

    void stopAll() {
        Arrays.fill(at, NEVER);
        queue.cancel(this);
    }

    @Override
    protected void onDeadline(long nowNs) {
        for (int timer = 0; timer < COUNT; timer++) {
            if (at[timer] <= nowNs) {
                at[timer] = NEVER;
                connection.onTimer(timer, nowNs);
            }
        }
        long next = NEVER;
        for (long t : at) {
            next = Math.min(next, t);
        }
        if (next < atNs()) {
            queue.schedule(this, next);
        }
    }

    /** No other timer is set than {@link #KEEPALIVE}, if that is. */
    boolean isOnlyKeepalive() {
        for (int timer = 0; timer < COUNT; timer++) {
            if (at[timer] != NEVER && timer != KEEPALIVE) {
                return false;
            }
        }
        return true;
    }

    /** {@link #KEEPALIVE} alone: no other one is set in who is folded. */
    void carry(StateCarrier s) {
        long keepaliveNs = s.time(at[KEEPALIVE]);
        if (s.isUnfolding()) {
            stopAll();
            set(KEEPALIVE, keepaliveNs);
        }
    }
}
