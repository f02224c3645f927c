package dev.penstock.apps.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers, bars, statistics: what people read. */
class OutputTest {

    @ParameterizedTest
    @CsvSource({"0, 0 B", "1023, 1023 B", "1024, 1.0 KiB", "1536, 1.5 KiB", "20971520, 20 MiB", "1073741824, 1.0 GiB"})
    void writesSizes(long bytes, String text) {
        assertEquals(text, Units.bytes(bytes));
    }

    @Test
    void writesRates() {
        assertEquals("8.0 Gbit/s", Units.rate(1_000_000_000, 1_000_000_000));
        assertEquals("80 Mbit/s", Units.rate(10_000_000, 1_000_000_000));
        assertEquals("0.01 Mbit/s", Units.rate(1_000, 1_000_000_000));
        assertEquals("8.0 Gbit/s", Units.rate(1, 0));
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "64K, 65536", "100m, 104857600", "1G, 1073741824"})
    void readsSizes(String text, long bytes) {
        assertEquals(bytes, Units.parseBytes(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "1T", "1.5M", "K", "99999999999999"})
    void refusesOtherSizes(String text) {
        assertThrows(IllegalArgumentException.class, () -> Units.parseBytes(text));
    }

    @Test
    void drawsABarOnATerminalOnly() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        ProgressBar piped = new ProgressBar(out, false, 100);
        piped.show(50, 1);
        piped.clear();
        assertEquals(0, bytes.size());
        ProgressBar bar = new ProgressBar(out, true, 1 << 20);
        bar.show(1 << 19, 1_000_000_000);
        String drawn = bytes.toString(StandardCharsets.UTF_8);
        assertTrue(drawn.startsWith("\r\033[K"), drawn);
        assertTrue(drawn.contains("[################----------------]  50 %  512 KiB"), drawn);
        bar.show(1 << 20, 1);
        assertTrue(bytes.toString(StandardCharsets.UTF_8).contains("[" + "#".repeat(32) + "] 100 %"));
    }

    @Test
    void sumsUpAsPingDoes() {
        PingStatistics statistics = new PingStatistics();
        assertEquals("0 packets transmitted, 0 received, 0% packet loss, time 0ms", statistics.summary(0));
        for (int i = 0; i < 4; i++) {
            statistics.sent();
        }
        statistics.reply(1_000_000);
        statistics.reply(2_000_000);
        statistics.reply(3_000_000);
        statistics.error();
        assertEquals(
                "4 packets transmitted, 3 received, +1 errors, 25% packet loss, time 3004ms" + System.lineSeparator()
                        + "rtt min/avg/max/mdev = 1.000/2.000/3.000/0.816 ms",
                statistics.summary(3_004_000_000L));
    }

    @ParameterizedTest
    @CsvSource({"45000, 0.045", "999400, 0.999", "1234000, 1.23", "12340000, 12.3", "123400000, 123"})
    void writesTimesAsPingDoes(long ns, String text) {
        assertEquals(text, PingStatistics.time(ns));
    }

    @Test
    void fetchesAndTellsTheProgress() throws IOException {
        byte[] answer =
                "HTTP/1.1 200 OK\r\ncontent-LENGTH: 5\r\n\r\nhello and more".getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        ByteArrayOutputStream sink = new ByteArrayOutputStream();
        List<Long> progress = new ArrayList<>();
        long n = Fetch.get(new ByteArrayInputStream(answer), request, "h", "/x", sink, progress::add);
        assertEquals(5, n);
        assertArrayEquals("hello".getBytes(StandardCharsets.US_ASCII), sink.toByteArray());
        assertEquals(5L, progress.get(progress.size() - 1));
        assertTrue(request.toString(StandardCharsets.US_ASCII).startsWith("GET /x HTTP/1.1\r\nHost: h\r\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "HTTP/1.1 404 Not Found\r\n\r\n",
                "HTTP/1.1 200 OK\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"
            })
    void saysWhenAFetchFails(String answer) {
        ByteArrayInputStream in = new ByteArrayInputStream(answer.getBytes(StandardCharsets.US_ASCII));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThrows(IOException.class, () -> Fetch.get(in, out, "h", "/", out, done -> {}));
    }

    @Test
    void theEndIsToldToWhoWaits() throws InterruptedException {
        Shutdown shutdown = new Shutdown();
        List<String> told = new ArrayList<>();
        shutdown.onRequest(() -> told.add("now"));
        assertTrue(told.isEmpty() && !shutdown.isRequested());
        shutdown.request();
        shutdown.await();
        assertEquals(List.of("now"), told);
        shutdown.onRequest(() -> told.add("late"));
        assertEquals(List.of("now", "late"), told);
    }
}
