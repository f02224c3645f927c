package dev.penstock.stack.tcp;

/** How long a connection was busy sending, and what held it back meanwhile: Linux's three times of tcp_info. */
final class Chronograph {
    private static final int IDLE = -1;
    private static final int BUSY = 0;
    private static final int BY_PEERS_WINDOW = 1;
    private static final int BY_SEND_BUFFER = 2;

    private final long[] totals = new long[3];
    private int current = IDLE;
    private long sinceNs;
    /** SND.UNA at the last look. */
    private int una;
    /** When the peer last acknowledged something new, or began to owe it. */
    private long progressNs;

    /**
     * After each transmission: what is it that we wait for?
     *
     * @param unsent bytes queued and never sent
     * @param writerWaits the application found the send buffer full
     */
    void update(SendState snd, long unsent, boolean writerWaits, long nowNs) {
        int now = BUSY;
        if (unsent <= 0) {
            now = snd.una == snd.nxt ? IDLE : writerWaits ? BY_SEND_BUFFER : BUSY;
        } else if (snd.wnd - snd.inFlight() < Math.min(unsent, snd.mss)) {
            now = BY_PEERS_WINDOW;
        }
        if (current == IDLE || snd.una != una) {
            progressNs = nowNs;
            una = snd.una;
        }
        if (now != current) {
            pass(nowNs);
            current = now;
        }
    }

    /** The connection is over: nothing waits any more. */
    void stop(long nowNs) {
        pass(nowNs);
        current = IDLE;
    }

    /** For how long the peer has taken nothing of what there was for it: it does not answer, or its window is closed. */
    long stalledNs(long nowNs) {
        return current == IDLE ? 0 : nowNs - progressNs;
    }

    private void pass(long nowNs) {
        if (current != IDLE) {
            totals[current] += nowNs - sinceNs;
        }
        sinceNs = nowNs;
    }

    void info(TcpInfo into, long nowNs) {
        pass(nowNs);
        into.receiveWindowLimitedNs = totals[BY_PEERS_WINDOW];
        into.sendBufferLimitedNs = totals[BY_SEND_BUFFER];
        into.busyNs = totals[BUSY] + totals[BY_PEERS_WINDOW] + totals[BY_SEND_BUFFER];
    }

    void carry(StateCarrier s, int sndUna) {
        for (int i = 0; i < totals.length; i++) {
            totals[i] = s.number(totals[i]);
        }
        current = s.number(current);
        sinceNs = s.time(sinceNs);
        una = s.sequence(una, sndUna);
        progressNs = s.time(progressNs);
    }
}
