package dev.penstock.apps.http;

import dev.penstock.apps.net.Transport;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.function.LongSupplier;

/** Buffered bytes of a connection, each read bounded by a deadline. One thread. */
final class HttpInput {
    private final Transport transport;
    private final LongSupplier nanoTime;
    private final byte[] buffer;
    private int at;
    private int end;
    private long deadlineNs;

    HttpInput(Transport transport, LongSupplier nanoTime, byte[] buffer) {
        this.transport = transport;
        this.nanoTime = nanoTime;
        this.buffer = buffer;
    }

    /** What is read from now on must have come within {@code millis}. */
    void expectWithin(int millis) {
        deadlineNs = nanoTime.getAsLong() + millis * 1_000_000L;
    }

    /** True when a byte can be had without waiting. */
    boolean hasBuffered() {
        return at < end;
    }

    /** The next byte, or -1 at the end of the stream. */
    int read() throws IOException {
        return at < end || fill() ? buffer[at++] & 0xff : -1;
    }

    /** The next byte, which stays to be read, or -1 at the end of the stream. */
    int peek() throws IOException {
        return at < end || fill() ? buffer[at] & 0xff : -1;
    }

    /** At least one byte, or -1 at the end of the stream. */
    int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (at == end && !fill()) {
            return -1;
        }
        int n = Math.min(length, end - at);
        System.arraycopy(buffer, at, into, offset, n);
        at += n;
        return n;
    }

    private boolean fill() throws IOException {
        long left = deadlineNs - nanoTime.getAsLong();
        if (left <= 0) {
            throw new SocketTimeoutException("deadline passed");
        }
        transport.readTimeout((int) Math.min(Integer.MAX_VALUE, (left + 999_999) / 1_000_000));
        int n = transport.read(buffer, 0, buffer.length);
        at = 0;
        end = Math.max(n, 0);
        return n > 0;
    }
}
