package dev.penstock.stack.udp;

import dev.penstock.stack.ip.IcmpError;
import org.agrona.DirectBuffer;

/** What an endpoint tells its user. Shard thread. */
public interface UdpHandler {
    /**
     * A datagram came. Not called while the endpoint has a queue.
     *
     * @param buffer holds the data, valid during the call
     * @param dstHi where it was sent to: an address of ours, or a broadcast address
     */
    default void onDatagram(
            DirectBuffer buffer,
            int offset,
            int length,
            long srcHi,
            long srcLo,
            int srcPort,
            long dstHi,
            long dstLo,
            long nowNs) {}

    /** A datagram was put into the endpoint's queue. */
    default void onReadable(long nowNs) {}

    /** What kept the last {@code send} from succeeding may be over: {@code WOULD_BLOCK} or {@code UNRESOLVED}. */
    default void onWritable(long nowNs) {}

    /**
     * An ICMP error came about a datagram of ours, or the next hop did not answer ({@code HOST_UNREACHABLE}).
     *
     * @param mtu of {@code TOO_BIG}, bytes of IP packet; otherwise 0
     */
    default void onError(IcmpError.Kind kind, long remoteHi, long remoteLo, int remotePort, int mtu, long nowNs) {}
}
