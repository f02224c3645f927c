package dev.penstock.stack.ip;

/**
 * The way to one destination: source address, route, next hop's neighbour entry and path MTU, found once and kept.
 * Held by connections for their life; the IP layer keeps it current when addresses, routes or the path MTU change.
 * Shard thread.
 */
public interface IpPath {
    long srcHi();

    long srcLo();

    long dstHi();

    long dstLo();

    /** The largest IP packet that gets through as far as is known, bytes (RFC 1191, RFC 8201). */
    int mtu();

    /** The MTU of the outgoing interface, bytes: the upper bound of {@link #mtu()}. */
    int interfaceMtu();

    /** The largest IP packet that may be offered as a super-segment, bytes; at most {@link #mtu()} if there is none. */
    int gsoMaxLength();

    /**
     * The interface that packets of this path must come in by, -1 for any: that to which the path was bound, or the zone of its
     * link-local addresses (RFC 4007), by which two interfaces with neighbours of the same address are told apart.
     */
    default int zone() {
        return IpOutput.ANY_INTERFACE;
    }

    /**
     * The hop limit of packets whose application asked for none: what routers say for the outgoing interface (RFC 4861, section
     * 6.3.4; IPv6 only), or {@code otherwise} while they do not.
     */
    default int hopLimit(int otherwise) {
        return otherwise;
    }

    /** Packets that the device holds at most before it loses some, 0 for no such limit; see {@code NetworkDevice.receiveQueueLength}. */
    default int receiveQueueLength() {
        return 0;
    }

    /** The IP header's length in bytes, without options: 20 or 40. */
    int headerLength();

    /** True for 127.0.0.0/8, {@code ::1} and our own addresses. */
    boolean isLoopback();

    /**
     * An ICMP "too big" about this path was found credible by the transport: lowers {@link #mtu()}, which rises again by
     * itself after the time of RFC 1191, section 6.3.
     *
     * @return true if the path MTU became smaller
     */
    boolean reduceMtu(int mtu, long nowNs);

    /** Asks for {@code waiter} to be called once when the neighbour is resolved or given up; bounded per neighbour. */
    boolean park(PathWaiter waiter);

    /** Takes {@code waiter} off again; nothing happens if it does not wait. */
    void unpark(PathWaiter waiter);

    /** The user of this path has gone. */
    void release();
}
