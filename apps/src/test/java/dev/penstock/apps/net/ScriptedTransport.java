package dev.penstock.apps.net;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A client written down beforehand, in virtual time: pieces that arrive after given delays, then the end of the stream
 * or silence. What the server writes is kept.
 */
public final class ScriptedTransport implements Transport {
    private static final class Piece {
        final byte[] bytes;
        final long delayNs;

        Piece(byte[] bytes, long delayNs) {
            this.bytes = bytes;
            this.delayNs = delayNs;
        }
    }

    private final AtomicLong clockNs;
    private final Deque<Piece> pieces = new ArrayDeque<>();
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private boolean silentAtEnd;
    private int timeoutMillis;
    private byte[] current = new byte[0];
    private int at;
    private long waitedNs;
    private boolean outputShut;
    private boolean aborted;
    private boolean closed;

    public ScriptedTransport(AtomicLong clockNs) {
        this.clockNs = clockNs;
    }

    /** These bytes arrive next, {@code delayMillis} after those before. */
    public ScriptedTransport then(byte[] bytes, long delayMillis) {
        pieces.add(new Piece(bytes, delayMillis * 1_000_000));
        return this;
    }

    public ScriptedTransport then(String text) {
        return then(text.getBytes(StandardCharsets.ISO_8859_1), 0);
    }

    public ScriptedTransport then(String text, long delayMillis) {
        return then(text.getBytes(StandardCharsets.ISO_8859_1), delayMillis);
    }

    /** In the end the client says nothing more, instead of closing. */
    public ScriptedTransport thenSilence() {
        silentAtEnd = true;
        return this;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        while (at == current.length) {
            Piece next = pieces.peek();
            if (next == null && !silentAtEnd) {
                return -1;
            }
            long waitNs = next == null ? Long.MAX_VALUE : next.delayNs - waitedNs;
            long limitNs = timeoutMillis * 1_000_000L;
            if (waitNs > limitNs) {
                if (timeoutMillis == 0) {
                    throw new IllegalStateException("would wait for ever");
                }
                clockNs.addAndGet(limitNs);
                waitedNs += limitNs;
                throw new SocketTimeoutException();
            }
            clockNs.addAndGet(waitNs);
            waitedNs = 0;
            current = pieces.remove().bytes;
            at = 0;
        }
        int n = Math.min(length, current.length - at);
        System.arraycopy(current, at, into, offset, n);
        at += n;
        return n;
    }

    @Override
    public void write(ByteBuffer from) throws IOException {
        if (outputShut || closed || aborted) {
            throw new IOException("written after the end");
        }
        byte[] bytes = new byte[from.remaining()];
        from.get(bytes);
        written.write(bytes);
    }

    @Override
    public void readTimeout(int millis) {
        timeoutMillis = millis;
    }

    @Override
    public void shutdownOutput() {
        outputShut = true;
    }

    @Override
    public void close() {
        closed = true;
    }

    @Override
    public void abort() {
        aborted = true;
    }

    @Override
    public String peer() {
        return "192.0.2.9";
    }

    /** All that was written, one character a byte. */
    public String output() {
        return written.toString(StandardCharsets.ISO_8859_1);
    }

    public boolean isAborted() {
        return aborted;
    }

    public boolean isClosed() {
        return closed;
    }
}
