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

    StreamOutput(StreamDescriptor s) {
        this.s = s;
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
}
