package dev.penstock.apps.cli;

import dev.penstock.stack.ip.IcmpError;
import dev.penstock.stack.wire.IpAddress;

/**
 * What came of one probe of a path.
 *
 * @param from who answered; null when nobody did in time
 * @param rttNs from sending to the answer
 * @param reached the destination itself answered
 * @param mark what traceroute prints behind the time, {@code !H} for instance, or nothing
 * @param mtu of a packet that was too big: the size that fits; else 0
 * @param hopsBack how far the answer came, by its TTL; 0 if that is not known
 */
record Hop(IpAddress from, long rttNs, boolean reached, String mark, int mtu, int hopsBack) {
    static final Hop SILENCE = new Hop(null, 0, false, "", 0, 0);

    /** An ICMP error about a probe. */
    static Hop of(IcmpError error, long rttNs) {
        IpAddress from = new IpAddress(error.reporterHi, error.reporterLo);
        boolean target = error.reporterHi == error.remoteHi && error.reporterLo == error.remoteLo;
        boolean end = error.kind != IcmpError.Kind.TTL_EXCEEDED && error.kind != IcmpError.Kind.TOO_BIG;
        // A destination that has no such port was reached; anything else that ends the path gets its mark.
        String mark =
                switch (error.kind) {
                    case TTL_EXCEEDED -> "";
                    case PORT_UNREACHABLE -> target ? "" : "!p";
                    case PROTOCOL_UNREACHABLE -> "!P";
                    case NET_UNREACHABLE -> "!N";
                    case HOST_UNREACHABLE -> "!H";
                    case ADMIN_PROHIBITED -> "!X";
                    case SOURCE_ROUTE_FAILED -> "!S";
                    case TOO_BIG -> "!F-" + error.mtu;
                    default -> "!<" + error.type + "-" + error.code + ">";
                };
        return new Hop(from, rttNs, end, mark, error.mtu, 0);
    }
}
