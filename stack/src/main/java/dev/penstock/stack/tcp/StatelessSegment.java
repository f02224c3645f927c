package dev.penstock.stack.tcp;

/** A segment that is sent for no connection: a reset, a SYN-ACK with a cookie, an acknowledgment from TIME-WAIT. */
final class StatelessSegment {
    long localHi;
    long localLo;
    long remoteHi;
    long remoteLo;
    int localPort;
    int remotePort;
    /** The interface to leave by, or -1. */
    int zone;

    int seq;
    int ack;
    int flags;
    /** The window field, scaled already. */
    int window;
    /** The DSCP bits. */
    int tos;

    int ttl;
    boolean timestamps;
    int tsVal;
    int tsEcr;
    /** A SYN-ACK's bound for the MSS that we announce, 0 for none but the interface's. */
    int maxSegment;
    /** A SYN-ACK's window scale, or {@link Segment#ABSENT}. */
    int windowScale;
    /** A SYN-ACK carries the SACK-permitted option. */
    boolean sackPermitted;

    /** Everything is as in a segment without options, from where {@code s} went to where it came from. */
    StatelessSegment answer(Segment s, TcpOptions options) {
        to(s.localHi, s.localLo, s.localPort, s.remoteHi, s.remoteLo, s.remotePort);
        zone = s.zone;
        return with(options.tos, options.ttl);
    }

    /** As {@link #answer}, from {@code e}'s local to its remote address. */
    StatelessSegment from(ConnectionTable.Entry e, int ipTos, int ipTtl) {
        to(e.localHi(), e.localLo(), e.localPort(), e.remoteHi(), e.remoteLo(), e.remotePort());
        zone = e.zone();
        return with(ipTos, ipTtl);
    }

    private void to(long srcHi, long srcLo, int srcPort, long dstHi, long dstLo, int dstPort) {
        localHi = srcHi;
        localLo = srcLo;
        localPort = srcPort;
        remoteHi = dstHi;
        remoteLo = dstLo;
        remotePort = dstPort;
    }

    private StatelessSegment with(int ipTos, int ipTtl) {
        seq = 0;
        ack = 0;
        flags = 0;
        window = 0;
        tos = ipTos & 0xfc;
        ttl = ipTtl;
        timestamps = false;
        maxSegment = 0;
        windowScale = Segment.ABSENT;
        sackPermitted = false;
        return this;
    }

    void stamp(int value, int echo) {
        timestamps = true;
        tsVal = value;
        tsEcr = echo;
    }
}
