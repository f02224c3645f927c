package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.Host.Endpoint;
import dev.penstock.conformance.packetdrill.script.Expression;
import dev.penstock.stack.wire.IpAddress;

/** Calls that make, name, connect and end sockets. */
final class SocketCalls extends CallGroup {
    SocketCalls(DescriptorTable table) {
        super(table);
    }

    @Override
    Attempt prepare(Arguments a) throws SkipException, ScriptException {
        return switch (a.call.name()) {
            case "socket" -> socket(a);
            case "bind" -> bind(a);
            case "listen" -> listen(a);
            case "accept", "accept4" -> accept(a);
            case "connect" -> connect(a);
            case "shutdown" -> shutdown(a);
            case "close" -> close(a);
            case "dup" -> dup(a);
            case "getsockname", "getpeername" -> name(a);
            default -> null;
        };
    }

    private Attempt socket(Arguments a) throws SkipException, ScriptException {
        a.expect(3, 3);
        int v6 = a.constant("AF_INET6");
        int v4 = a.constant("AF_INET");
        boolean hostIsV4 = IpAddress.isV4(host.local().hi(), host.local().lo());
        long family = a.number(0, hostIsV4 ? v4 : v6);
        long type = a.number(1);
        long protocol = a.number(2, 0);
        if (family != v4 && family != v6) {
            throw a.skip("the address family " + family + " is not supported");
        }
        boolean nonBlocking = a.has(type, "SOCK_NONBLOCK");
        int kind = (int) type & 0xf;
        int tcp = a.constant("IPPROTO_TCP");
        int udp = a.constant("IPPROTO_UDP");
        boolean stream = kind == a.constant("SOCK_STREAM");
        if (!stream && kind != a.constant("SOCK_DGRAM")) {
            throw a.skip("sockets of type " + kind + " are not supported");
        }
        if (protocol != 0 && protocol != (stream ? tcp : udp)) {
            if (protocol == tcp || protocol == udp) {
                return Attempt.done(Result.error(Errno.EPROTONOSUPPORT));
            }
            throw a.skip("the protocol " + protocol + " is not supported");
        }
        SocketSettings settings = new SocketSettings(host.tcp().defaults);
        SocketDescriptor s = stream
                ? new StreamDescriptor(table, (int) family, settings)
                : new DatagramDescriptor(table, (int) family, settings);
        s.nonBlocking = nonBlocking;
        return Attempt.done(Result.opened(s));
    }

    private Attempt bind(Arguments a) throws SkipException, ScriptException {
        a.expect(3, 3);
        return onSocket(a, s -> {
            Endpoint to = a.addresses.read(a.at(1), host.local());
            return Attempt.done(to == null ? Result.error(Errno.EFAULT) : s.bind(to));
        });
    }

    private Attempt listen(Arguments a) throws SkipException, ScriptException {
        a.expect(2, 2);
        int backlog = (int) a.number(1);
        return onSocket(a, s -> Attempt.done(s.listen(backlog)));
    }

    private Attempt accept(Arguments a) throws SkipException, ScriptException {
        a.expect(a.call.name().equals("accept4") ? 4 : 3, 4);
        long flags = a.number(3, 0);
        return onSocket(
                a,
                s -> Attempt.until(after(s.settings.receiveTimeoutNs), Result.error(Errno.EAGAIN), () -> {
                    Result r = s.accept();
                    if (r == null) {
                        return s.nonBlocking ? Result.error(Errno.EAGAIN) : null;
                    }
                    if (r.opened() instanceof StreamDescriptor accepted) {
                        // POSIX: the new socket has none of the file status flags; in the BSDs it has the listener's.
                        accepted.nonBlocking = a.has(flags, "SOCK_NONBLOCK") || !s.isLinux() && s.nonBlocking;
                        return r.differing(a.addresses.compare("address", a.at(1), accepted.peerName()));
                    }
                    return r;
                }));
    }

    private Attempt connect(Arguments a) throws SkipException, ScriptException {
        a.expect(3, 3);
        return onSocket(a, s -> {
            if (a.addresses.family(a.at(1)) == a.constant("AF_UNSPEC")) {
                return Attempt.done(s.disconnect());
            }
            Endpoint to = a.addresses.read(a.at(1), host.remote());
            if (to == null) {
                return Attempt.done(Result.error(Errno.EFAULT));
            }
            boolean[] begun = new boolean[1];
            Result late = Result.error(Errno.EINPROGRESS);
            return Attempt.until(after(s.settings.sendTimeoutNs), late, () -> {
                boolean first = !begun[0];
                begun[0] = true;
                return first ? s.connect(to) : ((StreamDescriptor) s).connectOutcome();
            });
        });
    }

    private Attempt shutdown(Arguments a) throws SkipException, ScriptException {
        a.expect(2, 2);
        int how = (int) a.number(1);
        return onSocket(a, s -> Attempt.done(how < 0 || how > 2 ? Result.error(Errno.EINVAL) : s.shutdown(how)));
    }

    private Attempt close(Arguments a) throws SkipException, ScriptException {
        a.expect(1, 1);
        int fd = (int) a.number(0);
        if (table.get(fd) == null) {
            return Attempt.done(Result.error(Errno.EBADF));
        }
        Descriptor last = table.remove(fd);
        if (last == null) {
            return Attempt.done(Result.OK);
        }
        long lingerNs = last instanceof StreamDescriptor s ? s.lingerNs() : 0;
        Result late = host.profile() == Profile.LINUX ? Result.OK : Result.error(Errno.EAGAIN);
        return Attempt.until(after(lingerNs), late, last::close);
    }

    private Attempt dup(Arguments a) throws SkipException, ScriptException {
        a.expect(1, 1);
        Descriptor d = table.get(a.number(0));
        return Attempt.done(d == null ? Result.error(Errno.EBADF) : Result.opened(d));
    }

    private Attempt name(Arguments a) throws SkipException, ScriptException {
        a.expect(3, 3);
        boolean peer = a.call.name().equals("getpeername");
        Expression wanted = a.at(1);
        return onSocket(a, s -> {
            Endpoint e = peer ? s.peerName() : s.localName();
            if (e == null && peer) {
                return Attempt.done(Result.error(Errno.ENOTCONN));
            }
            return Attempt.done(Result.OK.differing(a.addresses.compare("address", wanted, e)));
        });
    }
}
