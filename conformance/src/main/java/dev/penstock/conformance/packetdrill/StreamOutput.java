package dev.penstock.conformance.packetdrill;

import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpState;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** The sending half of a TCP socket. A script has no contents: everything is zeros. */
final class StreamOutput {
    private static final int PIECE = 65_536;
    private static final UnsafeBuffer ZEROS = new UnsafeBuffer(ByteBuffer.allocateDirect(PIECE));

    private final StreamDescriptor s;
    final LinuxSendMemory memory;
    final SendNotices notices;

    StreamOutput(StreamDescriptor s) {
        this.s = s;
        this.memory = new LinuxSendMemory(s);
        this.notices = new SendNotices(s, memory);
    }

    /** Null if it must wait. */
    Result send(Transfer t) {
        TcpState state = s.state();
        if (!s.isLinux() && t.to != null && s.wasConnected()) {
            return Result.error(Errno.EISCONN);
        }
        if (state == TcpState.SYN_SENT || state == TcpState.SYN_RECEIVED) {
            return opening(t);
        }
        boolean may = state.canSend() && !s.outputShut;
        if (!may || s.pendingError != null) {
            return t.done > 0 ? Result.of(t.done) : cannot();
        }
        return append(t);
    }

    private Result opening(Transfer t) {
        if (!s.isLinux()) {
            return Result.error(Errno.ENOTCONN);
        }
        return t.wait ? null : Result.error(Errno.EAGAIN);
    }

    private Result cannot() {
        boolean never = !s.wasConnected() && s.pendingError == null && !s.outputShut;
        if (never && !s.isLinux()) {
            return Result.error(Errno.ENOTCONN);
        }
        Errno why = s.takeError();
        return Result.error(why != null ? why : Errno.EPIPE);
    }

    private Result append(Transfer t) {
        TcpConnection c = s.connection();
        long now = s.clock();
        if (t.outOfBand && t.left() > 0 && t.done == 0) {
            c.markUrgent(c.sendQueue().tailPosition() + t.length, now);
        }
        if (s.isLinux()) {
            return appendAsLinux(c, t, now);
        }
        boolean room = true;
        while (room && t.left() > 0) {
            int n = (int) Math.min(PIECE, t.left());
            int taken = t.more ? c.writeMore(ZEROS, 0, n, now) : c.write(ZEROS, 0, n, now);
            t.done += Math.max(0, taken);
            room = taken == n;
        }
        if (room) {
            return Result.of(t.done);
        }
        c.wantWritable();
        if (t.wait) {
            return null;
        }
        return t.done > 0 ? Result.of(t.done) : Result.error(Errno.EAGAIN);
    }

    /** tcp_sendmsg_locked(): buffer by buffer, each of which goes out when it is full. */
    private Result appendAsLinux(TcpConnection c, Transfer t, long now) {
        if (t.blocked && memory.isWaitedFor()) {
            return null;
        }
        long begin = c.sendQueue().tailPosition();
        while (t.left() > 0) {
            long room = memory.take(t.left());
            if (room == 0) {
                break;
            }
            boolean more = t.more || room < t.left() && !memory.isFull();
            write(c, room, more, now);
            t.done += room;
            if (t.left() > 0) {
                s.host.settle();
            }
        }
        long end = c.sendQueue().tailPosition();
        if (end > begin) {
            notices.written(begin, end, t);
        }
        if (t.left() == 0) {
            if (t.record) {
                memory.endRecord();
                c.endRecord();
            }
            return Result.of(t.done);
        }
        t.blocked = true;
        if (t.wait) {
            return null;
        }
        return t.done > 0 ? Result.of(t.done) : Result.error(Errno.EAGAIN);
    }

    private static void write(TcpConnection c, long length, boolean more, long now) {
        for (long left = length; left > 0; ) {
            int n = (int) Math.min(PIECE, left);
            left -= n;
            if (more || left > 0) {
                c.writeMore(ZEROS, 0, n, now);
            } else {
                c.write(ZEROS, 0, n, now);
            }
        }
    }

    /** After what happened to the connection: the bits of poll that are new. */
    int observe() {
        if (s.connection() == null || !s.isLinux()) {
            return 0;
        }
        int events = memory.becameWritable() ? Descriptor.POLLOUT | Descriptor.POLLWRNORM : 0;
        return notices.observe() ? events | Descriptor.POLLERR : events;
    }
}
