package dev.penstock.perf.bench;

import dev.penstock.perf.floor.RawLoop;
import dev.penstock.perf.kernel.Service;
import dev.penstock.perf.kernel.VethPair;
import java.io.Closeable;
import java.io.IOException;
import java.util.function.LongSupplier;

/** Streams between the kernel and somebody: counts at the receiving end. */
final class BulkRig implements Rig {
    private static final long MS = 1_000_000L;
    /** Longer than any delay and retransmission timeout that is measured with. */
    private static final long STILL_NS = 3_000 * MS;

    private static final double KIBIBYTE = 1024;

    private final KernelStreams client;
    private final Closeable server;
    private final LongSupplier received;
    private final LongSupplier garbage;

    private BulkRig(KernelStreams client, Closeable server, LongSupplier received, LongSupplier garbage) {
        this.client = client;
        this.server = server;
        this.received = received;
        this.garbage = garbage;
    }

    static Rig penstock(Setting s, boolean sockets) throws Exception {
        PenstockHost host = PenstockHost.start(s, sockets);
        return connect(s, host, () -> client(s, host.link, PenstockHost.PORT), host::bytes, host::garbage);
    }

    static Rig impaired(Setting s, ImpairmentCommand.Link link) throws Exception {
        PenstockHost host = PenstockHost.start(s, false, link);
        return connect(s, host, () -> client(s, host.link, PenstockHost.PORT), host::bytes, host::garbage);
    }

    static Rig floor(Setting s) throws Exception {
        FloorHost host = FloorHost.start(s);
        RawLoop loop = host.loop;
        return connect(s, host, () -> client(s, host.link, PenstockHost.PORT), loop::bytes, host::garbage);
    }

    static Rig kernel(Setting s) throws Exception {
        KernelHost host = KernelHost.start(s);
        return connect(s, host, () -> client(s, host), host.server::bytes, null);
    }

    private interface Connecting {
        KernelStreams connect() throws Exception;
    }

    private static Rig connect(
            Setting s, Closeable server, Connecting connecting, LongSupplier atServer, LongSupplier garbage)
            throws Exception {
        try {
            KernelStreams client = connecting.connect();
            return new BulkRig(client, server, s.service() == Service.DISCARD ? atServer : client::bytes, garbage);
        } catch (Exception e) {
            server.close();
            throw e;
        }
    }

    private static KernelStreams client(Setting s, TapLink link, int port) throws Exception {
        boolean sending = s.service() == Service.DISCARD;
        int cpu = s.placement().clientCpu();
        return new KernelStreams(
                link.namespace, TapLink.STACK, port, sending, s.streams(), s.message(), s.congestion(), cpu);
    }

    private static KernelStreams client(Setting s, KernelHost host) throws Exception {
        boolean sending = s.service() == Service.DISCARD;
        int cpu = s.placement().clientCpu();
        return new KernelStreams(
                host.pair.client(),
                VethPair.SERVER,
                KernelServer.PORT,
                sending,
                s.streams(),
                s.message(),
                s.congestion(),
                cpu);
    }

    /** Gbit/s of payload; garbage for each KiB. */
    @Override
    public Sample measure(long ns) throws Exception {
        client.check();
        long bytes = received.getAsLong();
        long allocated = garbage == null ? 0 : garbage.getAsLong();
        long begin = System.nanoTime();
        Thread.sleep(ns / MS, (int) (ns % MS));
        long moved = received.getAsLong() - bytes;
        long took = System.nanoTime() - begin;
        double perKib = garbage == null ? Double.NaN : (garbage.getAsLong() - allocated) / (moved / KIBIBYTE);
        client.check();
        if (moved == 0 && ns >= STILL_NS) {
            throw new IOException("nothing was received within " + ns / MS + " ms: the stream stands still");
        }
        return Sample.rate(moved * 8.0 / took, perKib);
    }

    @Override
    public void close() throws IOException {
        try {
            client.close();
        } finally {
            server.close();
        }
    }
}
