package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.Expression;
import java.util.List;

/** {@code poll} and {@code epoll}. */
final class KernelReadinessCalls extends KernelCallGroup {
    private static final int POLLFD = 8;
    /** {@code struct epoll_event} is packed on x86. */
    private static final boolean PACKED = System.getProperty("os.arch").matches("amd64|x86_64");

    private static final int DATA = PACKED ? 4 : 8;
    private static final int EVENT = DATA + 8;

    KernelReadinessCalls(KernelCalls calls) {
        super(calls);
    }

    @Override
    NativeCall prepare(Arguments a) throws SkipException, ScriptException {
        return switch (a.call.name()) {
            case "poll" -> poll(a);
            case "epoll_create" -> {
                int size = (int) a.number(0);
                yield NativeCall.opening(0, c -> c.epoll_create(size));
            }
            case "epoll_create1" -> {
                int flags = (int) a.number(0);
                yield NativeCall.opening(0, c -> c.epoll_create1(flags));
            }
            case "epoll_ctl" -> control(a);
            case "epoll_wait", "epoll_pwait" -> await(a);
            default -> null;
        };
    }

    private NativeCall poll(Arguments a) throws SkipException, ScriptException {
        a.expect(3, 3);
        List<Expression> wanted = Values.elements(a.at(0));
        int timeoutMs = (int) a.number(2);
        int count = (int) a.number(1);
        if (wanted.size() != count) {
            throw new ScriptException(a.values.line(), "poll is given " + wanted.size() + " descriptors, not " + count);
        }
        NativeBytes fds = new NativeBytes((long) POLLFD * count);
        for (int i = 0; i < count; i++) {
            Expression.Struct s = a.values.struct(wanted.get(i));
            fds.putInt(i * POLLFD, calls.polled(a.values.number(s.get("fd"))));
            fds.b.putShort(i * POLLFD + 4, (short) a.values.number(s.get("events")));
        }
        return new NativeCall() {
            @Override
            long make() {
                return n.told(n.c().poll(fds.start(), count, timeoutMs));
            }

            @Override
            String differs(long result) throws SkipException, ScriptException {
                for (int i = 0; i < count; i++) {
                    Expression expected = a.values.struct(wanted.get(i)).get("revents");
                    int actual = fds.b.getShort(i * POLLFD + 6) & 0xffff;
                    boolean any = expected == null || Values.isAny(expected);
                    if (!any && a.values.number(expected) != actual) {
                        String names = PollNames.of(a.values.number(expected)) + ", got " + PollNames.of(actual);
                        return "revents: expected " + names;
                    }
                }
                return null;
            }
        };
    }

    private NativeCall control(Arguments a) throws SkipException, ScriptException {
        a.expect(3, 4);
        int epoll = descriptor(a, 0).fd();
        int operation = (int) a.number(1);
        int fd = descriptor(a, 2).fd();
        NativeBytes event = new NativeBytes(EVENT);
        if (a.at(3) instanceof Expression.Struct || a.at(3) instanceof Expression.Array) {
            Expression.Struct s = a.values.struct(a.at(3));
            event.putInt(0, a.values.number(s.get("events"))).putLong(DATA, data(a, s));
        }
        return NativeCall.of(c -> c.epoll_ctl(epoll, operation, fd, event.start()));
    }

    /** {@code fd=}, {@code u32=}, {@code u64=}, {@code ptr=}: one and the same. */
    private static long data(Arguments a, Expression.Struct event) throws SkipException, ScriptException {
        for (Expression.Member m : event.members()) {
            if (!"events".equals(m.name())) {
                return Values.isAny(m.value()) ? 0 : a.values.number(m.value());
            }
        }
        return 0;
    }

    private NativeCall await(Arguments a) throws SkipException, ScriptException {
        a.expect(4, 5);
        int epoll = descriptor(a, 0).fd();
        int most = (int) a.number(2);
        int timeoutMs = (int) a.number(3);
        NativeBytes events = new NativeBytes((long) EVENT * Math.max(1, Math.min(most, 1_024)));
        List<Expression> wanted = Values.elements(a.at(1));
        return new NativeCall() {
            @Override
            long make() {
                return n.told(n.c().epoll_wait(epoll, events.start(), Math.min(most, 1_024), timeoutMs));
            }

            @Override
            String differs(long result) throws SkipException, ScriptException {
                for (int i = 0; i < Math.min(wanted.size(), result); i++) {
                    if (Values.isAny(wanted.get(i))) {
                        continue;
                    }
                    Expression.Struct s = a.values.struct(wanted.get(i));
                    Expression expected = s.get("events");
                    long actual = events.intAt(i * EVENT) & 0xffff_ffffL;
                    if (expected != null && !Values.isAny(expected) && a.values.number(expected) != actual) {
                        String names = PollNames.of(a.values.number(expected)) + ", got " + PollNames.of(actual);
                        return "events: expected " + names;
                    }
                    long data = events.longAt(i * EVENT + DATA);
                    if (s.members().size() > 1 && data(a, s) != data) {
                        return "data: expected " + data(a, s) + ", got " + data;
                    }
                }
                return null;
            }
        };
    }
}
