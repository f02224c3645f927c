package dev.penstock.perf.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** An echo server on the kernel's sockets for short connections, on one thread that sleeps in poll(2). */
public final class ShortServer {
    private static final int POLLFD = 8;
    private static final int POLLIN = 1;
    private static final int POLL_MS = 100;
    private static final int MOST = 2048;
    private static final int BLOCK = 16 << 10;
    private static final int NONBLOCK_CLOEXEC = 0x800 | 0x8_0000;
    private static final int MSG_NOSIGNAL = 0x4000;

    private final List<KernelSocket> listeners = new ArrayList<>();
    private final UnsafeBuffer fds = new UnsafeBuffer(ByteBuffer.allocateDirect(MOST * POLLFD));
    private final UnsafeBuffer block = new UnsafeBuffer(ByteBuffer.allocateDirect(BLOCK));
    private int count;

    /** Listens, in the namespace of the calling thread. */
    public ShortServer(int firstPort, int ports, String congestion) throws IOException {
        for (int i = 0; i < ports; i++) {
            KernelSocket s = KernelSocket.tcp()
                    .reuseAddress()
                    .congestion(congestion)
                    .noDelay()
                    .bind(firstPort + i)
                    .listen(1024);
            listeners.add(s);
            watch(s.fd());
        }
    }

    private void watch(int fd) {
        fds.putInt(count * POLLFD, fd);
        fds.putShort(count * POLLFD + 4, (short) POLLIN);
        fds.putShort(count * POLLFD + 6, (short) 0);
        count++;
    }

    /** Serves until {@code stop} says so. */
    public void run(java.util.function.BooleanSupplier stop) {
        while (!stop.getAsBoolean()) {
            if (KernelCalls.C.poll(fds.addressOffset(), count, POLL_MS) <= 0) {
                continue;
            }
            for (int i = count - 1; i >= listeners.size(); i--) {
                if (fds.getShort(i * POLLFD + 6) != 0 && !serve(fds.getInt(i * POLLFD))) {
                    count--;
                    fds.putLong(i * POLLFD, fds.getLong(count * POLLFD));
                }
            }
            for (int i = 0; i < listeners.size(); i++) {
                if (fds.getShort(i * POLLFD + 6) != 0 && count < MOST) {
                    int fd = KernelCalls.told(KernelCalls.C.accept4(fds.getInt(i * POLLFD), 0, 0, NONBLOCK_CLOEXEC));
                    if (fd >= 0) {
                        watch(fd);
                    }
                }
            }
        }
        for (int i = listeners.size(); i < count; i++) {
            KernelCalls.C.close(fds.getInt(i * POLLFD));
        }
        listeners.forEach(KernelSocket::close);
    }

    /** False when the connection is over, and closed. */
    private boolean serve(int fd) {
        long n = KernelCalls.told(KernelCalls.C.recv(fd, block.addressOffset(), BLOCK, 0));
        if (n > 0) {
            KernelCalls.C.send(fd, block.addressOffset(), n, MSG_NOSIGNAL);
        }
        if (n > 0 || n == KernelSocket.EAGAIN) {
            return true;
        }
        KernelCalls.C.close(fd);
        return false;
    }
}
