package dev.penstock.stack.tcp;

import dev.penstock.stack.buffer.SendQueue;
import org.agrona.DirectBuffer;

/**
 * Whether the application may write, and when it is told so: a third of the send buffer is free, and less waits to be
 * sent than TCP_NOTSENT_LOWAT says.
 */
final class WriteReadiness {
    /** How long a writer waits that found the memory pool empty. */
    private static final long MEMORY_RETRY_NS = 20_000_000;

    private final Connection c;
    private final TcpOptions options;
    private SendQueue queue;
    /** The application found no room, and is to be told when there is some. */
    private boolean wanted;

    WriteReadiness(Connection c, TcpOptions options) {
        this.c = c;
        this.options = options;
    }

    /** The connection's send queue is another from now on. */
    void use(SendQueue newQueue) {
        queue = newQueue;
        queue.setUnsentLimit(options.notSentLowat);
    }

    boolean isWanted() {
        return wanted;
    }

    /**
     * Takes what there is room for.
     *
     * @param more the application says that more follows
     * @return bytes taken; -1 if nothing can be written any more
     */
    int write(DirectBuffer src, int offset, int length, boolean more, long nowNs) {
        if (c.tcb.snd.finQueued() || queue.isClosed()) {
            return -1;
        }
        c.cork.expectMore(false);
        int taken = queue.write(src, offset, length);
        if (taken < length) {
            wanted = true;
            if (queue.writable() > 0) {
                // The pool is empty, and no acknowledgment need ever come to say that it no longer is.
                c.timers.set(ConnectionTimers.MEMORY, nowNs + MEMORY_RETRY_NS);
            }
        }
        if (more) {
            // Before the end of this write is noted, for it is none.
            c.cork.expectMore(taken, length);
        }
        c.dataWritten(nowNs);
        return taken;
    }

    void want() {
        wanted = true;
        if (c.state() == TcpState.CLOSED || queue.isClosed()) {
            c.signal(Upcalls.WRITABLE);
        } else {
            consider();
        }
    }

    /** Something was acknowledged, or there is more memory. */
    void consider() {
        if (wanted && queue.writable() >= Math.max(1, queue.allowance() / 3)) {
            wanted = false;
            c.signal(Upcalls.WRITABLE);
        }
    }

    /** After each transmission: the queue learns what was sent, if it is to hold only so much that was not. */
    void onTransmitted() {
        if (options.notSentLowat > 0) {
            queue.sentTo(c.tcb.snd.positionOf(c.tcb.snd.nxt));
            consider();
        }
    }

    void onOptions() {
        onTransmitted();
        queue.setUnsentLimit(options.notSentLowat);
        consider();
    }

    void carry(StateCarrier s) {
        wanted = s.flag(wanted);
    }
}
