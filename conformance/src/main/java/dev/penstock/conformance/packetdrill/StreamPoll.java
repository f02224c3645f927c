package dev.penstock.conformance.packetdrill;

import dev.penstock.stack.buffer.SendQueue;
import dev.penstock.stack.tcp.TcpState;

/** What {@code poll} says of a TCP socket: tcp_poll() in Linux, sopoll_generic() in FreeBSD. */
final class StreamPoll {
    private static final int IN = Descriptor.POLLIN | Descriptor.POLLRDNORM;
    private static final int OUT = Descriptor.POLLOUT | Descriptor.POLLWRNORM;

    private final StreamDescriptor s;

    StreamPoll(StreamDescriptor s) {
        this.s = s;
    }

    int events() {
        if (s.acceptor() != null) {
            return s.acceptor().acceptable() > 0 ? IN : 0;
        }
        return s.isLinux() ? linux() : bsd();
    }

    private int linux() {
        TcpState state = s.state();
        boolean ended = state == TcpState.CLOSED && s.connection() != null;
        boolean in = s.inputShut || s.finReceived || ended;
        boolean out = s.outputShut || ended;
        int events = 0;
        if (in && out || state == TcpState.CLOSED) {
            events |= Descriptor.POLLHUP;
        }
        if (in) {
            events |= IN | Descriptor.POLLRDHUP;
        }
        if (state != TcpState.SYN_SENT && state != TcpState.SYN_RECEIVED) {
            events |= s.input().isReadable() ? IN : 0;
            events |= out || isWritable() ? OUT : 0;
            events |= s.input().hasUrgent() ? Descriptor.POLLPRI : 0;
        }
        boolean told = s.pendingError != null || !s.output().notices.isEmpty();
        return told ? events | Descriptor.POLLERR : events;
    }

    private int bsd() {
        TcpState state = s.state();
        boolean ended = state == TcpState.CLOSED && s.connection() != null;
        boolean in = s.inputShut || s.finReceived || ended;
        boolean out = s.outputShut || ended;
        int events = 0;
        events |= in || s.input().isReadable() || s.pendingError != null ? IN : 0;
        boolean connected = state.isSynchronized();
        events |= out || connected && isWritable() || s.pendingError != null ? OUT : 0;
        events |= s.input().hasUrgent() ? Descriptor.POLLPRI : 0;
        return in && out ? events | Descriptor.POLLHUP : events;
    }

    /** A third of the send buffer is free; if not, we are told when it is. */
    private boolean isWritable() {
        if (s.connection() == null) {
            return true;
        }
        if (s.isLinux()) {
            return s.output().memory.isWritable();
        }
        SendQueue q = s.connection().sendQueue();
        if (q.writable() >= Math.max(1, q.allowance() / 3)) {
            return true;
        }
        s.connection().wantWritable();
        return false;
    }
}
