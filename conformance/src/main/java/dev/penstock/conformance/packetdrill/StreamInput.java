package dev.penstock.conformance.packetdrill;

import dev.penstock.stack.buffer.ReceiveQueue;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpState;

/**
 * The receiving half of a TCP socket. Urgent data is as the sockets API has it (RFC 6093, section 3.1): the last urgent byte is taken
 * out of the stream unless SO_OOBINLINE is set, and no read goes across the mark.
 */
final class StreamInput {
    private final StreamDescriptor s;
    /** Where the urgent byte is that waits to be read out of line, if {@link #urgentValid}. */
    private long urgentAt;
    /** There is one, arrived or not. */
    private boolean urgentValid;
    /** It was read out of line already. */
    private boolean urgentRead;

    StreamInput(StreamDescriptor s) {
        this.s = s;
    }

    /** The peer has set a new mark. */
    void onUrgent() {
        long at = s.connection().urgentMark() - 1;
        if (!urgentValid || at != urgentAt) {
            urgentAt = at;
            urgentValid = true;
            urgentRead = false;
        }
    }

    private ReceiveQueue queue() {
        return s.connection() == null || s.connection().receiveQueue().isClosed()
                ? null
                : s.connection().receiveQueue();
    }

    /** The urgent byte has arrived and was not taken out of line yet. */
    boolean hasUrgent() {
        ReceiveQueue q = queue();
        return q != null && urgentValid && !urgentRead && urgentAt < q.tailPosition() && urgentAt >= q.headPosition();
    }

    /** The next byte to be read is the one after the mark: SIOCATMARK. */
    boolean isAtMark() {
        ReceiveQueue q = queue();
        return q != null && urgentValid && urgentAt == q.headPosition();
    }

    /** Bytes that a read would find: SIOCINQ. */
    long readable() {
        ReceiveQueue q = queue();
        if (q == null) {
            return 0;
        }
        boolean marked = urgentValid && urgentAt >= q.headPosition() && urgentAt < q.tailPosition();
        return marked && !s.settings.urgentInline ? urgentAt - q.headPosition() : q.size();
    }

    /** All that was received in order and not read. */
    long queued() {
        ReceiveQueue q = queue();
        return q == null ? 0 : q.size();
    }

    /** Enough for a reader to be told. */
    boolean isReadable() {
        ReceiveQueue q = queue();
        if (q == null) {
            return false;
        }
        int target = Math.max(1, s.settings.receiveLowWater);
        return q.size() >= target + (isAtMark() && !s.settings.urgentInline ? 1 : 0);
    }

    /** Null if it must wait. */
    Result receive(Transfer t) {
        TcpState state = s.state();
        if (state == TcpState.LISTEN) {
            return Result.error(Errno.ENOTCONN);
        }
        if (t.outOfBand) {
            return urgent(t);
        }
        boolean over = isOver();
        if (t.blocked && !over && s.isLinux() && !isReadable()) {
            // tcp_data_ready() wakes nobody for less than SO_RCVLOWAT, whatever the reader has already.
            return null;
        }
        take(t);
        if (t.length == 0 && s.isLinux()) {
            // tcp_recvmsg() wants one byte at least to be there, whatever it may take.
            return queued() > 0 ? Result.OK : nothing(t);
        }
        long target = t.waitAll ? t.length : Math.min(t.length, Math.max(1, s.settings.receiveLowWater));
        boolean peeked = t.peek && t.done > 0 && !t.waitAll;
        if (t.done >= target || t.done > 0 && (!t.wait || isOver() || stopsAtMark()) || peeked) {
            Result r = Result.of(t.done);
            return r;
        }
        return nothing(t);
    }

    private boolean isOver() {
        return s.pendingError != null || s.finReceived || s.inputShut || s.state() == TcpState.CLOSED;
    }

    private boolean stopsAtMark() {
        return isAtMark();
    }

    /** The order of tcp_recvmsg(): a FIN that was received, an error, a direction that was shut, no connection. */
    private Result nothing(Transfer t) {
        t.blocked = true;
        if (t.done > 0) {
            return null;
        }
        if (s.finReceived) {
            return Result.OK;
        }
        Errno why = s.takeError();
        if (why != null) {
            return Result.error(why);
        }
        if (s.inputShut) {
            return Result.OK;
        }
        if (s.state() == TcpState.CLOSED) {
            return s.wasConnected() ? Result.OK : Result.error(Errno.ENOTCONN);
        }
        return t.wait ? null : Result.error(Errno.EAGAIN);
    }

    private void take(Transfer t) {
        ReceiveQueue q = queue();
        if (q == null) {
            return;
        }
        if (t.peek) {
            t.done = Math.min(t.length, untilMark(q, q.headPosition(), false));
            return;
        }
        boolean first = t.done == 0;
        long wanted = Math.min(t.left(), untilMark(q, q.headPosition(), first));
        if (first && skipsUrgent(q)) {
            q.discard(1);
            urgentValid = false;
        }
        int n = wanted <= 0 ? 0 : q.discard((int) Math.min(wanted, Integer.MAX_VALUE));
        t.done += n;
        TcpConnection c = s.connection();
        if (n > 0 && c.state() != TcpState.CLOSED) {
            c.dataRead(s.clock());
        }
    }

    /** The reader stands at the mark: it passes over the byte that is out of line. */
    private boolean skipsUrgent(ReceiveQueue q) {
        return urgentValid && urgentAt == q.headPosition() && q.size() > 0 && !s.settings.urgentInline;
    }

    /** How many bytes one read gets that begins at {@code head}. */
    private long untilMark(ReceiveQueue q, long head, boolean mayPass) {
        long size = q.size();
        if (!urgentValid || urgentAt < head) {
            return size;
        }
        if (urgentAt > head) {
            return Math.min(size, urgentAt - head);
        }
        if (!mayPass) {
            return 0;
        }
        return s.settings.urgentInline ? size : Math.max(0, size - 1);
    }

    /** {@code recv(MSG_OOB)}, as tcp_recv_urg() has it. */
    private Result urgent(Transfer t) {
        if (s.settings.urgentInline || !urgentValid || urgentRead) {
            return Result.error(Errno.EINVAL);
        }
        if (s.state() == TcpState.CLOSED && !s.wasConnected()) {
            return Result.error(Errno.ENOTCONN);
        }
        if (!hasUrgent()) {
            return Result.error(isOver() ? Errno.EINVAL : Errno.EAGAIN);
        }
        urgentRead |= !t.peek;
        t.urgent = true;
        return Result.of(Math.min(1, t.length));
    }
}
