package dev.penstock.stack.udp;

import dev.penstock.stack.wire.IpAddress;

/** Which endpoint a datagram is for, and which of them cannot be at the same time. */
final class EndpointMatch {
    private EndpointMatch() {}

    /** How well a datagram fits: 0 not at all; more is better, by what is known of address and peer. */
    static int score(UdpEndpoint e, long srcHi, long srcLo, int srcPort, long dstHi, long dstLo, int by) {
        int score = 1;
        if (e.boundInterface() >= 0) {
            if (by >= 0 && by != e.boundInterface()) {
                return 0;
            }
            score += 4;
        }
        if (e.localLo() == dstLo && e.localHi() == dstHi) {
            score += 1;
        } else if (!anyFor(e, dstHi, dstLo)) {
            return 0;
        }
        if (e.remotePort() != 0) {
            boolean otherLink = e.remoteInterface() >= 0 && by >= 0 && by != e.remoteInterface();
            if (e.remotePort() != srcPort || e.remoteLo() != srcLo || e.remoteHi() != srcHi || otherLink) {
                return 0;
            }
            score += 2;
        }
        return score;
    }

    /** Bound to all addresses of the family: {@code ::} stands for both. */
    private static boolean anyFor(UdpEndpoint e, long hi, long lo) {
        return e.localHi() == 0 && (e.localLo() == 0 || (e.localLo() == IpAddress.V4_PREFIX && IpAddress.isV4(hi, lo)));
    }

    /** True when another endpoint cannot have the port that {@code e} has. */
    static boolean collides(UdpEndpoint e, long hi, long lo, int otherInterface, boolean otherReuses) {
        if (e.reuses() && otherReuses) {
            return false;
        }
        if (e.boundInterface() >= 0 && otherInterface >= 0 && e.boundInterface() != otherInterface) {
            return false;
        }
        return (e.localHi() == hi && e.localLo() == lo)
                || (IpAddress.isAny(e.localHi(), e.localLo()) && IpAddress.isAny(hi, lo));
    }
}
