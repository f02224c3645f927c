package dev.penstock.stack.tcp;

/**
 * TCP_CORK: a last segment that is not full waits for more data, whatever TCP_NODELAY says, but no longer than 200 ms;
 * taking the option off sends it, Nagle's algorithm or not. A FIN is not held back. MSG_MORE does the same for one write.
 */
final class Cork {
    private static final long LONGEST_NS = 200_000_000;

    private final TcpOptions options;
    private final Connection c;
    private boolean corked;
    /** The last write said that more follows. */
    private boolean more;
    /** What waits goes out with the next transmission. */
    private boolean pushing;

    Cork(TcpOptions options, Connection c) {
        this.options = options;
        this.c = c;
    }

    /** The option may have changed. */
    void onOptions() {
        boolean now = options.cork;
        pushing |= corked && !now;
        corked = now;
    }

    boolean pushes() {
        return pushing;
    }

    /** The last write said that more follows. */
    boolean expectsMore() {
        return more;
    }

    boolean holds() {
        return options.cork || more;
    }

    /** A write said whether more follows, or what it left to wait has waited long enough. */
    void expectMore(boolean expected) {
        if (more && !expected && !options.cork) {
            c.timers.stop(ConnectionTimers.CORK);
        }
        more = expected;
    }

    /** After each transmission: what is left waits from now on. */
    void consider(long nowNs) {
        if (!pushing && !holds()) {
            return;
        }
        pushing = false;
        corked = options.cork;
        if (!holds() || !c.hasUnsent()) {
            c.timers.stop(ConnectionTimers.CORK);
        } else if (!c.timers.isSet(ConnectionTimers.CORK)) {
            // Linux has the timer of zero-window probes send it.
            long wait = c.config.habits == TcpHabits.LINUX ? Math.max(c.rtt.rtoNs(), LONGEST_NS) : LONGEST_NS;
            c.timers.set(ConnectionTimers.CORK, nowNs + wait);
        }
    }

    /** A write of {@code length} bytes, of which {@code taken} found room, said that more follows. */
    void expectMore(int taken, int length) {
        expectMore(taken == length);
    }

    void onTimer() {
        more = false;
        pushing = true;
    }

    void carry(StateCarrier s) {
        corked = s.flag(corked);
        more = s.flag(more);
        pushing = s.flag(pushing);
    }
}
