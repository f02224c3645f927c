package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.Host.Endpoint;
import dev.penstock.conformance.packetdrill.script.SystemCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The program under test on the kernel: its descriptors by the numbers of the script, and the calls that it makes. */
final class KernelCalls implements SystemCalls {
    private static final long MS = 1_000_000L;
    private static final int FIRST = 3;
    private static final int MOST = 1_024;
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_INFO = 11;
    private static final int SHUT_RDWR = 2;
    /** Nobody has it. */
    private static final int NO_DESCRIPTOR = 1 << 20;

    private static final KernelDescriptor NONE = new KernelDescriptor(-1, NativeBytes.AF_INET);

    final WireSettings wire;
    private final KernelHost host;
    private final CallerThreads threads;
    private final List<KernelCallGroup> groups;
    private final Map<Integer, KernelDescriptor> open = new TreeMap<>();
    private final List<KernelCall> running = new ArrayList<>();
    private final AtomicInteger ended = new AtomicInteger();
    private KernelDescriptor current;

    KernelCalls(KernelHost host, CallerThreads threads, WireSettings wire, KernelKnobs knobs) {
        this.host = host;
        this.threads = threads;
        this.wire = wire;
        this.groups = List.of(
                new KernelSocketCalls(this, knobs),
                new KernelTransferCalls(this),
                new KernelOptionCalls(this),
                new KernelReadinessCalls(this));
    }

    @Override
    public Call begin(SystemCall call, int line) throws SkipException, ScriptException {
        // A call beside this one may have returned with a descriptor that this one is about.
        if (!running.isEmpty()) {
            host.waitFor(() -> running.stream().anyMatch(KernelCall::done), MS / 2);
        }
        running.removeIf(KernelCall::done);
        Arguments a = new Arguments(call, line, Profile.LINUX);
        for (KernelCallGroup group : groups) {
            NativeCall made = group.prepare(a);
            if (made != null) {
                KernelCall begun = new KernelCall(call, a.values, made, this);
                running.add(begun);
                threads.run(begun);
                // A call that is to block is given the time to get there before anything else happens.
                host.waitFor(begun::done, call.end() == null ? 2 * MS : MS / 2);
                return begun;
            }
        }
        throw a.skip("the system call " + call.name() + " is not supported");
    }

    long nowNs() {
        return host.nowNs();
    }

    /** The thread that made the call. */
    void ended(KernelCall call) {
        ended.incrementAndGet();
        host.wake();
    }

    /** How many calls have returned so far. */
    int ended() {
        return ended.get();
    }

    // --- descriptors ---

    /** The kernel's for a script's; one that gives EBADF if there is none. */
    KernelDescriptor get(long fd) {
        KernelDescriptor d = open.get((int) fd);
        if (d == null) {
            return NONE;
        }
        if (d.family() != 0) {
            current = d;
        }
        return d;
    }

    /** For {@code poll}: a negative number stays one, which poll passes over. */
    int polled(long fd) {
        return fd < 0
                ? (int) fd
                : open.containsKey((int) fd) ? open.get((int) fd).fd() : NO_DESCRIPTOR;
    }

    /** Takes the number away. */
    KernelDescriptor remove(long fd) {
        KernelDescriptor d = open.remove((int) fd);
        if (d != null && d.equals(current)) {
            current = null;
        }
        return d == null ? NONE : d;
    }

    /** @param wanted the script's number for it; -1 for the least that is free */
    boolean install(KernelDescriptor d, long wanted) {
        int fd = (int) wanted;
        for (int free = FIRST; fd < 0; free++) {
            fd = open.containsKey(free) ? -1 : free;
        }
        if (open.containsKey(fd) || open.size() >= MOST) {
            discard(d);
            return false;
        }
        open.put(fd, d);
        get(fd);
        return true;
    }

    void discard(KernelDescriptor d) {
        NativeCalls.get().c().close(d.fd());
    }

    Endpoint local() {
        return new Endpoint(wire.local.hi(), wire.local.lo(), wire.bindPort);
    }

    Endpoint remote() {
        return new Endpoint(wire.remote.hi(), wire.remote.lo(), wire.connectPort);
    }

    @Override
    public Map<String, ?> info() {
        if (current == null) {
            return null;
        }
        NativeCalls n = NativeCalls.get();
        NativeBytes value = new NativeBytes(KernelInfo.LENGTH);
        NativeBytes length = NativeBytes.ofInt(KernelInfo.LENGTH);
        int fd = current.fd();
        long r = n.told(n.c().getsockopt(fd, IPPROTO_TCP, TCP_INFO, value.start(), length.start()));
        return r < 0 ? null : KernelInfo.members(value, length.intAt(0));
    }

    @Override
    public void closeAll() {
        for (KernelDescriptor d : open.values()) {
            // Whoever still waits for it returns.
            NativeCalls.get().c().shutdown(d.fd(), SHUT_RDWR);
            discard(d);
        }
        open.clear();
        current = null;
    }
}
