package dev.penstock.conformance.packetdrill;

/** Some system calls that belong together. */
abstract class CallGroup {
    final DescriptorTable table;
    final Host host;

    CallGroup(DescriptorTable table) {
        this.table = table;
        this.host = table.host;
    }

    /**
     * What is to be done for a call.
     *
     * @return null if the call is none of this group
     * @throws SkipException if there is no such option or constant
     */
    abstract Attempt prepare(Arguments a) throws SkipException, ScriptException;

    /** Does something with a socket, or answers EBADF or ENOTSOCK; argument 0 is its number. */
    final Attempt onSocket(Arguments a, SocketBody body) throws SkipException, ScriptException {
        Descriptor d = table.get(a.number(0));
        if (d == null) {
            return Attempt.done(Result.error(Errno.EBADF));
        }
        if (!(d instanceof SocketDescriptor s)) {
            return Attempt.done(Result.error(Errno.ENOTSOCK));
        }
        return body.prepare(s);
    }

    /** What to do with a socket. */
    @FunctionalInterface
    interface SocketBody {
        Attempt prepare(SocketDescriptor s) throws SkipException, ScriptException;
    }

    /** The time {@code ns} from now; never for 0. */
    final long after(long ns) {
        return ns == 0 ? dev.penstock.stack.timer.Deadline.NEVER : host.stack().clockNs() + ns;
    }
}
