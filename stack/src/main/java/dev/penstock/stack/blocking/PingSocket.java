package dev.penstock.stack.blocking;

import dev.penstock.stack.wire.IpAddress;
import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/**
 * Sends ICMP echo requests and waits for what comes back. Has an identifier of its own; sequence numbers count up from
 * 1. Any thread may use it but the stack's own, several at once.
 */
public final class PingSocket implements Closeable {
    private PingSocket() {}

    static PingSocket open(PenstockStack stack) throws IOException {
        throw new UnsupportedOperationException("IP is not wired yet");
    }

    /**
     * Pings once and waits.
     *
     * @param payloadSize bytes of data, 0 .. 65,507
     * @param timeoutMs how long to wait, milliseconds, at least 1
     */
    public PingReply ping(IpAddress target, int payloadSize, int timeoutMs) throws IOException {
        return pingAsync(target, payloadSize, timeoutMs).join();
    }

    /** As {@link #ping}, without waiting: many can be on the way at once. Completes on the stack's own thread. */
    public CompletableFuture<PingReply> pingAsync(IpAddress target, int payloadSize, int timeoutMs) throws IOException {
        throw new UnsupportedOperationException("IP is not wired yet");
    }

    /** TTL of the requests, 1 .. 255. */
    public void setTimeToLive(int ttl) {}

    /** Sets the DF bit: requests larger than the path MTU fail instead of being fragmented. */
    public void setDontFragment(boolean on) {}

    /** The identifier of the requests, 1 .. 65535. */
    public int identifier() {
        return 0;
    }

    @Override
    public void close() {}
}
