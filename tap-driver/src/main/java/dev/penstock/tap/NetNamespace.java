package dev.penstock.tap;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A network namespace of our own, so that a TAP device, its addresses and its traffic touch nothing of the machine's.
 *
 * <p>A network namespace belongs to a thread. {@link #call} and {@link #newThread} run code on threads inside; what is
 * opened there (TAP devices, sockets) stays inside and works from any thread. A process started there ({@link #start})
 * is inside, too, for a child begins where the thread that starts it is. It still sees the outer /sys, and must look at
 * /proc/thread-self/net, not /proc/net; the tools that use netlink (ip, ss, ping, curl) need neither.
 *
 * <p>Any thread. Never enter from a virtual thread or a pooled one: {@code call} makes its own.
 */
public final class NetNamespace implements AutoCloseable {
    private static final String RUN_NETNS = "/run/netns/";

    private final LibC libC;
    private final int fd;
    private final String createdName;
    private final List<Process> children = new ArrayList<>();
    private boolean closed;

    private NetNamespace(LibC libC, int fd, String createdName) {
        this.libC = libC;
        this.fd = fd;
        this.createdName = createdName;
    }

    /** Whether network namespaces and TAP devices can be had. */
    public enum Privilege {
        /** Here and now: {@link NetNamespace#create} and {@link TapDevice#open} inside it work. */
        ROOT_OK,
        /** After the process was started anew under {@code unshare -Urn}. A running JVM cannot enter a user namespace. */
        NEEDS_REEXEC_UNSHARE,
        /** Not at all. */
        UNAVAILABLE
    }

    /**
     * The result of {@link NetNamespace#privilege}.
     *
     * @param privilege what can be had
     * @param reason why, and what would help, in one line for people
     */
    public record Probe(Privilege privilege, String reason) {}

    /** Finds out by trying, in a namespace that is thrown away, with the default binding. */
    public static Probe privilege() {
        return PrivilegeProbe.probe(NativeBinding.JNR);
    }

    /** A new anonymous namespace with its loopback interface up. It ends with this object and what is open in it. */
    public static NetNamespace create() throws TapException {
        return create(NativeBinding.JNR);
    }

    /** As {@link #create()}, through {@code binding}. */
    public static NetNamespace create(NativeBinding binding) throws TapException {
        LibC libC = binding.libC();
        int fd = onNewThread(() -> {
            int result = libC.unshare(Linux.CLONE_NEWNET);
            if (result < 0) {
                throw new TapException(
                        "cannot make a network namespace: " + Errno.describe(-result)
                                + ": this needs CAP_SYS_ADMIN: run as root or start under unshare -Urn",
                        -result);
            }
            int nsFd = openNamespace(libC, "/proc/thread-self/ns/net");
            loopbackUp(libC);
            return nsFd;
        });
        return new NetNamespace(libC, fd, null);
    }

    /**
     * A new namespace under a name, as {@code ip netns add} makes it, so that a person can look into it with
     * {@code ip netns exec}. Closing removes it. Needs root and the {@code ip} command.
     */
    public static NetNamespace create(String name) throws TapException {
        checkName(name);
        runIp("add", name);
        try {
            return open(NativeBinding.JNR, name, name);
        } catch (TapException e) {
            runIp("del", name);
            throw e;
        }
    }

    /** The existing namespace of that name; closing leaves it as it is. */
    public static NetNamespace open(String name) throws TapException {
        checkName(name);
        return open(NativeBinding.JNR, name, null);
    }

    private static NetNamespace open(NativeBinding binding, String name, String createdName) throws TapException {
        LibC libC = binding.libC();
        int fd = openNamespace(libC, RUN_NETNS + name);
        NetNamespace namespace = new NetNamespace(libC, fd, createdName);
        if (createdName != null) {
            try {
                namespace.call(() -> {
                    loopbackUp(libC);
                    return null;
                });
            } catch (TapException e) {
                libC.close(fd);
                throw e;
            } catch (Exception e) {
                libC.close(fd);
                throw new TapException("cannot set up namespace " + name + ": " + e, e);
            }
        }
        return namespace;
    }

    private static void checkName(String name) throws TapException {
        if (!name.matches("[A-Za-z0-9._-]{1,64}") || name.startsWith(".")) {
            throw new TapException("bad namespace name '" + name + "': use letters, digits, '-', '_' and '.'");
        }
    }

    private static void runIp(String verb, String name) throws TapException {
        try {
            Process ip = new ProcessBuilder("ip", "netns", verb, name)
                    .redirectErrorStream(true)
                    .start();
            String output = new String(ip.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            if (ip.waitFor() != 0) {
                throw new TapException("ip netns " + verb + " " + name + " failed: " + output.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TapException("interrupted during ip netns " + verb, e);
        } catch (IOException e) {
            if (e instanceof TapException t) {
                throw t;
            }
            throw new TapException("cannot run the ip command (" + e.getMessage() + "): install iproute2", e);
        }
    }

    private static int openNamespace(LibC libC, String path) throws TapException {
        UnsafeBuffer cPath = NativeMemory.cString(path);
        int fd = libC.open(cPath.addressOffset(), Linux.O_RDONLY | Linux.O_CLOEXEC, 0);
        if (fd < 0) {
            throw new TapException("cannot open network namespace " + path + ": " + Errno.describe(-fd), -fd);
        }
        return fd;
    }

    private static void loopbackUp(LibC libC) throws TapException {
        try (Netlink netlink = new Netlink(libC)) {
            netlink.setUp(netlink.link("lo").index());
        }
    }

    /**
     * Runs {@code action} on a fresh thread inside the namespace and returns what it returns or throws what it throws.
     * An interrupt of the caller interrupts the action.
     */
    public <T> T call(Callable<T> action) throws Exception {
        return onNewThreadUnchecked(() -> {
            enter();
            return action.call();
        });
    }

    /** A thread, not yet started and not a daemon, that runs {@code action} inside the namespace. */
    public Thread newThread(String threadName, Runnable action) {
        return new Thread(
                () -> {
                    try {
                        enter();
                    } catch (TapException e) {
                        throw new IllegalStateException(e.getMessage(), e);
                    }
                    action.run();
                },
                threadName);
    }

    /**
     * Starts a process inside the namespace. {@link #close} ends it if it still runs.
     *
     * @throws IOException as {@link ProcessBuilder#start} does
     */
    public Process start(ProcessBuilder builder) throws IOException {
        Process process;
        try {
            process = call(builder::start);
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while starting " + builder.command(), e);
        } catch (Exception e) {
            throw new IOException(e);
        }
        synchronized (children) {
            children.removeIf(p -> !p.isAlive());
            children.add(process);
        }
        return process;
    }

    private synchronized void enter() throws TapException {
        if (closed) {
            throw new TapException("the network namespace was closed");
        }
        int result = libC.setns(fd, Linux.CLONE_NEWNET);
        if (result < 0) {
            throw new TapException(
                    "cannot enter the network namespace: " + Errno.describe(-result) + ": this needs CAP_SYS_ADMIN",
                    -result);
        }
    }

    private static <T> T onNewThread(Callable<T> action) throws TapException {
        try {
            return onNewThreadUnchecked(action);
        } catch (TapException | RuntimeException e) {
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TapException("interrupted", e);
        } catch (Exception e) {
            throw new TapException(e.toString(), e);
        }
    }

    private static <T> T onNewThreadUnchecked(Callable<T> action) throws Exception {
        FutureTask<T> task = new FutureTask<>(action);
        Thread thread = new Thread(task, "penstock-netns");
        thread.setDaemon(true);
        thread.start();
        try {
            return task.get();
        } catch (InterruptedException e) {
            task.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            if (e.getCause() instanceof Error cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** Ends the processes started here that still run, and gives the namespace back. Idempotent. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        endChildren();
        libC.close(fd);
        if (createdName != null) {
            try {
                runIp("del", createdName);
            } catch (TapException e) {
                // It was removed by someone else; nothing is left to do.
                if (Files.exists(Path.of(RUN_NETNS + createdName))) {
                    throw new IllegalStateException(e.getMessage(), e);
                }
            }
        }
    }

    private void endChildren() {
        List<Process> running;
        synchronized (children) {
            running = new ArrayList<>(children);
            children.clear();
        }
        running.forEach(Process::destroy);
        for (Process process : running) {
            try {
                if (!process.waitFor(2, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The path of a command, or null when it is not on the PATH; for probes and for "where curl is missing". */
    public static String findCommand(String command) {
        String path = System.getenv("PATH");
        for (String dir : (path == null ? "/usr/bin:/bin" : path).split(File.pathSeparator, -1)) {
            Path candidate = Path.of(dir.isEmpty() ? "." : dir, command);
            if (Files.isExecutable(candidate) && !Files.isDirectory(candidate)) {
                return candidate.toString();
            }
        }
        return null;
    }
}
