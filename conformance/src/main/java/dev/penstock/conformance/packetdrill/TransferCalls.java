package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.Expression;
import dev.penstock.stack.timer.Deadline;

/** Calls that move data. A script has no contents, so that buffers are as good as their lengths. */
final class TransferCalls extends CallGroup {
    private static final Result LATE = Result.error(Errno.EAGAIN);

    private final MessageHeaders headers;

    TransferCalls(DescriptorTable table) {
        super(table);
        this.headers = new MessageHeaders(host);
    }

    @Override
    Attempt prepare(Arguments a) throws SkipException, ScriptException {
        return switch (a.call.name()) {
            case "read" -> receive(a, 3, -1, -1);
            case "recv" -> receive(a, 4, 3, -1);
            case "recvfrom" -> receive(a, 6, 3, 4);
            case "write" -> send(a, 3, -1, -1);
            case "send" -> send(a, 4, 3, -1);
            case "sendto" -> send(a, 6, 3, 4);
            case "readv" -> vectors(a, true);
            case "writev" -> vectors(a, false);
            case "sendmsg" -> sendMessage(a);
            case "sendfile" -> sendFile(a);
            case "recvmsg" -> receiveMessage(a);
            default -> null;
        };
    }

    private Attempt receive(Arguments a, int count, int flagsAt, int addressAt) throws SkipException, ScriptException {
        a.expect(count, count);
        long length = a.number(2);
        long flags = flagsAt < 0 ? 0 : a.number(flagsAt, 0);
        return onSocket(a, s -> {
            Transfer t = receiving(a, s, length, flags);
            if (length == 0 && flagsAt < 0) {
                return Attempt.done(Result.OK);
            }
            Expression address = addressAt < 0 ? null : a.at(addressAt);
            return receiving(
                    s, t, r -> r.differing(s.isStream() ? null : a.addresses.compare("address", address, t.from)));
        });
    }

    /** What is done about the answer of a call that received something. */
    @FunctionalInterface
    private interface Check {
        Result apply(Result r) throws SkipException, ScriptException;
    }

    private Attempt receiving(SocketDescriptor s, Transfer t, Check check) {
        long until = t.wait ? after(s.settings.receiveTimeoutNs) : Deadline.NEVER;
        return new Attempt() {
            {
                untilNs = until;
            }

            @Override
            Result run(boolean over) throws SkipException, ScriptException {
                Result r = t.errors ? error(s, t) : s.receive(t);
                if (r == null && over) {
                    return t.done > 0 ? check.apply(Result.of(t.done)) : LATE;
                }
                return r == null || r.errno() != null ? r : check.apply(r);
            }
        };
    }

    /** MSG_ERRQUEUE never waits. */
    private static Result error(SocketDescriptor s, Transfer t) {
        t.error = s instanceof StreamDescriptor d ? d.output().notices.poll() : null;
        return t.error == null ? Result.error(Errno.EAGAIN) : Result.OK;
    }

    private Transfer receiving(Arguments a, SocketDescriptor s, long length, long flags) throws SkipException {
        Transfer t = new Transfer(length, !s.nonBlocking && !a.has(flags, "MSG_DONTWAIT"));
        t.errors = a.has(flags, "MSG_ERRQUEUE");
        t.peek = a.has(flags, "MSG_PEEK");
        t.truncate = a.has(flags, "MSG_TRUNC");
        t.waitAll = a.has(flags, "MSG_WAITALL");
        t.outOfBand = a.has(flags, "MSG_OOB");
        return t;
    }

    private Attempt send(Arguments a, int count, int flagsAt, int addressAt) throws SkipException, ScriptException {
        a.expect(count, count);
        long length = a.number(2);
        long flags = flagsAt < 0 ? 0 : a.number(flagsAt, 0);
        return onSocket(a, s -> {
            Transfer t = sending(a, s, length, flags);
            if (addressAt >= 0 && !(s.isStream() && Values.isAny(a.at(addressAt)))) {
                t.to = a.addresses.read(a.at(addressAt), host.remote());
            }
            return sending(s, t);
        });
    }

    private Transfer sending(Arguments a, SocketDescriptor s, long length, long flags) throws SkipException {
        if (a.has(flags, "MSG_FASTOPEN")) {
            throw a.skip("TCP Fast Open (MSG_FASTOPEN) is not supported");
        }
        Transfer t = new Transfer(length, !s.nonBlocking && !a.has(flags, "MSG_DONTWAIT"));
        t.zeroCopy = a.has(flags, "MSG_ZEROCOPY") && s.settings.zeroCopy && s.isStream();
        t.record = a.has(flags, "MSG_EOR");
        t.more = a.has(flags, "MSG_MORE");
        t.outOfBand = a.has(flags, "MSG_OOB");
        return t;
    }

    private Attempt sending(SocketDescriptor s, Transfer t) {
        long until = t.wait ? after(s.settings.sendTimeoutNs) : Deadline.NEVER;
        return new Attempt() {
            {
                untilNs = until;
            }

            @Override
            Result run(boolean over) {
                Result r = s.send(t);
                return r == null && over ? t.done > 0 ? Result.of(t.done) : LATE : r;
            }
        };
    }

    private Attempt vectors(Arguments a, boolean reading) throws SkipException, ScriptException {
        a.expect(3, 3);
        long length = headers.lengthOf(a, Values.elements(a.at(1)));
        return onSocket(a, s -> {
            if (reading) {
                return receiving(s, receiving(a, s, length, 0), r -> r);
            }
            return sending(s, sending(a, s, length, 0));
        });
    }

    /** From a file that is as long as it needs to be, and not a socket. */
    private Attempt sendFile(Arguments a) throws SkipException, ScriptException {
        a.expect(4, 4);
        long length = a.number(3);
        return onSocket(a, s -> sending(s, sending(a, s, length, 0)));
    }

    private Attempt sendMessage(Arguments a) throws SkipException, ScriptException {
        a.expect(3, 3);
        Expression.Struct header = a.values.struct(a.at(1));
        long length = headers.length(a, header);
        long flags = a.number(2, 0);
        long stamps = headers.hasControl(header) ? headers.stamps(a, header) : 0;
        return onSocket(a, s -> {
            Transfer t = sending(a, s, length, flags);
            t.stamps = stamps;
            Expression name = header.get("msg_name");
            if (name != null && !(s.isStream() && Values.isAny(name))) {
                t.to = a.addresses.read(name, host.remote());
            }
            return sending(s, t);
        });
    }

    private Attempt receiveMessage(Arguments a) throws SkipException, ScriptException {
        a.expect(3, 3);
        Expression.Struct header = a.values.struct(a.at(1));
        long length = headers.length(a, header);
        long flags = a.number(2, 0);
        return onSocket(a, s -> {
            Transfer t = receiving(a, s, length, flags);
            return receiving(s, t, r -> r.differing(headers.compare(a, header, s, t)));
        });
    }
}
