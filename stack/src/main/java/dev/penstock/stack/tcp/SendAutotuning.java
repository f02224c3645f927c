package dev.penstock.stack.tcp;

import dev.penstock.stack.buffer.ChunkPool;
import dev.penstock.stack.buffer.SendQueue;

/**
 * The size of a send buffer that nobody has set: twice the congestion window, so that while one window is in flight and
 * kept for retransmission the next one can be written. Grows only.
 *
 * <p>What is not more than the peer took within the least round-trip time fills the path; more of it only waits in a queue.
 * A host next door with a large receive buffer loses nothing, and lets the window grow to tens of megabytes: those would
 * pass through memory instead of the processor's caches, and half the throughput was gone. So a buffer beyond
 * {@link #MODEST} is for paths that are long: {@link #QUEUE} times what is delivered in the least round-trip time, enough
 * to fill the path and a queue as large, twice.
 */
final class SendAutotuning {
    /** Up to here the congestion window alone decides, bytes. Linux stops here altogether (net.ipv4.tcp_wmem). */
    static final int MODEST = 4 << 20;

    private static final int QUEUE = 4;

    private SendAutotuning() {}

    /** The limit with which a connection begins. */
    static int initial(TcpConfig config, TcpOptions options) {
        return options.sendBuffer > 0 ? options.sendBuffer : config.initialSendBuffer;
    }

    /**
     * What a buffer should hold, bytes.
     *
     * @param inRoundTrip what is delivered in the least round-trip time, bytes; 0 or less while unknown
     */
    static int limit(TcpConfig config, long cwnd, int mss, long inRoundTrip) {
        long useful = Math.max(MODEST, QUEUE * Math.min(inRoundTrip, Integer.MAX_VALUE));
        long wanted = Math.min(2 * Math.min(cwnd, Integer.MAX_VALUE) + 2L * mss, useful);
        return (int) Math.min(Math.max(wanted, config.initialSendBuffer), config.maxSendBuffer);
    }

    /** Raises the limit of {@code queue} if there is memory for it; true if it did. */
    static boolean grow(TcpConfig config, SendQueue queue, ChunkPool chunks, long cwnd, int mss, long inRoundTrip) {
        int wanted = limit(config, cwnd, mss, inRoundTrip);
        if (wanted <= queue.limit() || chunks.isScarce()) {
            return false;
        }
        queue.setLimit(wanted);
        return true;
    }
}
