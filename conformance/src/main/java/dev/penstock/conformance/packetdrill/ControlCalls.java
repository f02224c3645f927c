package dev.penstock.conformance.packetdrill;

import dev.penstock.stack.buffer.SendQueue;
import dev.penstock.stack.tcp.TcpInfo;
import dev.penstock.stack.tcp.TcpState;

/** {@code fcntl} and {@code ioctl}. */
final class ControlCalls extends CallGroup {
    private final TcpInfo info = new TcpInfo();

    ControlCalls(DescriptorTable table) {
        super(table);
    }

    @Override
    Attempt prepare(Arguments a) throws SkipException, ScriptException {
        return switch (a.call.name()) {
            case "fcntl" -> fcntl(a);
            case "ioctl" -> ioctl(a);
            default -> null;
        };
    }

    private Attempt fcntl(Arguments a) throws SkipException, ScriptException {
        a.expect(2, 3);
        Descriptor d = table.get(a.number(0));
        if (d == null) {
            return Attempt.done(Result.error(Errno.EBADF));
        }
        long command = a.number(1);
        if (command == a.constant("F_GETFL")) {
            long mode = a.constant("O_RDWR");
            return Attempt.done(Result.of(d.nonBlocking ? mode | a.constant("O_NONBLOCK") : mode));
        }
        if (command == a.constant("F_SETFL")) {
            d.nonBlocking = a.has(a.number(2), "O_NONBLOCK");
            return Attempt.done(Result.OK);
        }
        if (command == a.constant("F_SETFD")) {
            return Attempt.done(Result.OK);
        }
        if (command == a.constant("F_DUPFD")) {
            return Attempt.done(Result.opened(d));
        }
        throw a.skip("the fcntl command " + command + " is not supported");
    }

    private Attempt ioctl(Arguments a) throws SkipException, ScriptException {
        a.expect(2, 3);
        Descriptor d = table.get(a.number(0));
        if (d == null) {
            return Attempt.done(Result.error(Errno.EBADF));
        }
        long request = a.number(1);
        if (request == a.constant("FIONBIO")) {
            d.nonBlocking = a.number(2) != 0;
            return Attempt.done(Result.OK);
        }
        if (d instanceof DatagramDescriptor u && request == a.constant("FIONREAD")) {
            return Attempt.done(Result.OK.differing(a.values.compare("value", a.at(2), u.firstLength())));
        }
        if (d instanceof DatagramDescriptor && host.profile() == Profile.LINUX) {
            // What was sent is gone from here at once.
            boolean out = request == a.constant("SIOCOUTQ");
            return Attempt.done(
                    out ? Result.OK.differing(a.values.compare("value", a.at(2), 0)) : Result.error(Errno.ENOTTY));
        }
        if (!(d instanceof StreamDescriptor s)) {
            return Attempt.done(Result.error(Errno.EINVAL));
        }
        boolean linux = s.isLinux();
        long value;
        if (request == a.constant("FIONREAD")) {
            value = linux ? s.input().readable() : s.input().queued();
        } else if (request == a.constant("SIOCATMARK")) {
            value = s.input().isAtMark() ? 1 : 0;
        } else if (linux && request == a.constant("SIOCOUTQ") || !linux && request == a.constant("FIONWRITE")) {
            value = unacknowledged(s);
        } else if (linux && request == a.constant("SIOCOUTQNSD")) {
            value = unsent(s);
        } else if (!linux && request == a.constant("FIONSPACE")) {
            value = s.connection() == null ? 0 : s.connection().sendQueue().writable();
        } else {
            throw a.skip("the ioctl request " + request + " is not supported");
        }
        if (linux && s.state() == TcpState.LISTEN && request != a.constant("SIOCATMARK")) {
            return Attempt.done(Result.error(Errno.EINVAL));
        }
        return Attempt.done(Result.OK.differing(a.values.compare("value", a.at(2), value)));
    }

    private static boolean isOpening(StreamDescriptor s) {
        return s.state() == TcpState.SYN_SENT || s.state() == TcpState.SYN_RECEIVED;
    }

    /** Linux counts write_seq - snd_una, a FIN that was not acknowledged too. */
    private static long unacknowledged(StreamDescriptor s) {
        if (s.connection() == null || isOpening(s)) {
            return 0;
        }
        SendQueue q = s.connection().sendQueue();
        long fin = s.isLinux() && s.state().isFinPending() ? 1 : 0;
        return q.isClosed() ? 0 : q.size() + fin;
    }

    private long unsent(StreamDescriptor s) {
        if (s.connection() == null || isOpening(s)) {
            return 0;
        }
        s.connection().info(info, s.clock());
        return info.bytesNotSent;
    }
}
