package dev.penstock.perf.bench;

import dev.penstock.perf.kernel.KernelSocket;
import dev.penstock.perf.kernel.VethPair;
import dev.penstock.stack.blocking.IdleMode;
import dev.penstock.tap.NetNamespace;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A kernel client that asks, and somebody who answers. The client spins or blocks as the server does. With a schedule, each
 * question has its time, and its latency counts from that time on, however late the one before it was answered: this is what
 * corrects for coordinated omission.
 */
final class EchoRig implements Rig {
    private static final long HIGHEST_NS = 10_000_000_000L;
    private static final int DIGITS = 3;
    private static final double NS_PER_US = 1e3;

    private final Setting setting;
    private final double rate;
    private final Closeable server;
    private final LongSupplier garbage;
    private final KernelSocket socket;
    private final UnsafeBuffer block;

    private EchoRig(
            Setting setting, double rate, Closeable server, LongSupplier garbage, NetNamespace in, String to, int port)
            throws Exception {
        this.setting = setting;
        this.rate = rate;
        this.server = server;
        this.garbage = garbage;
        this.block = new UnsafeBuffer(ByteBuffer.allocateDirect(setting.message()));
        try {
            this.socket = in.call(() -> KernelSocket.tcp()
                    .congestion(setting.congestion())
                    .noDelay()
                    .resetOnClose()
                    .connect(KernelSocket.ipv4(to), port));
        } catch (Exception e) {
            server.close();
            throw e;
        }
    }

    /** @param rate questions a second by a fixed schedule; 0 for the next one as soon as the last is answered */
    static Rig penstock(Setting s, boolean sockets, double rate) throws Exception {
        PenstockHost host = PenstockHost.start(s, sockets);
        return new EchoRig(s, rate, host, host::garbage, host.link.namespace, TapLink.STACK, PenstockHost.PORT);
    }

    static Rig impaired(Setting s, ImpairmentCommand.Link link) throws Exception {
        PenstockHost host = PenstockHost.start(s, false, link);
        return new EchoRig(s, 0, host, host::garbage, host.link.namespace, TapLink.STACK, PenstockHost.PORT);
    }

    static Rig floor(Setting s, double rate) throws Exception {
        FloorHost host = FloorHost.start(s);
        return new EchoRig(s, rate, host, host::garbage, host.link.namespace, TapLink.STACK, PenstockHost.PORT);
    }

    static Rig kernel(Setting s, double rate) throws Exception {
        KernelHost host = KernelHost.start(s);
        return new EchoRig(s, rate, host, null, host.pair.client(), VethPair.SERVER, KernelServer.PORT);
    }

    /** The median in microseconds, and the histogram; garbage for each echo. */
    @Override
    public Sample measure(long ns) throws Exception {
        Histogram latency = new Histogram(HIGHEST_NS, DIGITS);
        long allocated = garbage == null ? 0 : garbage.getAsLong();
        Workers workers = new Workers();
        CompletableFuture<Void> done = new CompletableFuture<>();
        workers.start(null, "kernel-client", setting.placement().clientCpu(), () -> {
            try {
                ask(System.nanoTime(), ns, latency);
                done.complete(null);
            } catch (IOException | RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        try {
            done.get();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause().getMessage(), e);
        }
        workers.join();
        double perEcho =
                garbage == null ? Double.NaN : (garbage.getAsLong() - allocated) / (double) latency.getTotalCount();
        return new Sample(latency.getValueAtPercentile(50) / NS_PER_US, latency, perEcho);
    }

    private void ask(long begin, long ns, Histogram latency) throws IOException {
        Schedule schedule = new Schedule(rate, begin);
        long now = begin;
        while (now - begin < ns) {
            long due = schedule.next(now);
            if (schedule.isFixed()) {
                awaitTime(due);
            }
            echo();
            now = System.nanoTime();
            latency.recordValue(Math.min(HIGHEST_NS, now - due));
        }
    }

    /** Sleeps most of the way if the client may sleep, and looks at the clock for the rest. */
    private void awaitTime(long due) {
        long left = due - System.nanoTime();
        if (setting.mode() != IdleMode.BUSY && left > 100_000) {
            LockSupport.parkNanos(left - 80_000);
        }
        while (System.nanoTime() - due < 0) {
            Thread.onSpinWait();
        }
    }

    private void echo() throws IOException {
        boolean spin = setting.mode() == IdleMode.BUSY;
        int length = setting.message();
        long address = block.addressOffset();
        if (socket.send(address, length) != length) {
            throw new IOException("the kernel's client could not send");
        }
        int got = 0;
        long patience = 0;
        while (got < length) {
            int n = spin ? socket.receiveNow(address, length - got) : socket.receive(address, length - got);
            if (n > 0) {
                got += n;
            } else if (n != KernelSocket.EAGAIN || !spin) {
                throw new IOException("no answer came: error " + -n);
            } else if ((++patience & 0xfffff) == 0 && patience > 100L << 20) {
                throw new IOException("no answer came within a minute");
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
        server.close();
    }
}
