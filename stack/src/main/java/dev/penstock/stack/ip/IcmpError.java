package dev.penstock.stack.ip;

import org.agrona.DirectBuffer;

/**
 * An ICMP or ICMPv6 error about a packet of ours: a reusable description, valid during the upcall only. It may be
 * forged: the transport checks the quoted header against its own state (RFC 5927) before it believes anything.
 */
public final class IcmpError {
    /** What it says, whichever family said it. */
    public enum Kind {
        NET_UNREACHABLE(false),
        HOST_UNREACHABLE(false),
        PROTOCOL_UNREACHABLE(true),
        PORT_UNREACHABLE(true),
        /** Fragmentation needed, or packet too big: {@link IcmpError#mtu} tells the size that fits. */
        TOO_BIG(false),
        SOURCE_ROUTE_FAILED(false),
        ADMIN_PROHIBITED(false),
        TTL_EXCEEDED(false),
        REASSEMBLY_TIMEOUT(false),
        PARAMETER_PROBLEM(false),
        /** Of ICMPv6: a type that is not known here (RFC 4443, section 2.4, (a)). */
        UNKNOWN(false);

        private final boolean hard;

        Kind(boolean hard) {
            this.hard = hard;
        }

        /** A hard error in the sense of RFC 1122, section 4.2.3.9. */
        public boolean isHard() {
            return hard;
        }
    }

    public Kind kind;
    /** As in the message, of ICMP or ICMPv6 by the family of the addresses. */
    public int type;
    /** As in the message. */
    public int code;
    /** Of {@link Kind#TOO_BIG}: the MTU of the next hop, bytes of IP packet; otherwise 0. */
    public int mtu;
    /** Who sent the error: of {@link Kind#TTL_EXCEEDED} the router at that distance. */
    public long reporterHi;

    public long reporterLo;
    /** The source of the packet that caused it: an address of ours. */
    public long localHi;

    public long localLo;
    /** The destination of the packet that caused it. */
    public long remoteHi;

    public long remoteLo;
    /**
     * The interface by which the packet that caused it left, if its addresses are link-local and so mean nothing without it; else
     * -1.
     */
    public int zone = IpOutput.ANY_INTERFACE;
    /** Holds the quoted packet. */
    public DirectBuffer buffer;
    /** Where the quoted transport header begins. */
    public int quoteOffset;
    /** Bytes of the quoted transport header and data: at least 8. */
    public int quoteLength;
}
