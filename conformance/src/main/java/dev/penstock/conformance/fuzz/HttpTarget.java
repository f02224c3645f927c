package dev.penstock.conformance.fuzz;

import dev.penstock.apps.http.HttpLimits;
import dev.penstock.apps.http.HttpRequest;
import dev.penstock.apps.http.HttpResponse;
import dev.penstock.apps.http.HttpServer;
import dev.penstock.apps.net.Transport;
import dev.penstock.apps.net.TransportListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;

/**
 * The HTTP server's parsers: a connection's bytes, given whole and given in small pieces, must get the same responses, each with a
 * head that is well-formed, and no fault of the server.
 */
final class HttpTarget {
    private static final HttpLimits LIMITS = HttpLimits.DEFAULT.withBounds(64 << 10, 16 << 10, 20);
    private static final InstantSource CLOCK = () -> Instant.ofEpochSecond(1_800_000_000L);
    private static final int OK = 200;

    private HttpTarget() {}

    static void run(FuzzInput in) {
        int piece = 1 + in.below(7);
        byte[] bytes = in.rest();
        byte[] whole = serve(bytes, Math.max(1, bytes.length));
        byte[] pieces = serve(bytes, piece);
        if (!Arrays.equals(whole, pieces)) {
            throw new IllegalStateException("in pieces of " + piece + " another response: "
                    + new String(whole, StandardCharsets.ISO_8859_1) + " and "
                    + new String(pieces, StandardCharsets.ISO_8859_1));
        }
        checkHead(whole);
    }

    private static byte[] serve(byte[] bytes, int piece) {
        Wire wire = new Wire(bytes, piece);
        HttpServer server = new HttpServer(new NoListener(), HttpTarget::answer, LIMITS, () -> 1, CLOCK, line -> {});
        server.serve(wire);
        if (server.faults() != 0 || server.openConnections() != 0) {
            throw new IllegalStateException(server.openConnections() + " connections left", server.lastFault());
        }
        return wire.written.toByteArray();
    }

    /** Tells everything that it understood, so that two readings of one request show. */
    private static void answer(HttpRequest request, HttpResponse response) throws IOException {
        StringBuilder told = new StringBuilder();
        told.append(request.method())
                .append('\n')
                .append(request.target())
                .append('\n')
                .append(request.rawPath())
                .append('\n')
                .append(request.rawQuery())
                .append('\n')
                .append(request.headers().get("host"))
                .append('\n');
        if (request.rawPath().length() % 2 == 0) {
            byte[] body = request.body().readAllBytes();
            told.append(new String(body, StandardCharsets.ISO_8859_1));
        }
        response.send(OK, "text/plain", told.toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void checkHead(byte[] written) {
        if (written.length == 0) {
            return;
        }
        String text = new String(written, StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        boolean good = end > 0 && text.startsWith("HTTP/1.1 ");
        for (int i = 0; good && i < end; i++) {
            char c = text.charAt(i);
            good = c == '\r'
                    ? text.charAt(i + 1) == '\n'
                    : c == '\n' ? text.charAt(i - 1) == '\r' : c >= ' ' && c < 0x7f;
        }
        if (!good) {
            throw new IllegalStateException("a response with a bad head: " + text);
        }
    }

    /** A client that has sent all it will. */
    private static final class Wire implements Transport {
        private final byte[] bytes;
        private final int piece;
        private final ByteArrayOutputStream written = new ByteArrayOutputStream();
        private int at;

        Wire(byte[] bytes, int piece) {
            this.bytes = bytes;
            this.piece = piece;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            int n = Math.min(Math.min(piece, length), bytes.length - at);
            System.arraycopy(bytes, at, into, offset, Math.max(0, n));
            at += n;
            return n == 0 ? -1 : n;
        }

        @Override
        public void write(ByteBuffer from) {
            while (from.hasRemaining()) {
                written.write(from.get());
            }
        }

        @Override
        public void readTimeout(int millis) {}

        @Override
        public void shutdownOutput() {}

        @Override
        public void close() {}

        @Override
        public void abort() {
            written.write('!');
        }

        @Override
        public String peer() {
            return "-";
        }
    }

    /** Nobody connects by himself. */
    private static final class NoListener implements TransportListener {
        @Override
        public Transport accept() throws IOException {
            throw new InterruptedIOException("no connections");
        }

        @Override
        public void close() {}
    }
}
