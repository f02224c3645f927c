package dev.penstock.apps.net;

import java.io.Closeable;
import java.io.IOException;

/** Where a server's connections come from. */
public interface TransportListener extends Closeable {

    /**
     * Waits for the next connection. One thread.
     *
     * @throws IOException when the listener was closed, which is how {@link #close} ends this call
     */
    Transport accept() throws IOException;

    /** Accepts no more. Any thread. Idempotent. */
    @Override
    void close() throws IOException;
}
