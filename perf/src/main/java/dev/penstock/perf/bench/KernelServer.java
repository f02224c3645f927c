package dev.penstock.perf.bench;

import dev.penstock.perf.kernel.KernelSocket;
import dev.penstock.perf.kernel.Service;
import dev.penstock.tap.NetNamespace;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.UnsafeBuffer;

/** A service on the kernel's sockets: a thread for each connection, as Penstock's blocking sockets have it. */
final class KernelServer implements Closeable {
    static final int PORT = 7007;
    private static final int BACKLOG = 128;
    private static final int BLOCK = 256 << 10;

    private final NetNamespace namespace;
    private final Service service;
    private final int message;
    private final boolean spin;
    private final int cpu;
    private final String congestion;
    private final Workers workers = new Workers();
    private final KernelSocket listener;
    private final List<KernelSocket> open = new ArrayList<>();
    private final AtomicLong bytes = new AtomicLong();

    /**
     * Begins to listen.
     *
     * @param message what is sent in one call, bytes
     * @param spin asks again at once when there is nothing to receive, instead of waiting in the call
     */
    KernelServer(NetNamespace namespace, Service service, int message, String congestion, boolean spin, int cpu)
            throws Exception {
        this.namespace = namespace;
        this.service = service;
        this.message = message;
        this.congestion = congestion;
        this.spin = spin;
        this.cpu = cpu;
        this.listener = namespace.call(() -> KernelSocket.tcp()
                .reuseAddress()
                .congestion(congestion)
                .noDelay()
                .bind(PORT)
                .listen(BACKLOG));
        workers.start(namespace, "kernel-accept", cpu, this::accept);
    }

    private void accept() throws IOException {
        while (!workers.isStopping()) {
            if (!listener.awaitReadable(100)) {
                continue;
            }
            KernelSocket s = listener.accept();
            s.noDelay().congestion(congestion);
            synchronized (open) {
                open.add(s);
            }
            workers.start(namespace, "kernel-server", cpu, () -> serve(s));
        }
    }

    private void serve(KernelSocket s) {
        UnsafeBuffer block = new UnsafeBuffer(ByteBuffer.allocateDirect(Math.max(BLOCK, message)));
        switch (service) {
            case DISCARD -> discard(s, block);
            case CHARGEN -> {
                while (!workers.isStopping() && s.send(block.addressOffset(), message) > 0) {
                    // As fast as the connection takes it.
                }
            }
            case ECHO -> echo(s, block);
        }
    }

    private void discard(KernelSocket s, UnsafeBuffer block) {
        int n = 1;
        while (!workers.isStopping() && n > 0) {
            n = s.receive(block.addressOffset(), BLOCK);
            bytes.addAndGet(Math.max(0, n));
        }
    }

    private void echo(KernelSocket s, UnsafeBuffer block) {
        int n = 1;
        while (!workers.isStopping() && (n > 0 || n == KernelSocket.EAGAIN)) {
            n = spin ? s.receiveNow(block.addressOffset(), BLOCK) : s.receive(block.addressOffset(), BLOCK);
            if (n > 0) {
                s.send(block.addressOffset(), n);
            }
        }
    }

    /** Bytes received of all connections. */
    long bytes() {
        return bytes.get();
    }

    @Override
    public void close() throws IOException {
        workers.stopping();
        synchronized (open) {
            open.forEach(KernelSocket::shutdown);
        }
        workers.join();
        synchronized (open) {
            open.forEach(KernelSocket::close);
        }
        listener.close();
    }
}
