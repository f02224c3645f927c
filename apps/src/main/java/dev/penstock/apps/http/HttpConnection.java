package dev.penstock.apps.http;

import dev.penstock.apps.net.Transport;
import java.io.IOException;

/** Serves the requests of one connection, in their order, on one thread. */
final class HttpConnection implements Runnable {
    /** How much is read and thrown away after an early end, so that no reset destroys the response. */
    private static final int LINGER_BYTES = 1 << 20;

    private static final int LINGER_MILLIS = 2_000;

    private final HttpServer server;
    private final Transport transport;
    private final HttpLimits limits;
    private final ConnectionBuffers buffers;
    private final HttpInput in;
    private final HttpOutput out;
    private volatile boolean idle = true;

    HttpConnection(HttpServer server, Transport transport) {
        this.server = server;
        this.transport = transport;
        this.limits = server.limits();
        this.buffers = server.buffers();
        this.in = new HttpInput(transport, server.nanoTime(), buffers.input);
        this.out = new HttpOutput(transport, server.nanoTime(), buffers.output);
    }

    @Override
    public void run() {
        boolean inOrder = false;
        try {
            inOrder = serve();
        } catch (IOException e) {
            // The client went away, or the watchdog ended a stuck write: there is nobody to tell.
        } catch (RuntimeException | StackOverflowError e) {
            server.onFault(e);
        } finally {
            if (inOrder) {
                closeQuietly();
            } else {
                transport.abort();
            }
            server.onEnd(this);
            server.recycle(buffers);
        }
    }

    private void closeQuietly() {
        try {
            transport.close();
        } catch (IOException e) {
            transport.abort();
        }
    }

    /** True when the connection is to be closed in order. */
    private boolean serve() throws IOException {
        HeadReader heads = new HeadReader(in, limits, buffers.line);
        HttpBody.Continue onContinue = () -> {
            out.text("HTTP/1.1 100 Continue\r\n\r\n");
            out.flush();
        };
        for (int n = 1; ; n++) {
            HttpRequest request;
            try {
                // Pipelined responses leave together: flush only before waiting.
                if (!in.hasBuffered()) {
                    out.flush();
                }
                idle = !in.hasBuffered();
                request = server.isClosing() && idle ? null : heads.read(transport.peer(), onContinue);
                idle = false;
            } catch (HttpException e) {
                refuse(e);
                return true;
            }
            if (request == null) {
                out.flush();
                return true;
            }
            boolean mayPersist = n < limits.requestsPerConnection() && request.wantsKeepAlive() && !server.isClosing();
            HttpResponse response = new HttpResponse(out, request, server.date(), mayPersist);
            boolean complete = answer(request, response);
            server.log(transport.peer(), request, response);
            if (!complete) {
                out.flush();
                return false;
            }
            if (!response.isKeepAlive() || (!request.httpBody().isFinished() && !drained(request))) {
                lingeringEnd();
                return true;
            }
        }
    }

    private boolean drained(HttpRequest request) throws IOException {
        out.flush();
        try {
            return request.httpBody().drain();
        } catch (HttpException e) {
            return false;
        }
    }

    /** False when the response is cut short and the client must see that. */
    private boolean answer(HttpRequest request, HttpResponse response) throws IOException {
        if (!mayKeep(request)) {
            response.closeAfter();
        }
        try {
            server.handler().handle(request, response);
            if (!response.isBegun()) {
                response.error(404, null);
            }
        } catch (HttpException e) {
            if (response.isBegun()) {
                return false;
            }
            if (e.isFatal()) {
                response.closeAfter();
            }
            response.error(e.status(), e.getMessage());
        } catch (IOException | RuntimeException e) {
            server.onFault(e);
            if (response.isBegun()) {
                return false;
            }
            response.error(500, null);
        }
        return response.finish();
    }

    /** A client that sends more than will be skipped is told at once that the connection ends. */
    private boolean mayKeep(HttpRequest request) {
        return !request.httpBody().isHeldBack();
    }

    private void refuse(HttpException e) throws IOException {
        HttpResponse response = new HttpResponse(out, null, server.date(), false);
        response.error(e.status(), e.getMessage());
        server.log(transport.peer(), null, response);
        lingeringEnd();
    }

    /**
     * RFC 9112, section 9.6: "If a server performs an immediate close of a TCP connection, there is a significant risk
     * that the client will not be able to read the last HTTP response." So it half-closes first, then reads until the
     * client closes, within bounds.
     */
    private void lingeringEnd() throws IOException {
        out.flush();
        transport.shutdownOutput();
        in.expectWithin(Math.min(LINGER_MILLIS, limits.idleTimeout()));
        byte[] sink = new byte[8192];
        int skipped = 0;
        try {
            for (int n = in.read(sink, 0, sink.length); n >= 0 && skipped < LINGER_BYTES; ) {
                skipped += n;
                n = in.read(sink, 0, sink.length);
            }
        } catch (IOException e) {
            // The client is slow, or gone: enough was done for it.
        }
    }

    /** Ends a connection whose client takes nothing. Any thread. */
    void checkStuck(long nowNs) {
        if (out.isStuck(nowNs, limits.writeTimeout())) {
            server.onStuck();
            transport.abort();
        }
    }

    /** Ends it between two requests. Any thread. */
    void closeIfIdle() {
        if (idle) {
            closeQuietly();
        }
    }

    void abort() {
        transport.abort();
    }
}
