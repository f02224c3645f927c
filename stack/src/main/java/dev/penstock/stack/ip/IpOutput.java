package dev.penstock.stack.ip;

import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.buffer.Frame;

/** What IP offers to the transports for sending. Shard thread. */
public interface IpOutput {
    /** {@link #send}: the neighbour's link address is being asked for; park on the path, see {@link IpPath#park}. */
    int UNRESOLVED = -1;
    /** {@link #send}: no route to the destination, the source address is no longer ours, or the interface is down. */
    int NO_ROUTE = -2;
    /** {@link #send}: larger than the path MTU and not to be fragmented. */
    int TOO_BIG = -3;
    /** {@link #send}: the next hop does not answer ARP or neighbour discovery. */
    int HOST_UNREACHABLE = -4;

    /** {@link #path}: the interface follows from the routes and the scope of the addresses. */
    int ANY_INTERFACE = -1;

    /**
     * Finds the way to a destination and fixes the source address for it.
     *
     * @param srcHi the source that the caller is bound to, or an "any" address to have one chosen
     * @param interfaceIndex the interface to leave by ({@link IpInterface#index}), the zone of a link-local destination (RFC
     *     4007, section 6) included; {@link #ANY_INTERFACE} to have it chosen
     * @return the path, a shared object from the destination cache, or null when there is no route
     */
    IpPath path(long srcHi, long srcLo, long dstHi, long dstLo, int interfaceIndex, long nowNs);

    /** As {@link #path(long, long, long, long, int, long)} by any interface. */
    default IpPath path(long srcHi, long srcLo, long dstHi, long dstLo, long nowNs) {
        return path(srcHi, srcLo, dstHi, dstLo, ANY_INTERFACE, nowNs);
    }

    /**
     * Sends one packet: pushes the IP header before the transport header that the caller has pushed, then the link
     * header, and offers the frame to the device. The transport has filled its own header and, in {@code frame.tx()},
     * {@code checksumNeeded} and {@code csumOffset} (its checksum field then holds the folded pseudo-header sum),
     * {@code headerLength} as the length of the transport header, and {@code gsoType} and {@code gsoSize} for a
     * super-segment; the layers below add their parts to {@code csumStart} and {@code headerLength}.
     *
     * <p>A packet above the MTU is fragmented unless {@code dontFragment} is set; a super-segment never is.
     *
     * @param tos DSCP and ECN
     * @param ttl 1 .. 255
     * @return how many packets (for a super-segment: pieces) the device took, 0 if it is full, or one of the negative
     *     constants. Unless it was fully taken, the headers below the transport's are off the frame again, and it may
     *     be offered anew.
     */
    int send(Frame frame, IpPath path, int protocol, int tos, int ttl, boolean dontFragment, long nowNs);

    /**
     * As {@link #send}, for a small packet that nobody would send again, such as a reset without a connection: while its
     * neighbour is being resolved or the device is full, IP holds a copy and sends it later. What finds no room there is
     * dropped and counted.
     *
     * @return as {@link #send}; 1 when a copy is held
     */
    default int sendOrHold(Frame frame, IpPath path, int protocol, int tos, int ttl, boolean dontFragment, long nowNs) {
        return send(frame, path, protocol, tos, ttl, dontFragment, nowNs);
    }

    /**
     * Holds a copy of a packet that {@link #send} answered with {@link #UNRESOLVED}, and sends it when the neighbour is resolved. RFC
     * 1122, section 2.3.2.2: "The link layer SHOULD save (rather than discard) at least one (the latest) packet of each set of packets
     * destined to the same unresolved IP address". Not for super-segments.
     *
     * @return false if there is no room, of which few are for one neighbour: then it is dropped and counted
     */
    default boolean hold(Frame frame, IpPath path, int protocol, int tos, int ttl, boolean dontFragment) {
        return false;
    }

    /**
     * Answers a received packet with an ICMP "port unreachable", at the next flush, if RFC 1122 section 3.2.2 and the
     * rate limit allow one.
     */
    void portUnreachable(IpPacket packet, long nowNs);

    /** True when the address is one of ours (loopback and broadcast not included). */
    boolean isLocalAddress(long hi, long lo);

    /** True when the address is a broadcast address of one of our networks, or the limited broadcast. */
    boolean isBroadcast(long hi, long lo);

    /**
     * The transport retransmits again and again towards this peer: what is known of the way may be wrong, and is to be
     * verified (RFC 1122, section 3.3.1.4, "negative advice").
     */
    default void doubtReachable(IpPath path, long nowNs) {}

    /** The transport drops the packet that it is being given: counts it, and shows it to whoever captures packets. */
    void drop(DropReason reason);

    /** The transport made forward progress with this peer: its neighbour entry stays reachable (RFC 4861, 7.3.1). */
    void confirmReachable(IpPath path, long nowNs);
}
