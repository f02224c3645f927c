package dev.penstock.stack.tcp;

/**
 * What is left of a connection in TIME-WAIT (RFC 9293, section 3.6): enough to acknowledge a FIN that comes again, to
 * recognise old duplicates, and to let a new connection take its place. A link of {@link TimeWaits}' list.
 */
final class TimeWait implements ConnectionTable.Entry {
    private long localHi;
    private long localLo;
    private long remoteHi;
    private long remoteLo;
    private int localPort;
    private int remotePort;
    private int zone;
    /** SND.NXT, and SND.UNA: after our FIN. */
    int sndNxt;
    /** RCV.NXT: after the peer's FIN. */
    int rcvNxt;
    /** The window field of the acknowledgments. */
    int window;

    boolean timestamps;
    /** TS.Recent (RFC 7323, section 4.3). */
    int tsRecent;
    /** What is added to the timestamp clock. */
    int timestampOffset;
    /** IP_TOS of the acknowledgments. */
    int tos;
    /** IP_TTL of the acknowledgments. */
    int ttl;

    /** When 2 MSL are over. */
    long deadlineNs;
    /** When something outside the window was last answered. */
    long lastAckNs = Long.MIN_VALUE;

    /** So often it begins anew when its time is up. */
    int periodsLeft;

    private boolean over;
    /** The connection that it stands for, as long as somebody may ask. */
    ConnectionHandle handle;

    TimeWait previous;
    TimeWait next;
    private int tableHash;

    /** Stands for {@code c} from now on. */
    void begin(Connection c) {
        over = false;
        lastAckNs = Long.MIN_VALUE;
        periodsLeft = 0;
        localHi = c.localHi();
        localLo = c.localLo();
        remoteHi = c.remoteHi();
        remoteLo = c.remoteLo();
        localPort = c.localPort();
        remotePort = c.remotePort();
        zone = c.zone();
        sndNxt = c.tcb.snd.una;
        rcvNxt = c.tcb.rcv.nxt;
        window = c.window.select(false);
        timestamps = c.tcb.rcv.timestamps;
        tsRecent = c.tcb.rcv.tsRecent;
        timestampOffset = c.negotiation.timestampOffset();
        tos = c.options().tos;
        ttl = c.options().ttl;
    }

    /** Nothing is left: the time is up, or a new connection has taken the place. */
    boolean isOver() {
        return over;
    }

    void end() {
        over = true;
        if (handle != null) {
            handle.timeWaitIsOver();
            handle = null;
        }
    }

    @Override
    public long localHi() {
        return localHi;
    }

    @Override
    public long localLo() {
        return localLo;
    }

    @Override
    public int localPort() {
        return localPort;
    }

    @Override
    public long remoteHi() {
        return remoteHi;
    }

    @Override
    public long remoteLo() {
        return remoteLo;
    }

    @Override
    public int remotePort() {
        return remotePort;
    }

    @Override
    public int zone() {
        return zone;
    }

    @Override
    public int tableHash() {
        return tableHash;
    }

    @Override
    public void tableHash(int hash) {
        tableHash = hash;
    }
}
