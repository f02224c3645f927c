package dev.penstock.apps.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The life of a connection, in virtual time. */
class HttpConnectionTest {
    private static final HttpHandler HELLO = (request, response) ->
            response.send(200, "text/plain", request.rawPath().getBytes(StandardCharsets.ISO_8859_1));
    private static final String HOST = "Host: a\r\n\r\n";

    private static int responses(String output) {
        return output.split("HTTP/1\\.1 [2-5]", -1).length - 1;
    }

    @Test
    void answersPipelinedRequestsInOrder() {
        StringBuilder requests = new StringBuilder();
        for (int i = 0; i < 50; i++) {
            requests.append("GET /").append(i).append(" HTTP/1.1\r\n").append(HOST);
        }
        String output = Exchange.answer(HELLO, requests.toString());
        assertEquals(50, responses(output));
        int at = 0;
        for (int i = 0; i < 50; i++) {
            at = output.indexOf("\r\n\r\n/" + i, at);
            assertTrue(at > 0, "response " + i);
        }
    }

    @Test
    void keepsAndClosesAsAsked() {
        String get = "GET / HTTP/1.1\r\n" + HOST;
        assertEquals(2, responses(Exchange.answer(HELLO, get + get)));
        String close = "GET / HTTP/1.1\r\nConnection: x, Close\r\n" + HOST;
        assertEquals(1, responses(Exchange.answer(HELLO, close + get)));
        assertTrue(Exchange.answer(HELLO, close).contains("Connection: close\r\n"));
        String old = "GET / HTTP/1.0\r\n\r\n";
        assertEquals(1, responses(Exchange.answer(HELLO, old + old)));
        String oldKept = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
        String output = Exchange.answer(HELLO, oldKept + oldKept);
        assertEquals(2, responses(output));
        assertTrue(output.contains("Connection: keep-alive\r\n"));
    }

    @Test
    void closesAfterTheLastRequestItAllows() {
        Exchange exchange = new Exchange(HELLO, HttpLimits.DEFAULT.withBounds(10, 10, 3));
        exchange.client.then(("GET / HTTP/1.1\r\n" + HOST).repeat(5));
        String output = exchange.run();
        assertEquals(3, responses(output));
        assertEquals(1, output.split("Connection: close", -1).length - 1);
    }

    @Test
    void endsASlowHeaderWith408() {
        Exchange exchange = new Exchange(HELLO, HttpLimits.DEFAULT.withTimeouts(10_000, 30_000, 5_000, 5_000));
        for (int i = 0; i < 100; i++) {
            exchange.client.then(i == 0 ? "GET / HTTP/1.1\r\nX: " : "x", 900);
        }
        long start = exchange.clockNs.get();
        String output = exchange.run();
        assertEquals(408, Exchange.status(output));
        assertTrue(exchange.clockNs.get() - start < TimeUnit.SECONDS.toNanos(14));
    }

    @Test
    void closesAnIdleConnectionWithoutAWord() {
        Exchange exchange = new Exchange(HELLO, HttpLimits.DEFAULT);
        exchange.client.then("GET / HTTP/1.1\r\n" + HOST).thenSilence();
        String output = exchange.run();
        assertEquals(1, responses(output));
        assertTrue(exchange.client.isClosed());
        assertFalse(exchange.client.isAborted());
        Exchange silent = new Exchange(HELLO, HttpLimits.DEFAULT);
        silent.client.thenSilence();
        assertEquals("", silent.run());
    }

    @Test
    void endsASlowContentWith408() {
        HttpHandler reader = (request, response) ->
                response.send(200, "text/plain", request.body().readAllBytes());
        Exchange exchange = new Exchange(reader, HttpLimits.DEFAULT);
        exchange.client
                .then("POST / HTTP/1.1\r\nContent-Length: 9\r\n" + HOST + "abc")
                .thenSilence();
        assertEquals(408, Exchange.status(exchange.run()));
    }

    @Test
    void skipsAContentNobodyRead() {
        String output = Exchange.answer(
                HELLO, "POST /1 HTTP/1.1\r\nContent-Length: 5\r\n" + HOST + "GET /GET /2 HTTP/1.1\r\n" + HOST);
        assertEquals(2, responses(output));
        assertTrue(output.endsWith("/2"));
    }

