package dev.penstock.apps.iperf;

/**
 * What one stream moved in a while.
 *
 * @param stream its number, from 1
 * @param sender this end sends
 * @param udp datagrams
 * @param startNs from the start of the test
 * @param endNs likewise
 * @param bytes of data
 * @param retransmits segments sent again; -1 where that is not known: at receivers, and of UDP
 * @param cwnd the congestion window at the end, bytes; -1 as above
 * @param packets datagrams sent, or that came or should have come
 * @param lost of these, not come
 * @param outOfOrder came after a later one
 * @param jitterNs of arrivals, RFC 1889's estimator (RFC 3550, section A.8)
 * @param omitted lies in the time that does not count
 */
public record IperfInterval(
        int stream,
        boolean sender,
        boolean udp,
        long startNs,
        long endNs,
        long bytes,
        long retransmits,
        long cwnd,
        long packets,
        long lost,
        long outOfOrder,
        long jitterNs,
        boolean omitted) {}
