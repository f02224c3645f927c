package dev.penstock.perf.bench;

import dev.penstock.perf.kernel.Service;
import dev.penstock.stack.socket.ShardContext;
import dev.penstock.stack.tcp.TcpAcceptor;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A service as callbacks on the shard's own thread: what is received is used where it lies. */
final class CallbackService {
    private static final int BACKLOG = 1024;

    private final Service service;
    private final UnsafeBuffer block;
    private final AtomicLong bytes = new AtomicLong();
    private long received;
    private TcpAcceptor acceptor;

    /** @param message what is written in one call, bytes */
    CallbackService(Service service, int message) {
        this.service = service;
        this.block = new UnsafeBuffer(ByteBuffer.allocateDirect(message));
    }

    /** Listens. The shard's thread. */
    void listen(ShardContext shard, int port, TcpOptions options) throws IOException {
        acceptor = shard.tcp().listen(0, 0, port, BACKLOG, options, (listener, nowNs) -> {
            while (listener.acceptable() > 0) {
                listener.accept(handler());
            }
        });
        if (acceptor == null) {
            throw new IOException(
                    "port " + port + " cannot be listened on: " + shard.tcp().errorOfLastCall());
        }
    }

    private TcpHandler handler() {
        return switch (service) {
            case DISCARD -> new Discard();
            case CHARGEN -> new Chargen();
            case ECHO -> new Echo();
        };
    }

    /** Bytes received so far. Any thread. */
    long bytes() {
        return bytes.get();
    }

    private void count(int n) {
        received += n;
        bytes.lazySet(received);
    }

    /** What all do at the end. */
    private abstract static class Ending implements TcpHandler {
        @Override
        public void onReadable(TcpConnection c, long nowNs) {
            if (c.isInputEnded()) {
                c.close(nowNs);
            }
        }

        @Override
        public void onClosed(TcpConnection c, TcpError error, long nowNs) {
            c.close(nowNs);
        }
    }

    private final class Discard extends Ending {
        @Override
        public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
            count(length);
            return length;
        }

        @Override
        public void onReadable(TcpConnection c, long nowNs) {
            // What came out of order went into the queue.
            int n = c.receiveQueue().discard(Integer.MAX_VALUE);
            if (n > 0) {
                count(n);
                c.dataRead(nowNs);
            }
            super.onReadable(c, nowNs);
        }
    }

    private final class Chargen extends Ending {
        @Override
        public void onConnected(TcpConnection c, long nowNs) {
            fill(c, nowNs);
        }

        @Override
        public void onWritable(TcpConnection c, long nowNs) {
            fill(c, nowNs);
        }

        private void fill(TcpConnection c, long nowNs) {
            int taken = block.capacity();
            while (taken == block.capacity()) {
                taken = c.write(block, 0, block.capacity(), nowNs);
            }
        }
    }

    private final class Echo extends Ending {
        @Override
        public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
            int n = Math.max(0, c.write(buffer, offset, length, nowNs));
            count(n);
            return n;
        }
    }
}
