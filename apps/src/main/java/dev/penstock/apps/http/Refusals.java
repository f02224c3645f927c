package dev.penstock.apps.http;

import dev.penstock.apps.net.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Tells the clients for whom there is no room 503, on one thread of its own: each gets a moment to have sent its
 * request, for closing with unread input would reset the connection and destroy the answer. A bounded queue; beyond it
 * connections are reset.
 */
final class Refusals implements Runnable {
    private static final int WAITING = 128;
    private static final int MOMENT_MILLIS = 100;
    private static final String BUSY_TEXT =
            """
            HTTP/1.1 503 Service Unavailable
            Server: penstock
            Retry-After: 1
            Content-Length: 0
            Connection: close

            """;
    private static final byte[] BUSY = BUSY_TEXT.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1);

    private final BlockingQueue<Transport> waiting = new ArrayBlockingQueue<>(WAITING);

    /** Any thread. */
    void add(Transport transport) {
        if (!waiting.offer(transport)) {
            transport.abort();
        }
    }

    @Override
    public void run() {
        byte[] sink = new byte[4096];
        try {
            while (true) {
                refuse(waiting.take(), sink);
            }
        } catch (InterruptedException e) {
            waiting.forEach(Transport::abort);
        }
    }

    private static void refuse(Transport transport, byte[] sink) {
        try {
            // The send buffer of a new connection is empty, so this does not block.
            transport.write(ByteBuffer.wrap(BUSY));
            transport.shutdownOutput();
            transport.readTimeout(MOMENT_MILLIS);
            for (int n = transport.read(sink, 0, sink.length), pieces = 1; n >= 0 && pieces < 8; pieces++) {
                n = transport.read(sink, 0, sink.length);
            }
            transport.close();
        } catch (IOException e) {
            transport.abort();
        }
    }
}
