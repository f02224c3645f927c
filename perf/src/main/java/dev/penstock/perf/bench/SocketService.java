package dev.penstock.perf.bench;

import dev.penstock.perf.kernel.Service;
import dev.penstock.stack.blocking.PenstockStack;
import dev.penstock.stack.blocking.TcpListener;
import dev.penstock.stack.blocking.TcpSocket;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.UnsafeBuffer;

/** A service on blocking sockets: a thread for each connection, none of them the shard's. */
final class SocketService implements Closeable {
    private static final int BLOCK = 256 << 10;

    private final Service service;
    private final int message;
    private final int cpu;
    private final Workers workers = new Workers();
    private final TcpListener listener;
    private final AtomicLong bytes = new AtomicLong();

    /**
     * Begins to listen.
     *
     * @param message what is written in one call, bytes
     */
    SocketService(PenstockStack stack, int port, Service service, int message, int cpu) throws IOException {
        this.service = service;
        this.message = message;
        this.cpu = cpu;
        this.listener = stack.listen(port);
        workers.start(null, "penstock-accept", cpu, this::accept);
    }

    private void accept() throws IOException {
        while (!workers.isStopping()) {
            TcpSocket socket = listener.accept();
            socket.setTcpNoDelay(true);
            workers.start(null, "penstock-server", cpu, () -> serve(socket));
        }
    }

    private void serve(TcpSocket socket) throws IOException {
        UnsafeBuffer block = new UnsafeBuffer(ByteBuffer.allocateDirect(Math.max(BLOCK, message)));
        try (socket) {
            int n = 1;
            while (!workers.isStopping() && n > 0) {
                switch (service) {
                    case DISCARD -> n = socket.read(block, 0, BLOCK);
                    case CHARGEN -> socket.write(block, 0, message);
                    case ECHO -> {
                        n = socket.read(block, 0, BLOCK);
                        if (n > 0) {
                            socket.write(block, 0, n);
                        }
                    }
                }
                bytes.addAndGet(Math.max(0, n));
            }
        }
    }

    /** Bytes received so far. */
    long bytes() {
        return bytes.get();
    }

    /** The threads that serve. */
    long[] threadIds() {
        return workers.ids();
    }

    /** The stack is closed before: what waits in a call returns by that. */
    void stopping() {
        workers.stopping();
    }

    @Override
    public void close() throws IOException {
        workers.stopping();
        listener.close();
        workers.join();
    }
}
