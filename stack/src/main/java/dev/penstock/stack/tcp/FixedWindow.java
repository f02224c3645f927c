package dev.penstock.stack.tcp;

/**
 * No congestion control: a window far above every buffer. It shows loss recovery by itself in a simulation; on a network
 * it would be an abuse (RFC 2914, section 3).
 */
final class FixedWindow implements CongestionControl {
    private static final long WINDOW = 1L << 40;

    @Override
    public String name() {
        return "none";
    }

    @Override
    public void onMss(int mss) {
        // The window is what it is.
    }

    @Override
    public boolean isMeasured() {
        return false;
    }

    @Override
    public long cwnd() {
        return WINDOW;
    }

    @Override
    public long ssthresh() {
        return WINDOW;
    }

    @Override
    public long pacingRate(long srttNs) {
        return Pacer.UNLIMITED;
    }

    @Override
    public void onAck(AckSample sample, long nowNs) {
        // Nothing to learn.
    }

    @Override
    public void onCongestion(Cause cause, long inFlight, long nowNs) {
        // Nothing is reduced.
    }

    @Override
    public void undo(long nowNs) {
        // Nothing was done.
    }

    @Override
    public boolean reducesProportionally() {
        return false;
    }

    @Override
    public void onRestart(long idleNs, long rtoNs, long nowNs) {
        // Nothing decays.
    }

    @Override
    public boolean isFoldable() {
        return true;
    }
}
