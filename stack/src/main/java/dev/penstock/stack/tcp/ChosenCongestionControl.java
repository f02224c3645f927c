package dev.penstock.stack.tcp;

import dev.penstock.stack.base.RandomSource;

/**
 * The congestion control that TCP_CONGESTION has chosen, which may be changed while the connection lives: the successor
 * takes over congestion window and slow-start threshold, as in Linux, and nothing else. Congestion events of before
 * cannot be undone any more.
 */
final class ChosenCongestionControl implements CongestionControl {
    private final TcpConfig config;
    private final RandomSource random;
    private CongestionControl chosen;
    /** 0 until the connection is established. */
    private int mss;

    /** @throws IllegalArgumentException if there is none of this name */
    ChosenCongestionControl(String name, TcpConfig config, RandomSource random) {
        this.config = config;
        this.random = random;
        chosen = CongestionControls.create(name, config, random);
    }

    /** A connection begins, or is carried, that has chosen {@code name}. */
    void begin(String name) {
        if (!chosen.name().equals(name)) {
            chosen = CongestionControls.create(name, config, random);
        }
    }

    /**
     * Has {@code name} go on from here; nothing happens if it is chosen already.
     *
     * @throws IllegalArgumentException if there is none of this name
     */
    void choose(String name) {
        if (chosen.name().equals(name)) {
            return;
        }
        CongestionControl next = CongestionControls.create(name, config, random);
        if (mss > 0) {
            next.onMss(mss);
            if (chosen.isMeasured()) {
                next.takeOver(chosen.cwnd(), chosen.ssthresh());
            }
        }
        chosen = next;
    }

    @Override
    public String name() {
        return chosen.name();
    }

    @Override
    public void onMss(int newMss) {
        mss = newMss;
        chosen.onMss(newMss);
    }

    @Override
    public void onSynLost() {
        chosen.onSynLost();
    }

    @Override
    public void onShared(long ssthresh) {
        chosen.onShared(ssthresh);
    }

    @Override
    public void takeOver(long cwnd, long ssthresh) {
        chosen.takeOver(cwnd, ssthresh);
    }

    @Override
    public boolean isMeasured() {
        return chosen.isMeasured();
    }

    @Override
    public long cwnd() {
        return chosen.cwnd();
    }

    @Override
    public long ssthresh() {
        return chosen.ssthresh();
    }

    @Override
    public long pacingRate(long srttNs) {
        return chosen.pacingRate(srttNs);
    }

    @Override
    public void onAck(AckSample sample, long nowNs) {
        chosen.onAck(sample, nowNs);
    }

    @Override
    public void onLost(SentSegment lost, long sinceSent, long delivered) {
        chosen.onLost(lost, sinceSent, delivered);
    }

    @Override
    public void onCongestion(Cause cause, long inFlight, long nowNs) {
        chosen.onCongestion(cause, inFlight, nowNs);
    }

    @Override
    public void onBlackHole() {
        chosen.onBlackHole();
    }

    @Override
    public void onRecovered(long nowNs) {
        chosen.onRecovered(nowNs);
    }

    @Override
    public void undo(long nowNs) {
        chosen.undo(nowNs);
    }

    @Override
    public boolean reducesProportionally() {
        return chosen.reducesProportionally();
    }

    @Override
    public void onRestart(long idleNs, long rtoNs, long nowNs) {
        chosen.onRestart(idleNs, rtoNs, nowNs);
    }

    @Override
    public boolean isFoldable() {
        return chosen.isFoldable();
    }

    /** @param name of the one that was chosen */
    void carry(StateCarrier s, String name) {
        begin(name);
        mss = s.number(mss);
        chosen.carry(s);
    }
}
