package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.Host.Endpoint;
import dev.penstock.conformance.packetdrill.script.Expression;
import java.lang.ref.Reference;
import java.util.List;

/** Calls that move data. Buffers are zeros: a script has no contents. */
final class KernelTransferCalls extends KernelCallGroup {
    private static final int CONTROL = 1_024;
    private static final int CLOSE_ON_EXEC = 0x4000_0000;

    KernelTransferCalls(KernelCalls calls) {
        super(calls);
    }

    @Override
    NativeCall prepare(Arguments a) throws SkipException, ScriptException {
        return switch (a.call.name()) {
            case "read", "write" -> plain(a);
            case "recv" -> receive(a, 4);
            case "recvfrom" -> receive(a, 6);
            case "send" -> send(a, 4);
            case "sendto" -> send(a, 6);
            case "readv", "writev" -> vectors(a);
            case "sendmsg" -> message(a, true);
            case "recvmsg" -> message(a, false);
            case "sendfile" -> sendFile(a);
            default -> null;
        };
    }

    private NativeCall plain(Arguments a) throws SkipException, ScriptException {
        a.expect(3, 3);
        int fd = descriptor(a, 0).fd();
        NativeBytes data = new NativeBytes(a.number(2));
        boolean reads = a.call.name().equals("read");
        return NativeCall.of(
                c -> reads ? c.read(fd, data.start(), data.length) : c.write(fd, data.start(), data.length));
    }

    private NativeCall receive(Arguments a, int count) throws SkipException, ScriptException {
        a.expect(count, count);
        int fd = descriptor(a, 0).fd();
        NativeMessage m = new NativeMessage(a.number(2), new NativeBytes(128), null);
        int flags = (int) a.number(3, 0);
        return new NativeCall() {
            @Override
            long make() {
                return n.told(m.call(header -> n.c().recvmsg(fd, header, flags)));
            }

            @Override
            String differs(long result) throws SkipException, ScriptException {
                Endpoint from = m.from();
                return from == null ? null : a.addresses.compare("address", a.at(4), from);
            }
        };
    }

    private NativeCall send(Arguments a, int count) throws SkipException, ScriptException {
        a.expect(count, count);
        KernelDescriptor d = descriptor(a, 0);
        int flags = (int) a.number(3, 0);
        NativeMessage m = new NativeMessage(a.number(2), address(a, count > 4 ? a.at(4) : null, d), null);
        return NativeCall.of(c -> m.call(header -> c.sendmsg(d.fd(), header, flags)));
    }

    /** Where to: {@code ...} is nobody for a connected socket. */
    private NativeBytes address(Arguments a, Expression e, KernelDescriptor d) throws SkipException, ScriptException {
        if (e == null || Values.isNull(e) || e instanceof Expression.Int) {
            return null;
        }
        // "..." names the remote host, which a stream that is connected passes over.
        Endpoint to = a.addresses.read(e, calls.remote());
        return to == null ? null : NativeBytes.address(to, d.v6());
    }

    private NativeCall vectors(Arguments a) throws SkipException, ScriptException {
        a.expect(3, 3);
        int fd = descriptor(a, 0).fd();
        List<Expression> elements = Values.elements(a.at(1));
        NativeBytes data = new NativeBytes(KernelMessages.total(a, elements));
        NativeBytes vectors = KernelMessages.vectors(a, elements, data);
        int count = (int) a.number(2);
        boolean reads = a.call.name().equals("readv");
        return NativeCall.of(c -> {
            try {
                return reads ? c.readv(fd, vectors.start(), count) : c.writev(fd, vectors.start(), count);
            } finally {
                Reference.reachabilityFence(data);
            }
        });
    }

    private NativeCall message(Arguments a, boolean sends) throws SkipException, ScriptException {
        a.expect(3, 3);
        KernelDescriptor d = descriptor(a, 0);
        Expression.Struct header = a.values.struct(a.at(1));
        int flags = (int) a.number(2, 0);
        Expression iov = header.get("msg_iov");
        List<Expression> elements = iov == null ? List.of() : Values.elements(iov);
        NativeBytes address = sends ? address(a, header.get("msg_name"), d) : new NativeBytes(128);
        NativeBytes control = sends ? KernelMessages.control(a, header.get("msg_control")) : new NativeBytes(CONTROL);
        NativeBytes data = new NativeBytes(KernelMessages.total(a, elements));
        NativeBytes vectors = KernelMessages.vectors(a, elements, data);
        NativeMessage m = new NativeMessage(data, vectors, elements.size(), address, control);
        return new NativeCall() {
            @Override
            long make() {
                return n.told(
                        m.call(at -> sends ? n.c().sendmsg(d.fd(), at, flags) : n.c().recvmsg(d.fd(), at, flags)));
            }

            @Override
            String differs(long result) throws SkipException, ScriptException {
                return sends ? null : received(a, header, m);
            }
        };
    }

    private static String received(Arguments a, Expression.Struct header, NativeMessage m)
            throws SkipException, ScriptException {
        // MSG_CMSG_CLOEXEC is of this process only.
        String differs = a.values.compare("msg_flags", header.get("msg_flags"), m.flags() & ~CLOSE_ON_EXEC);
        Endpoint from = m.from();
        if (differs == null && from != null) {
            differs = a.addresses.compare("msg_name", header.get("msg_name"), from);
        }
        Expression wanted = header.get("msg_control");
        boolean asked = wanted != null && !Values.isNull(wanted) && !Values.isAny(wanted);
        return differs != null || !asked
                ? differs
                : KernelMessages.compareControl(a, Values.elements(wanted), m.control(), m.controlLength());
    }

    private NativeCall sendFile(Arguments a) throws SkipException, ScriptException {
        a.expect(4, 4);
        int out = descriptor(a, 0).fd();
        long count = a.number(3);
        NativeBytes name = NativeBytes.text("packetdrill");
        return new NativeCall() {
            @Override
            long make() {
                // The file of a script has no contents either: one that is as long as it needs to be.
                int file = n.c().memfd_create(name.start(), 0);
                n.c().ftruncate(file, count);
                long result = n.told(n.c().sendfile(out, file, 0, count));
                n.c().close(file);
                return result;
            }
        };
    }
}
