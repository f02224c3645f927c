package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.Host.Endpoint;
import dev.penstock.conformance.packetdrill.script.Expression;

/** Calls that make, name, connect and end sockets, {@code fcntl}, {@code ioctl}, and files to copy from. */
final class KernelSocketCalls extends KernelCallGroup {
    private static final int TCP_CONGESTION = 13;
    private static final int IPPROTO_TCP = 6;
    private static final int SOCK_STREAM = 1;

    private final KernelKnobs knobs;

    KernelSocketCalls(KernelCalls calls, KernelKnobs knobs) {
        super(calls);
        this.knobs = knobs;
    }

    @Override
    NativeCall prepare(Arguments a) throws SkipException, ScriptException {
        return switch (a.call.name()) {
            case "socket" -> socket(a);
            case "bind", "connect" -> named(a);
            case "listen" -> {
                int fd = descriptor(a, 0).fd();
                int backlog = (int) a.number(1);
                yield NativeCall.of(c -> c.listen(fd, backlog));
            }
            case "accept", "accept4" -> accept(a);
            case "shutdown" -> {
                int fd = descriptor(a, 0).fd();
                int how = (int) a.number(1);
                yield NativeCall.of(c -> c.shutdown(fd, how));
            }
            case "close" -> {
                int fd = calls.remove(a.number(0)).fd();
                yield NativeCall.of(c -> c.close(fd));
            }
            case "dup" -> {
                KernelDescriptor d = descriptor(a, 0);
                yield NativeCall.opening(d.family(), c -> c.dup(d.fd()));
            }
            case "getsockname", "getpeername" -> name(a);
            case "fcntl" -> fcntl(a);
            case "ioctl" -> ioctl(a);
            default -> null;
        };
    }

    private NativeCall socket(Arguments a) throws SkipException, ScriptException {
        a.expect(3, 3);
        boolean v6 = calls.wire.v6 || calls.wire.mapped;
        int family = (int) a.number(0, v6 ? NativeBytes.AF_INET6 : NativeBytes.AF_INET);
        int type = (int) a.number(1);
        int protocol = (int) a.number(2, 0);
        if (family != NativeBytes.AF_INET && family != NativeBytes.AF_INET6) {
            throw a.skip("the address family " + family + " is not supported");
        }
        NativeBytes name = NativeBytes.text(knobs.congestion());
        return NativeCall.opening(family, c -> {
            int fd = c.socket(family, type, protocol);
            if (fd >= 0 && (type & 0xf) == SOCK_STREAM) {
                c.setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name.start(), name.length - 1);
            }
            return fd;
        });
    }

    private NativeCall named(Arguments a) throws SkipException, ScriptException {
        a.expect(3, 3);
        boolean connects = a.call.name().equals("connect");
        KernelDescriptor d = descriptor(a, 0);
        NativeBytes address;
        if (a.addresses.family(a.at(1)) == 0) {
            address = new NativeBytes(NativeBytes.ADDRESS_LENGTH);
        } else {
            Endpoint to = a.addresses.read(a.at(1), connects ? calls.remote() : calls.local());
            address = to == null ? null : NativeBytes.address(to, d.v6());
        }
        int length = d.v6() ? NativeBytes.ADDRESS_LENGTH : 16;
        return NativeCall.of(c -> {
            long at = address == null ? 0 : address.start();
            return connects ? c.connect(d.fd(), at, length) : c.bind(d.fd(), at, length);
        });
    }

    private NativeCall accept(Arguments a) throws SkipException, ScriptException {
        boolean four = a.call.name().equals("accept4");
        a.expect(four ? 4 : 3, 4);
        int flags = (int) a.number(3, 0);
        KernelDescriptor d = descriptor(a, 0);
        NativeBytes address = new NativeBytes(128);
        NativeBytes length = NativeBytes.ofInt(128);
        Expression wanted = a.at(1);
        return new NativeCall() {
            @Override
            long make() {
                return n.told(
                        four
                                ? n.c().accept4(d.fd(), address.start(), length.start(), flags)
                                : n.c().accept(d.fd(), address.start(), length.start()));
            }

            @Override
            KernelDescriptor opened(long result) {
                return new KernelDescriptor((int) result, d.family());
            }

            @Override
            String differs(long result) throws SkipException, ScriptException {
                return a.addresses.compare("address", wanted, address.address(0));
            }
        };
    }

    private NativeCall name(Arguments a) throws SkipException, ScriptException {
        a.expect(3, 3);
        boolean peer = a.call.name().equals("getpeername");
        int fd = descriptor(a, 0).fd();
        NativeBytes address = new NativeBytes(128);
        NativeBytes length = NativeBytes.ofInt(128);
        return new NativeCall() {
            @Override
            long make() {
                return n.told(
                        peer
                                ? n.c().getpeername(fd, address.start(), length.start())
                                : n.c().getsockname(fd, address.start(), length.start()));
            }

            @Override
            String differs(long result) throws SkipException, ScriptException {
                return a.addresses.compare("address", a.at(1), address.address(0));
            }
        };
    }

    private NativeCall fcntl(Arguments a) throws SkipException, ScriptException {
        a.expect(2, 3);
        KernelDescriptor d = descriptor(a, 0);
        int command = (int) a.number(1);
        long argument = a.number(2, 0);
        if (command == a.constant("F_DUPFD")) {
            return NativeCall.opening(d.family(), c -> c.dup(d.fd()));
        }
        return NativeCall.of(c -> c.fcntl(d.fd(), command, argument));
    }

    private NativeCall ioctl(Arguments a) throws SkipException, ScriptException {
        a.expect(2, 3);
        int fd = descriptor(a, 0).fd();
        long request = a.number(1);
        boolean sets = request == a.constant("FIONBIO");
        NativeBytes value = NativeBytes.ofInt(sets ? (int) a.number(2) : 0);
        return new NativeCall() {
            @Override
            long make() {
                return n.told(n.c().ioctl(fd, request, value.start()));
            }

            @Override
            String differs(long result) throws SkipException, ScriptException {
                return sets ? null : a.values.compare("value", a.at(2), value.intAt(0));
            }
        };
    }
}