    @Test
    void closesInsteadOfSkippingTooMuch() {
        Exchange exchange = new Exchange(HELLO, HttpLimits.DEFAULT.withBounds(1 << 20, 100, 10));
        exchange.client.then(
                "POST /1 HTTP/1.1\r\nContent-Length: 500\r\n" + HOST + "x".repeat(500) + "GET /2 HTTP/1.1\r\n" + HOST);
        assertEquals(1, responses(exchange.run()));
        assertTrue(exchange.client.isClosed());
    }

    @Test
    void doesNotSkipForeverByDrips() {
        Exchange exchange = new Exchange(HELLO, HttpLimits.DEFAULT);
        exchange.client.then("POST /1 HTTP/1.1\r\nContent-Length: 5000\r\n" + HOST);
        for (int i = 0; i < 5000; i++) {
            exchange.client.then("x", 5_000);
        }
        long start = exchange.clockNs.get();
        assertEquals(1, responses(exchange.run()));
        assertTrue(exchange.clockNs.get() - start < TimeUnit.SECONDS.toNanos(20));
    }

    @Test
    void asksForAContentHeldBackOnlyWhenItIsRead() {
        String head = "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n" + HOST;
        String unread = Exchange.answer(HELLO, head);
        assertFalse(unread.contains("100 Continue"));
        assertTrue(unread.contains("Connection: close\r\n"));
        HttpHandler reader = (request, response) ->
                response.send(200, "text/plain", request.body().readAllBytes());
        String output = Exchange.answer(reader, head + "abc");
        assertTrue(output.startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"), output);
        assertTrue(output.endsWith("abc"));
    }

    @Test
    void turnsFailuresInto500OrACutConnection() {
        Exchange early = new Exchange(
                (request, response) -> {
                    throw new IllegalStateException("a fault");
                },
                HttpLimits.DEFAULT);
        early.client.then("GET / HTTP/1.1\r\n" + HOST);
        String output = early.run();
        assertEquals(500, Exchange.status(output));
        assertFalse(output.contains("a fault"));
        assertEquals(1, early.server.faults());

        Exchange late = new Exchange(
                (request, response) -> {
                    response.begin(200, 100);
                    throw new IOException("the disk is gone");
                },
                HttpLimits.DEFAULT);
        late.client.then(("GET / HTTP/1.1\r\n" + HOST).repeat(2));
        assertEquals(1, responses(late.run()));
        assertTrue(late.client.isAborted());
    }

    @Test
    void asksForALengthWhereOneIsNeeded() {
        HttpHandler needs = (request, response) -> {
            request.requireLength();
            response.send(204);
        };
        assertEquals(411, Exchange.status(Exchange.answer(needs, "POST / HTTP/1.1\r\n" + HOST)));
        assertEquals(204, Exchange.status(Exchange.answer(needs, "POST / HTTP/1.1\r\nContent-Length: 0\r\n" + HOST)));
    }

    @Test
    void chunksAContentOfUnknownLength() {
        HttpHandler unknown = (request, response) -> {
            response.begin(200, HttpResponse.UNKNOWN);
            response.write("hello".getBytes(StandardCharsets.US_ASCII), 0, 5);
            response.write("hi".getBytes(StandardCharsets.US_ASCII), 0, 2);
        };
        String output = Exchange.answer(unknown, "GET / HTTP/1.1\r\n" + HOST);
        assertTrue(output.contains("Transfer-Encoding: chunked\r\n"));
        assertEquals("5\r\nhello\r\n2\r\nhi\r\n0\r\n\r\n", Exchange.content(output));
        String old = Exchange.answer(unknown, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        assertEquals("hellohi", Exchange.content(old));
        assertTrue(old.contains("Connection: close\r\n"));
    }

    @Test
    void logsWhatCannotHarmATerminal() {
        Exchange exchange = new Exchange(HELLO, HttpLimits.DEFAULT);
        exchange.client.then("GET /a\"b\\ HTTP/1.1\r\n" + HOST + "bad\r\n");
        exchange.run();
        assertEquals(
                List.of(
                        "192.0.2.9 - - [22/Nov/2026:07:00:00 +0000] \"GET /a\\x22b\\x5c HTTP/1.1\" 200 5",
                        "192.0.2.9 - - [22/Nov/2026:07:00:00 +0000] \"-\" 400 65"),
                exchange.log);
    }

    @Test
    void headersCannotBeSplit() {
        HttpHandler splitting = (request, response) -> response.header("X", "a\r\nEvil: 1");
        String output = Exchange.answer(splitting, "GET / HTTP/1.1\r\n" + HOST);
        assertEquals(500, Exchange.status(output));
        assertFalse(output.contains("Evil"));
    }
}
