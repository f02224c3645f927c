package dev.penstock.stack.tcp;

import dev.penstock.stack.buffer.ChunkPool;
import dev.penstock.stack.buffer.SendQueue;

/**
 * The size of a send buffer that nobody has set: twice the congestion window, so that while one window is in flight and
 * kept for retransmission the next one can be written. Grows only.
 */
final class SendAutotuning {
    private SendAutotuning() {}

    /** The limit with which a connection begins. */
    static int initial(TcpConfig config, TcpOptions options) {
        return options.sendBuffer > 0 ? options.sendBuffer : config.initialSendBuffer;
    }

    /** What a buffer should hold, bytes. */
    static int limit(TcpConfig config, long cwnd, int mss) {
        long wanted = 2 * Math.min(cwnd, Integer.MAX_VALUE) + 2L * mss;
        return (int) Math.min(Math.max(wanted, config.initialSendBuffer), config.maxSendBuffer);
    }

    /** Raises the limit of {@code queue} if there is memory for it; true if it did. */
    static boolean grow(TcpConfig config, SendQueue queue, ChunkPool chunks, long cwnd, int mss) {
        int wanted = limit(config, cwnd, mss);
        if (wanted <= queue.limit() || chunks.isScarce()) {
            return false;
        }
        queue.setLimit(wanted);
        return true;
    }
}
