package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.Expression;
import dev.penstock.stack.timer.Deadline;
import java.util.ArrayList;
import java.util.List;

/** {@code poll} and {@code epoll}. */
final class ReadinessCalls extends CallGroup {
    private static final long MS = 1_000_000L;

    ReadinessCalls(DescriptorTable table) {
        super(table);
    }

    @Override
    Attempt prepare(Arguments a) throws SkipException, ScriptException {
        return switch (a.call.name()) {
            case "poll" -> poll(a);
            case "epoll_create", "epoll_create1" -> epollCreate(a);
            case "epoll_ctl" -> epollControl(a);
            case "epoll_wait", "epoll_pwait" -> epollWait(a);
            default -> null;
        };
    }

    /** When a wait of so many milliseconds is over; it may be 0, and below that without end. */
    private long deadline(long ms) {
        return ms < 0 ? Deadline.NEVER : host.stack().clockNs() + ms * MS;
    }

    // --- poll ---

    private Attempt poll(Arguments a) throws SkipException, ScriptException {
        a.expect(3, 3);
        List<Expression> wanted = Values.elements(a.at(0));
        long timeoutMs = a.number(2);
        if (wanted.size() != a.number(1)) {
            throw new ScriptException(
                    a.values.line(), "poll is given " + wanted.size() + " descriptors, not " + a.at(1));
        }
        return new Attempt() {
            {
                untilNs = deadline(timeoutMs);
            }

            @Override
            Result run(boolean over) throws SkipException, ScriptException {
                return pollOnce(a, wanted, over || timeoutMs == 0);
            }
        };
    }

    private Result pollOnce(Arguments a, List<Expression> wanted, boolean last) throws SkipException, ScriptException {
        List<Long> found = new ArrayList<>();
        long count = 0;
        for (Expression e : wanted) {
            Expression.Struct s = a.values.struct(e);
            long events = revents(a.values.number(s.get("fd")), a.values.number(s.get("events")));
            found.add(events);
            count += events != 0 ? 1 : 0;
        }
        if (count == 0 && !last) {
            return null;
        }
        Result r = Result.of(count);
        for (int i = 0; i < wanted.size(); i++) {
            Expression.Struct s = a.values.struct(wanted.get(i));
            r = r.differing(differs(a, s.get("revents"), found.get(i)));
        }
        return r;
    }

    private static String differs(Arguments a, Expression expected, long actual) throws SkipException, ScriptException {
        if (expected == null || Values.isAny(expected)) {
            return null;
        }
        long wanted = a.values.number(expected);
        String names = PollNames.of(wanted) + ", got " + PollNames.of(actual);
        return wanted == actual ? null : "revents: expected " + names;
    }

    private long revents(long fd, long events) {
        if (fd < 0) {
            return 0;
        }
        Descriptor d = table.get(fd);
        if (d == null) {
            return Descriptor.POLLNVAL;
        }
        int always = Descriptor.POLLERR | Descriptor.POLLHUP;
        long wanted = PollNames.toLinux(events, host.profile()) | always;
        return PollNames.fromLinux(d.poll() & wanted, host.profile());
    }

    // --- epoll ---

    private Attempt epollCreate(Arguments a) throws SkipException, ScriptException {
        a.expect(1, 1);
        if (host.profile() != Profile.LINUX) {
            throw a.skip("there is no epoll in the profile " + host.profile());
        }
        if (a.call.name().equals("epoll_create") && a.number(0) <= 0) {
            return Attempt.done(Result.error(Errno.EINVAL));
        }
        return Attempt.done(Result.opened(new EpollDescriptor(table)));
    }

    private Attempt epollControl(Arguments a) throws SkipException, ScriptException {
        a.expect(3, 4);
        Descriptor d = table.get(a.number(0));
        long operation = a.number(1);
        int fd = (int) a.number(2);
        Descriptor file = table.get(fd);
        if (d == null || file == null) {
            return Attempt.done(Result.error(Errno.EBADF));
        }
        if (!(d instanceof EpollDescriptor epoll)) {
            return Attempt.done(Result.error(Errno.EINVAL));
        }
        if (operation == a.constant("EPOLL_CTL_DEL")) {
            return Attempt.done(epoll.delete(fd));
        }
        Expression.Struct event = a.values.struct(a.at(3));
        long events = a.values.number(event.get("events")) & 0xffff_ffffL;
        long data = data(a, event);
        if (operation == a.constant("EPOLL_CTL_ADD")) {
            return Attempt.done(epoll.add(fd, file, events, data));
        }
        boolean modify = operation == a.constant("EPOLL_CTL_MOD");
        return Attempt.done(modify ? epoll.modify(fd, events, data) : Result.error(Errno.EINVAL));
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

    private Attempt epollWait(Arguments a) throws SkipException, ScriptException {
        a.expect(4, 5);
        Descriptor d = table.get(a.number(0));
        if (d == null) {
            return Attempt.done(Result.error(Errno.EBADF));
        }
        int most = (int) a.number(2);
        if (!(d instanceof EpollDescriptor epoll) || most <= 0) {
            return Attempt.done(Result.error(Errno.EINVAL));
        }
        long timeoutMs = a.number(3);
        return new Attempt() {
            {
                untilNs = deadline(timeoutMs);
            }

            @Override
            Result run(boolean over) throws SkipException, ScriptException {
                List<EpollDescriptor.Event> told = epoll.take(most);
                if (told.isEmpty() && !over && timeoutMs != 0) {
                    return null;
                }
                return Result.of(told.size()).differing(differs(a, told));
            }
        };
    }

    private static String differs(Arguments a, List<EpollDescriptor.Event> told) throws SkipException, ScriptException {
        List<Expression> wanted = Values.elements(a.at(1));
        for (int i = 0; i < Math.min(wanted.size(), told.size()); i++) {
            if (Values.isAny(wanted.get(i))) {
                continue;
            }
            Expression.Struct s = a.values.struct(wanted.get(i));
            EpollDescriptor.Event event = told.get(i);
            Expression events = s.get("events");
            if (events != null && !Values.isAny(events) && a.values.number(events) != event.events()) {
                String names = PollNames.of(a.values.number(events)) + ", got " + PollNames.of(event.events());
                return "events: expected " + names;
            }
            if (data(a, s) != event.data() && s.members().size() > 1) {
                return "data: expected " + data(a, s) + ", got " + event.data();
            }
        }
        return null;
    }
}
