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

    /**
     * A run of datagrams of one flow came, which the device or the kernel behind it had joined (what UDP_GRO is to Linux). They are
     * told one by one by {@link #onDatagram} unless this is overridden. Not called while the endpoint has a queue.
     *
     * @param buffer holds the data of all, one after the other, valid during the call
     * @param length bytes of data of all
     * @param segmentSize bytes of each, the last excepted, which may be shorter; 1 .. {@code length}
     */
    default void onRun(
            DirectBuffer buffer,
            int offset,
            int length,
            int segmentSize,
            long srcHi,
            long srcLo,
            int srcPort,
            long dstHi,
            long dstLo,
            long nowNs) {
        for (int from = 0; from < length; from += segmentSize) {
            int n = Math.min(segmentSize, length - from);
            onDatagram(buffer, offset + from, n, srcHi, srcLo, srcPort, dstHi, dstLo, nowNs);
        }
    }

    /**
     * Datagrams were put into the endpoint's queue, or {@link UdpEndpoint#tellReadable} asked for this call: once in a duty cycle,
     * after all frames of it.
     */
    default void onReadable(long nowNs) {}

    /** What kept the last {@code send} from succeeding may be over: {@code WOULD_BLOCK} or {@code UNRESOLVED}. */
    default void onWritable(long nowNs) {}

    /**
     * An ICMP error came about a datagram of ours, with all that it tells: who sent it, its type and code, and the quoted UDP header
     * with what is quoted of the data ({@link IcmpError#quoteOffset}), by which a traceroute knows its probes. It was matched to
     * this endpoint by addresses and ports, nothing else of it is verified. Calls {@link #onError} unless overridden.
     *
     * @param error reused, valid during the call
     * @param remotePort where the datagram went to
     */
    default void onIcmpError(IcmpError error, int remotePort, long nowNs) {
        onError(error.kind, error.remoteHi, error.remoteLo, remotePort, error.mtu, nowNs);
    }

    /**
     * An ICMP error came about a datagram of ours, or the next hop did not answer ({@code HOST_UNREACHABLE}).
     *
     * @param mtu of {@code TOO_BIG}, bytes of IP packet; otherwise 0
     */
    default void onError(IcmpError.Kind kind, long remoteHi, long remoteLo, int remotePort, int mtu, long nowNs) {}
}
