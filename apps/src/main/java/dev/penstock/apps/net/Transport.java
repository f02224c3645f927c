package dev.penstock.apps.net;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * One byte-stream connection as the servers of this module see it, so that they run over Penstock's sockets, over the
 * kernel's, and over memory in tests. One thread reads and one writes; {@link #close} and {@link #abort} may come from
 * any thread and end calls that block.
 */
public interface Transport extends Closeable {

    /**
     * Reads at least one byte, waiting for it.
     *
     * @return how many bytes were read, or -1 at the end of the stream
     * @throws java.net.SocketTimeoutException when the time of {@link #readTimeout} passed without a byte
     */
    int read(byte[] into, int offset, int length) throws IOException;

    /** Writes all that remains in {@code from}, waiting for room. */
    void write(ByteBuffer from) throws IOException;

    /** The longest that a {@link #read} waits, milliseconds; 0 means for ever. */
    void readTimeout(int millis) throws IOException;

    /** Half-close: what was written goes out, then a FIN. */
    void shutdownOutput() throws IOException;

    /** Closes in order. Idempotent. */
    @Override
    void close() throws IOException;

    /** Resets the connection; a thread blocked in it gets an exception. Idempotent, never throws. */
    void abort();

    /** The peer's address for logs, without its port. */
    String peer();
}
