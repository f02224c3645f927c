package dev.penstock.stack.tcp;

import dev.penstock.stack.base.SipHash;

/** Initial sequence numbers and ephemeral ports that cannot be guessed (RFC 6528; RFC 6056, algorithm 3). */
final class IssGenerator {
    private final SipHash hash;
    private final SipHash portHash;
    private int portCounter;

    IssGenerator(SipHash hash, SipHash portHash) {
        this.hash = hash;
        this.portHash = portHash;
    }

    /** "ISN = M + F(localip, localport, remoteip, remoteport, secretkey)", where M ticks about every 4 microseconds. */
    int next(long localHi, long localLo, int localPort, long remoteHi, long remoteLo, int remotePort, long nowNs) {
        long f = hash.hash(localHi, localLo, remoteHi, remoteLo, (long) localPort << 16 | remotePort);
        return (int) (nowNs >>> 12) + (int) f;
    }

    /**
     * RFC 6056, section 3.3.3: where the search for a free port begins, an offset into a range of {@code range} ports.
     */
    int portOffset(long localHi, long localLo, long remoteHi, long remoteLo, int remotePort, int range) {
        long f = portHash.hash(localHi, localLo, remoteHi, remoteLo, remotePort);
        return (int) Long.remainderUnsigned((f & 0x7fff_ffffL) + portCounter++, range);
    }
}
