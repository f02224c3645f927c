package dev.penstock.apps.http;

import dev.penstock.apps.net.Transport;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.function.LongSupplier;

/**
 * The output side of a connection: one direct buffer of 64 KiB, in which the head of a response and the beginning of its
 * content leave together. One thread; {@link #isStuck} any thread.
 */
final class HttpOutput {
    static final int SIZE = 64 << 10;

    private final Transport transport;
    private final LongSupplier nanoTime;
    private final ByteBuffer buffer;
    private volatile boolean writing;
    private volatile long writingSinceNs;
    private long written;

    HttpOutput(Transport transport, LongSupplier nanoTime, ByteBuffer buffer) {
        this.transport = transport;
        this.nanoTime = nanoTime;
        this.buffer = buffer;
        buffer.clear();
    }

    /** Bytes given to the transport and buffered, since the connection began. */
    long written() {
        return written;
    }

    /** Appends ISO 8859-1 text. */
    void text(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        bytes(bytes, 0, bytes.length);
    }

    /** Appends bytes. */
    void bytes(byte[] from, int offset, int length) throws IOException {
        written += length;
        int at = offset;
        int left = length;
        while (left > 0) {
            if (!buffer.hasRemaining()) {
                flush();
            }
            int n = Math.min(left, buffer.remaining());
            buffer.put(from, at, n);
            at += n;
            left -= n;
        }
    }

    /** Appends a part of a file, which must still be that long. */
    void file(FileChannel file, long position, long count) throws IOException {
        long at = position;
        long left = count;
        while (left > 0) {
            if (!buffer.hasRemaining()) {
                flush();
            }
            int before = buffer.position();
            buffer.limit((int) Math.min(SIZE, before + left));
            int n = file.read(buffer, at);
            buffer.limit(SIZE);
            if (n <= 0) {
                throw new EOFException("the file became shorter while it was sent");
            }
            at += n;
            left -= n;
            written += n;
        }
    }

    /** Sends what is buffered. */
    void flush() throws IOException {
        if (buffer.position() == 0) {
            return;
        }
        buffer.flip();
        writingSinceNs = nanoTime.getAsLong();
        writing = true;
        try {
            transport.write(buffer);
        } finally {
            writing = false;
            buffer.clear();
        }
    }

    /** True when one write has lasted longer than {@code millis}. */
    boolean isStuck(long nowNs, int millis) {
        return writing && nowNs - writingSinceNs > millis * 1_000_000L;
    }
}
