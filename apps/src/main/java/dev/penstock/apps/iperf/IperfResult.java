package dev.penstock.apps.iperf;

import java.util.List;

/**
 * What came of a test, as both ends saw it.
 *
 * @param own what this end counted, one entry a stream
 * @param peer what the other end counted of the same streams, in the same order, {@code sender} as the peer sees it
 * @param peerCpuPercent how busy the other end says that it was
 */
public record IperfResult(List<IperfInterval> own, List<IperfInterval> peer, double peerCpuPercent) {

    /** Bytes that arrived, of all streams that this end sends, or of those that it receives. */
    public long received(boolean sentByUs) {
        List<IperfInterval> at = sentByUs ? peer : own;
        return at.stream()
                .filter(s -> !s.sender())
                .mapToLong(IperfInterval::bytes)
                .sum();
    }
}
