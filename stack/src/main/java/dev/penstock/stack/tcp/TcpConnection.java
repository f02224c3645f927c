package dev.penstock.stack.tcp;

import dev.penstock.stack.buffer.ReceiveQueue;
import dev.penstock.stack.buffer.SendQueue;
import org.agrona.DirectBuffer;

/**
 * One TCP connection, non-blocking, as the shard's thread sees it.
 *
 * <p>An application on another thread uses the two queues by itself and has the shard call {@link #dataWritten} and
 * {@link #dataRead}; all other methods are the shard thread's only.
 */
public interface TcpConnection {
    TcpState state();

    /** Why the connection ended, or null: not ended, or in order. */
    TcpError error();

    long localHi();

    long localLo();

    int localPort();

    long remoteHi();

    long remoteLo();

    int remotePort();

    /** The interface to which it is bound, or on whose link its peer is if that has a link-local address; -1 for any. */
    default int zone() {
        return -1;
    }

    /** What the application has written and the peer has not acknowledged. */
    SendQueue sendQueue();

    /** What the application has not read. */
    ReceiveQueue receiveQueue();

    /**
     * Appends to the send queue and has it sent.
     *
     * @return how many bytes were taken; fewer than {@code length} when the queue is full, {@link TcpHandler#onWritable}
     *     follows then; -1 when this direction is closed
     */
    int write(DirectBuffer src, int offset, int length, long nowNs);

    /**
     * As {@link #write}, and more will follow soon (MSG_MORE): a last segment that is not full waits for it, as with TCP_CORK, but
     * only until the next {@code write}, the next acknowledgment of data, or for 200 ms.
     */
    int writeMore(DirectBuffer src, int offset, int length, long nowNs);

    /**
     * As {@link #write}, and what is written is urgent: the peer is told how far it reaches before it gets it, and Nagle's
     * algorithm does not hold it. It stays in line. When fewer bytes are taken, the mark is where the rest will end, which is to
     * be written the same way. New applications should not use it (RFC 6093, section 6).
     */
    default int writeUrgent(DirectBuffer src, int offset, int length, long nowNs) {
        markUrgent(sendQueue().tailPosition() + length, nowNs);
        return write(src, offset, length, nowNs);
    }

    /**
     * What was or will be written, as far as it is not acknowledged, is urgent up to {@code position} (RFC 9293, section 3.8.5).
     *
     * @param position of the byte after it, as {@link SendQueue#tailPosition} counts; a mark never moves back
     */
    void markUrgent(long position, long nowNs);

    /** The position after the peer's urgent data, as {@link ReceiveQueue#headPosition} counts; 0 while there was none. */
    long urgentMark();

    /**
     * How many bytes are still to be read, arrived or not, until the urgent data ends; 0 when none is left (RFC 9293, MUST-33).
     * An application that reads only so many stops at the mark.
     */
    default long urgentRemaining() {
        return Math.max(0, urgentMark() - receiveQueue().headPosition());
    }

    /** Something was appended to the send queue. */
    void dataWritten(long nowNs);

    /**
     * What was written so far ends a record: no segment holds both its last byte and one that is written later (POSIX's
     * MSG_EOR). Receivers see nothing of it. One that keeps no records lets them run into each other.
     */
    default void endRecord() {}

    /** The application found the send queue too full and wants {@link TcpHandler#onWritable}. */
    void wantWritable();

    /** Something was read from the receive queue: the window may have to be opened. */
    void dataRead(long nowNs);

    /** The peer has closed its direction and everything before that is in the receive queue or read. */
    boolean isInputEnded();

    /** Half-close: sends what is queued, then a FIN (RFC 9293, section 3.10.4). Idempotent. */
    void shutdownOutput(long nowNs);

    /** The application reads no more: what arrives from now on is acknowledged and thrown away. Idempotent. */
    void shutdownInput(long nowNs);

    /**
     * The application is done. Sends what is queued and a FIN, and finishes by itself; if received data was never read,
     * or data arrives that nobody will read, the peer is told by a reset (RFC 9293, section 3.6.1, RFC 2525, 2.17).
     * With SO_LINGER 0 it aborts. The handler is told {@link TcpHandler#onClosed} in the end. Idempotent.
     */
    void close(long nowNs);

    /** Resets the connection (RFC 9293, section 3.10.5). Idempotent. */
    void abort(long nowNs);

    /** The options of this connection, changeable at any time. */
    TcpOptions options();

    /**
     * Tells the connection that {@link #options()} were changed: they take effect at once.
     *
     * @throws IllegalArgumentException if one is out of range, see {@link TcpOptions#check}
     */
    void optionsChanged(long nowNs);

    /** One option of this connection. */
    default <T> T getOption(TcpOption<T> option) {
        return option.get(options());
    }

    /**
     * Changes one option, at once.
     *
     * @throws IllegalArgumentException if the value is out of range
     */
    default <T> void setOption(TcpOption<T> option, T value, long nowNs) {
        option.set(options(), value);
        optionsChanged(nowNs);
    }

    /**
     * The application will not use this object after {@link TcpHandler#onClosed}, nor after this call if that was before; nor its
     * queues. Then the stack may use it for another connection, and opening and closing connections allocates nothing. To be
     * called once, at any time; who does not call it may ask an ended connection whatever it likes.
     */
    default void letGo() {}

    /** From now on this connection's events are told to {@code trace}; null for nobody. */
    void trace(TcpTrace trace);

    /** A consistent snapshot of what there is to know, written into {@code into}. */
    void info(TcpInfo into, long nowNs);
}
