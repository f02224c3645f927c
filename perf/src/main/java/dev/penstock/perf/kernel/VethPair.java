package dev.penstock.perf.kernel;

import dev.penstock.tap.NetNamespace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Two network namespaces of our own with a veth between them: the kernel's way to itself. */
public final class VethPair implements AutoCloseable {
    /** Of the client's end. */
    public static final String CLIENT = "192.0.2.1";
    /** Of the server's end. */
    public static final String SERVER = "192.0.2.2";

    private final NetNamespace client;
    private final NetNamespace server;

    private VethPair(NetNamespace client, NetNamespace server) {
        this.client = client;
        this.server = server;
    }

    /**
     * Makes the namespaces and the link.
     *
     * @param offload false has both ends send plain frames of the MTU's size with checksums, needs {@code ethtool}
     */
    public static VethPair open(boolean offload) throws IOException {
        NetNamespace a = NetNamespace.create();
        NetNamespace b = null;
        try {
            b = NetNamespace.create();
            connect(a, b);
            for (NetNamespace each : List.of(a, b)) {
                String address = each == a ? CLIENT : SERVER;
                run(each, "ip", "addr", "add", address + "/24", "dev", "v0");
                run(each, "ip", "link", "set", "v0", "up");
                if (!offload) {
                    run(
                            each, "ethtool", "-K", "v0", "tso", "off", "gso", "off", "gro", "off", "tx", "off", "rx",
                            "off");
                }
            }
            return new VethPair(a, b);
        } catch (IOException | RuntimeException e) {
            a.close();
            if (b != null) {
                b.close();
            }
            throw e;
        }
    }

    /** A thread that lives in the second namespace gives it a path that {@code ip} can open. */
    private static void connect(NetNamespace a, NetNamespace b) throws IOException {
        CompletableFuture<String> path = new CompletableFuture<>();
        CountDownLatch done = new CountDownLatch(1);
        Thread holder = b.newThread("bench-netns", () -> {
            try {
                path.complete("/proc/" + Files.readSymbolicLink(Path.of("/proc/thread-self")) + "/ns/net");
                if (!done.await(30, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("the link was not made within 30 s");
                }
            } catch (IOException e) {
                path.completeExceptionally(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        holder.setDaemon(true);
        holder.start();
        try {
            run(a, "ip", "link", "add", "v0", "type", "veth", "peer", "name", "v0", "netns", path.join());
        } finally {
            done.countDown();
        }
    }

    /** Runs a command in a namespace; its output is the message when it fails. */
    public static void run(NetNamespace in, String... command) throws IOException {
        if (NetNamespace.findCommand(command[0]) == null) {
            throw new IOException("there is no " + command[0]
                    + " command: install it, or leave the kernel's side out by" + " --sides penstock,floor");
        }
        Process p = in.start(new ProcessBuilder(command).redirectErrorStream(true));
        String output = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!p.waitFor(10, TimeUnit.SECONDS) || p.exitValue() != 0) {
                throw new IOException(String.join(" ", command) + " failed: " + output.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while running " + command[0], e);
        }
    }

    /** Where the client is. */
    public NetNamespace client() {
        return client;
    }

    /** Where the server is. */
    public NetNamespace server() {
        return server;
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}
