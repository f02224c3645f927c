package dev.penstock.perf.bench;

import dev.penstock.perf.kernel.KernelSocket;
import dev.penstock.perf.kernel.ShortClient;
import dev.penstock.perf.kernel.ShortServer;
import dev.penstock.perf.kernel.VethPair;
import dev.penstock.tap.NetNamespace;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/** Short connections of a kernel client to somebody. */
final class ConnectionsRig implements Rig {
    /** Of the server: TIME-WAIT keeps a pair of ports at the client. */
    static final int PORTS = 4;

    private static final Path SYSCTL = Path.of("/proc/sys/net/ipv4");

    private final Workers workers = new Workers();
    private final ShortClient client;
    private final Closeable server;
    private final LongSupplier garbage;

    private ConnectionsRig(Setting s, NetNamespace in, String to, Closeable server, LongSupplier garbage)
            throws IOException {
        this.server = server;
        this.garbage = garbage;
        this.client = new ShortClient(KernelSocket.ipv4(to), PenstockHost.PORT, PORTS, s.streams(), s.message());
        try {
            in.call(() -> {
                Files.writeString(SYSCTL.resolve("ip_local_port_range"), "1024 65000");
                return Files.writeString(SYSCTL.resolve("tcp_tw_reuse"), "1");
            });
        } catch (Exception e) {
            server.close();
            throw new IOException("the namespace's port range cannot be set: " + e.getMessage(), e);
        }
        workers.start(in, "kernel-client", s.placement().clientCpu(), () -> client.run(workers::isStopping));
    }

    static Rig penstock(Setting s) throws Exception {
        PenstockHost host = PenstockHost.start(s, false);
        return new ConnectionsRig(s, host.link.namespace, TapLink.STACK, host, host::garbage);
    }

    static Rig kernel(Setting s) throws Exception {
        VethPair pair = VethPair.open(true);
        Workers serving = new Workers();
        ShortServer server = pair.server().call(() -> new ShortServer(PenstockHost.PORT, PORTS, s.congestion()));
        serving.start(null, "kernel-server", s.placement().serverCpu(), () -> server.run(serving::isStopping));
        Closeable end = () -> {
            serving.stopping();
            serving.join();
            pair.close();
        };
        return new ConnectionsRig(s, pair.client(), VethPair.SERVER, end, null);
    }

    /** Connections a second; garbage for each. */
    @Override
    public Sample measure(long ns) throws Exception {
        long before = client.done();
        long allocated = garbage == null ? 0 : garbage.getAsLong();
        long begin = System.nanoTime();
        Thread.sleep(Math.max(1, ns / 1_000_000));
        long n = client.done() - before;
        long took = System.nanoTime() - begin;
        workers.check();
        return Sample.rate(
                n * 1e9 / took, garbage == null ? Double.NaN : (garbage.getAsLong() - allocated) / (double) n);
    }

    @Override
    public void close() throws IOException {
        workers.stopping();
        workers.join();
        server.close();
    }
}
