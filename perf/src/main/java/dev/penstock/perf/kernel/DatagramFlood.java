package dev.penstock.perf.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.UnsafeBuffer;

/** Small datagrams of the kernel's, as many as it can, 32 in a call. */
public final class DatagramFlood {
    private static final int BATCH = 32;
    /* struct mmsghdr { struct msghdr hdr; unsigned len; } on 64 bits: 56 bytes, length, padding. */
    private static final int MMSGHDR = 64;
    private static final int MSG_IOV = 16;
    private static final int MSG_IOVLEN = 24;

    private final KernelSocket socket;
    private final UnsafeBuffer data;
    private final UnsafeBuffer iov = new UnsafeBuffer(ByteBuffer.allocateDirect(16));
    private final UnsafeBuffer vector = new UnsafeBuffer(ByteBuffer.allocateDirect(BATCH * MMSGHDR));
    private final AtomicLong sent = new AtomicLong();

    /** Opens its socket in the namespace of the calling thread. */
    public DatagramFlood(int to, int port, int bytes) throws IOException {
        socket = KernelSocket.udp().connect(to, port);
        data = new UnsafeBuffer(ByteBuffer.allocateDirect(bytes));
        iov.putLong(0, data.addressOffset());
        iov.putLong(8, bytes);
        for (int i = 0; i < BATCH; i++) {
            vector.putLong(i * MMSGHDR + MSG_IOV, iov.addressOffset());
            vector.putLong(i * MMSGHDR + MSG_IOVLEN, 1);
        }
    }

    /** Datagrams that the kernel took. Any thread. */
    public long sent() {
        return sent.get();
    }

    /** Sends until {@code stop} says so; what the interface has no room for is lost. */
    public void run(BooleanSupplier stop) {
        while (!stop.getAsBoolean()) {
            int n = socket.sendMany(vector.addressOffset(), BATCH);
            sent.lazySet(sent.get() + Math.max(0, n));
        }
        socket.close();
    }
}
