package dev.penstock.apps.http;

import dev.penstock.apps.net.ScriptedTransport;
import dev.penstock.apps.net.Transport;
import dev.penstock.apps.net.TransportListener;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Runs one connection of a server against a scripted client, on the calling thread, in virtual time. */
final class Exchange {
    static final Instant NOW = Instant.parse("2026-11-22T07:00:00Z");

    final AtomicLong clockNs = new AtomicLong(1_000_000_000_000L);
    final List<String> log = new ArrayList<>();
    final ScriptedTransport client = new ScriptedTransport(clockNs);
    final HttpServer server;

    Exchange(HttpHandler handler, HttpLimits limits) {
        TransportListener nobody = new TransportListener() {
            @Override
            public Transport accept() throws IOException {
                throw new IOException("closed");
            }

            @Override
            public void close() {
                // Nothing is open.
            }
        };
        server = new HttpServer(nobody, handler, limits, clockNs::get, InstantSource.fixed(NOW), log::add);
    }

    /** Serves the client to its end and answers what was written. */
    String run() {
        new HttpConnection(server, client).run();
        return client.output();
    }

    /** What a server with the usual limits writes to a client that sends this and closes. */
    static String answer(HttpHandler handler, String request) {
        Exchange exchange = new Exchange(handler, HttpLimits.DEFAULT);
        exchange.client.then(request);
        return exchange.run();
    }

    /** The status of the first response. */
    static int status(String response) {
        if (!response.matches("(?s)HTTP/1\\.1 [1-5][0-9][0-9] .*")) {
            throw new AssertionError("not a response: " + response);
        }
        return Integer.parseInt(response.substring(9, 12));
    }

    /** What follows the first header section. */
    static String content(String response) {
        return response.substring(response.indexOf("\r\n\r\n") + 4);
    }
}
