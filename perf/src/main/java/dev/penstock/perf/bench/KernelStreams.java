package dev.penstock.perf.bench;

import dev.penstock.perf.kernel.KernelSocket;
import dev.penstock.tap.NetNamespace;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.UnsafeBuffer;

/** Clients on the kernel's sockets that send, or receive, as much as they can: a thread for each. The same for all contenders. */
final class KernelStreams implements Closeable {
    private static final int BLOCK = 256 << 10;

    private final Workers workers = new Workers();
    private final List<KernelSocket> open = new ArrayList<>();
    private final AtomicLong bytes = new AtomicLong();

    /**
     * Connects and begins.
     *
     * @param sending true for data from here to the server
     * @param message what is sent in one call, bytes
     */
    KernelStreams(
            NetNamespace namespace,
            String address,
            int port,
            boolean sending,
            int streams,
            int message,
            String congestion,
            int cpu)
            throws Exception {
        try {
            for (int i = 0; i < streams; i++) {
                KernelSocket s = namespace.call(() -> {
                    KernelSocket made =
                            KernelSocket.tcp().congestion(congestion).noDelay().resetOnClose();
                    return made.connect(KernelSocket.ipv4(address), port);
                });
                open.add(s);
            }
        } catch (IOException e) {
            open.forEach(KernelSocket::close);
            throw e;
        }
        for (KernelSocket s : open) {
            workers.start(null, "kernel-client", cpu, () -> move(s, sending, message));
        }
    }

    private void move(KernelSocket s, boolean sending, int message) throws IOException {
        UnsafeBuffer block = new UnsafeBuffer(ByteBuffer.allocateDirect(Math.max(BLOCK, message)));
        while (!workers.isStopping()) {
            int n = sending ? s.send(block.addressOffset(), message) : s.receive(block.addressOffset(), BLOCK);
            if (n <= 0) {
                throw new IOException("a stream of the kernel's ended: error " + -n);
            }
            bytes.addAndGet(n);
        }
    }

    /** Bytes that the calls have moved so far. */
    long bytes() {
        return bytes.get();
    }

    void check() throws IOException {
        workers.check();
    }

    @Override
    public void close() throws IOException {
        workers.stopping();
        open.forEach(KernelSocket::shutdown);
        workers.join();
        open.forEach(KernelSocket::close);
    }
}
