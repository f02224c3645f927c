package dev.penstock.perf.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Short connections of the kernel's, several at once on one thread that sleeps in poll(2): connect, send a message, wait for one as
 * long, close. The same for whoever serves.
 */
public final class ShortClient {
    private static final int POLLFD = 8;
    private static final int POLLIN = 1;
    private static final int POLLOUT = 4;
    private static final int POLL_MS = 1000;
    private static final int EINPROGRESS = -115;
    private static final int AF_INET = 2;
    private static final int STREAM_NONBLOCK_CLOEXEC = 1 | 0x800 | 0x8_0000;
    private static final int MSG_NOSIGNAL = 0x4000;

    private final int atOnce;
    private final int ports;
    private final UnsafeBuffer message;
    private final UnsafeBuffer fds;
    private final UnsafeBuffer address = new UnsafeBuffer(ByteBuffer.allocateDirect(16));
    private final int firstPort;
    private final AtomicLong done = new AtomicLong();
    private long begun;

    /** @param ports so many from {@code firstPort} on are used in turn, for TIME-WAIT keeps a pair of ports */
    public ShortClient(int to, int firstPort, int ports, int atOnce, int messageBytes) {
        this.atOnce = atOnce;
        this.ports = ports;
        this.firstPort = firstPort;
        this.message = new UnsafeBuffer(ByteBuffer.allocateDirect(messageBytes));
        this.fds = new UnsafeBuffer(ByteBuffer.allocateDirect(atOnce * POLLFD));
        address.putShort(0, (short) AF_INET);
        address.putInt(4, to, java.nio.ByteOrder.BIG_ENDIAN);
        address.putLong(8, 0);
    }

    /** Connections that are done. Any thread. */
    public long done() {
        return done.get();
    }

    /** Runs until {@code stop} says so, on a thread in the namespace. */
    public void run(java.util.function.BooleanSupplier stop) throws IOException {
        for (int i = 0; i < atOnce; i++) {
            open(i);
        }
        try {
            while (!stop.getAsBoolean()) {
                int ready = KernelCalls.C.poll(fds.addressOffset(), atOnce, POLL_MS);
                if (ready == 0) {
                    throw new IOException("none of " + atOnce + " connections made progress within a second");
                }
                for (int i = 0; i < atOnce; i++) {
                    if (fds.getShort(i * POLLFD + 6) != 0) {
                        step(i);
                    }
                }
            }
        } finally {
            for (int i = 0; i < atOnce; i++) {
                KernelCalls.C.close(fds.getInt(i * POLLFD));
            }
        }
    }

    private void open(int i) throws IOException {
        int fd = KernelCalls.told(KernelCalls.C.socket(AF_INET, STREAM_NONBLOCK_CLOEXEC, 0));
        if (fd < 0) {
            throw new IOException("the kernel's socket failed: error " + -fd);
        }
        address.putShort(2, (short) (firstPort + begun++ % ports), java.nio.ByteOrder.BIG_ENDIAN);
        int result = KernelCalls.told(KernelCalls.C.connect(fd, address.addressOffset(), 16));
        if (result < 0 && result != EINPROGRESS) {
            KernelCalls.C.close(fd);
            throw new IOException("the kernel's connect failed: error " + -result);
        }
        fds.putInt(i * POLLFD, fd);
        fds.putShort(i * POLLFD + 4, (short) POLLOUT);
        fds.putShort(i * POLLFD + 6, (short) 0);
    }

    private void step(int i) throws IOException {
        int fd = fds.getInt(i * POLLFD);
        int length = message.capacity();
        if (fds.getShort(i * POLLFD + 4) == POLLOUT) {
            long sent = KernelCalls.told(KernelCalls.C.send(fd, message.addressOffset(), length, MSG_NOSIGNAL));
            if (sent != length) {
                throw new IOException("a short connection was not made: error " + -sent);
            }
            fds.putShort(i * POLLFD + 4, (short) POLLIN);
            return;
        }
        long got = KernelCalls.told(KernelCalls.C.recv(fd, message.addressOffset(), length, 0));
        if (got != length) {
            throw new IOException("a short connection brought " + got + " of " + length + " bytes");
        }
        KernelCalls.C.close(fd);
        done.lazySet(done.get() + 1);
        open(i);
    }
}
