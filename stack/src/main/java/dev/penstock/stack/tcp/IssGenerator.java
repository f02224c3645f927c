package dev.penstock.stack.tcp;

import dev.penstock.stack.base.SipHash;

/** Initial sequence numbers and ephemeral ports that cannot be guessed (RFC 6528; RFC 6056, algorithm 4). */
final class IssGenerator {
    private static final int PORT_COUNTERS = 1_024;

    private final SipHash hash;
    private final SipHash portHash;
    private final SipHash clockHash;
    /** A count for each of these sets of destinations: one for all would tell everybody how often we connect. */
    private final int[] portCounters = new int[PORT_COUNTERS];

    IssGenerator(SipHash hash, SipHash portHash, SipHash clockHash) {
        this.hash = hash;
        this.portHash = portHash;
        this.clockHash = clockHash;
    }

    /** "ISN = M + F(localip, localport, remoteip, remoteport, secretkey)", where M ticks about every 4 microseconds. */
    int next(long localHi, long localLo, int localPort, long remoteHi, long remoteLo, int remotePort, long nowNs) {
        long f = hash.hash(localHi, localLo, remoteHi, remoteLo, (long) localPort << 16 | remotePort);
        return (int) (nowNs >>> 12) + (int) f;
    }

    /**
     * What is added to the timestamp clock of a connection: hidden from all others, and the same for the next connection
     * between these addresses and ports, whose timestamps go on where those of the last one ended, so that the peer lets
     * it out of TIME-WAIT (RFC 6191, section 3).
     */
    int timestampOffset(long localHi, long localLo, int localPort, long remoteHi, long remoteLo, int remotePort) {
        return (int) clockHash.hash(localHi, localLo, remoteHi, remoteLo, (long) localPort << 16 | remotePort);
    }

    /**
     * RFC 6056, section 3.3.4, "double-hash port selection": where the search for a free port begins, an offset into a range of {@code range} ports.
     */
    int portOffset(long localHi, long localLo, long remoteHi, long remoteLo, int remotePort, int range) {
        long f = portHash.hash(localHi, localLo, remoteHi, remoteLo, remotePort);
        int counter = (int) (f >>> 32) & PORT_COUNTERS - 1;
        return (int) Long.remainderUnsigned((f & 0x7fff_ffffL) + portCounters[counter]++, range);
    }
}
