package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.RandomSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Quiet connections are folded, and nobody notices: {@link ConnectionPool}, {@link ConnectionFolding}. */
class FoldingTest {
    private static final long SECOND = 1_000_000_000L;
    private static final UnsafeBuffer BYTES = new UnsafeBuffer(new byte[60_000]);

    private final TcpConfig config = new TcpConfig();

    /** Sends back what comes. */
    private static final class Echo implements TcpHandler {
        TcpConnection connection;
        TcpConnection closed;

        @Override
        public void onConnected(TcpConnection c, long nowNs) {
            connection = c;
        }

        @Override
        public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
            return Math.max(0, c.write(buffer, offset, length, nowNs));
        }

        @Override
        public void onReadable(TcpConnection c, long nowNs) {
            if (c.isInputEnded()) {
                c.close(nowNs);
            }
        }

        @Override
        public void onClosed(TcpConnection c, TcpError why, long nowNs) {
            closed = c;
        }
    }

    /** Asks, and counts what comes back. */
    private static final class Asker implements TcpHandler {
        TcpConnection connection;
        boolean closed;
        TcpError error;
        long received;

        @Override
        public void onConnected(TcpConnection c, long nowNs) {
            connection = c;
        }

        @Override
        public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
            received += length;
            return length;
        }

        @Override
        public void onClosed(TcpConnection c, TcpError why, long nowNs) {
            closed = true;
            error = why;
        }
    }

    private TcpPair net;
    private final Echo echo = new Echo();
    private final Asker asker = new Asker();

    private void connect(long seed) {
        net = new TcpPair(seed, config, config);
        net.b.tcp.listen(0, 0, 80, 8, config.defaults, (l, now) -> l.accept(echo));
        TcpConnection c = net.a.tcp.connect(
                0, 0, 0, net.b.address.hi(), net.b.address.lo(), 80, config.defaults, asker, net.nowNs);
        assertNotNull(c);
        assertTrue(net.runUntil(() -> echo.connection != null, 60 * SECOND));
    }

    private void ask(int bytes) {
        long goal = asker.received + bytes;
        assertEquals(bytes, asker.connection.write(BYTES, 0, bytes, net.nowNs));
        assertTrue(net.runUntil(() -> asker.received == goal, 600 * SECOND), "no answer");
    }

    private static boolean isFolded(TcpConnection c) {
        return ((ConnectionHandle) c).parts == null;
    }

    @Test
    void whoIsQuietIsFoldedAndWakesUp() {
        connect(1);
        ask(20_000);
        assertTrue(!isFolded(asker.connection) && !isFolded(echo.connection));
        net.runExactly(3 * SECOND);
        assertTrue(isFolded(asker.connection) && isFolded(echo.connection));
        assertEquals(0, net.a.tcp.pool.lent());
        assertEquals(0, net.a.deadlines.size(), "nothing wakes an idle stack");
        assertEquals(TcpState.ESTABLISHED, asker.connection.state());
        int bytes = ((ConnectionHandle) asker.connection).folded.length;
        assertTrue(bytes < 400, "a few hundred bytes: " + bytes);
        assertTrue(isFolded(asker.connection), "to be asked for the state unfolds nothing");
        ask(64);
        asker.connection.close(net.nowNs);
        assertTrue(net.runUntil(() -> asker.closed && echo.closed != null, 10 * SECOND));
        assertNull(asker.error);
        net.run(120 * SECOND);
        net.assertNoLeaks();
    }

    @Test
    void whatIsKnownStaysTheSame() {
        connect(2);
        net.loss = 0.05;
        net.reorder = 0.05;
        for (int i = 0; i < 40; i++) {
            ask(1 + 1_117 * i % 20_000);
        }
        net.loss = 0;
        net.run(500_000_000L);
        ConnectionHandle h = (ConnectionHandle) asker.connection;
        Connection before = h.parts();
        TcpInfo info = new TcpInfo();
        h.info(info, net.nowNs);
        Map<String, Object> known = Knowledge.of(before);
        net.runExactly(5 * SECOND);
        assertTrue(isFolded(h));
        // Whoever gets the parts next finds no trace of what was in them.
        for (Connection c : free(net.a.tcp)) {
            Knowledge.scramble(c, RandomSource.seeded(3));
        }
        assertEquals(String.join("\n", text(known)), String.join("\n", text(Knowledge.of(h.parts()))));
        TcpInfo after = new TcpInfo();
        h.info(after, net.nowNs);
        assertTrue(info.bytesSent > 100_000 && info.retransmits > 0, "something had happened: " + info);
        assertEquals(info.bytesSent, after.bytesSent);
        assertEquals(info.srttNs, after.srttNs);
        assertEquals(info.cwnd, after.cwnd);
        ask(64);
    }

    @Test
    void usedPartsBeginAsNewOnes() {
        connect(4);
        net.loss = 0.05;
        for (int i = 0; i < 20; i++) {
            ask(17_000);
        }
        net.loss = 0;
        asker.connection.close(net.nowNs);
        assertTrue(net.runUntil(() -> asker.closed, 60 * SECOND));
        net.run(120 * SECOND);
        // What is read when a connection begins may have changed since the parts were made.
        config.habits = TcpHabits.LINUX;
        config.initialRtoNs = 3 * SECOND;
        config.quickAcks = 3;
        config.ecn = TcpEcn.ON;
        config.tcbSharing = false;
        for (Connection c : free(net.a.tcp)) {
            Knowledge.scramble(c, RandomSource.seeded(5));
        }
        TcpOptions options = new TcpOptions();
        options.congestion = "reno";
        options.keepIdleNs = 5 * SECOND;
        TcpPair other = new TcpPair(4, config, config);
        assertEquals(knowledgeOfNew(other, options), knowledgeOfNew(net, options));
    }

    private static String knowledgeOfNew(TcpPair pair, TcpOptions options) {
        ConnectionHandle h = (ConnectionHandle) pair.a.tcp.connect(
                0, 0, 5_000, pair.b.address.hi(), pair.b.address.lo(), 81, options, new Asker(), pair.nowNs);
        Map<String, Object> known = Knowledge.of(h.parts());
        // What is random: the keys of the two stacks differ, and so do sequence numbers and clocks.
        known.keySet()
                .removeIf(name ->
                        name.matches(".*(iss|una|nxt|sml|probeEnd|timestampOffset)") || name.contains("counters"));
        return String.join("\n", text(known));
    }

    private static List<String> text(Map<String, Object> known) {
        List<String> lines = new ArrayList<>();
        known.forEach((name, value) -> lines.add(name + " = " + value));
        return lines;
    }

    private static Iterable<Connection> free(TcpLayer tcp) {
        assertTrue(tcp.pool.free().iterator().hasNext(), "parts were given back");
        return tcp.pool.free();
    }

    /** The same segments at the same time, whether or not connections are folded whenever they can be. */
    @ParameterizedTest
    @CsvSource({"1, 0", "2, 0", "3, 0.02", "4, 0.05", "5, 0.1", "6, 0.2"})
    void segmentsAreTheSame(long seed, double loss) {
        String never = conversation(seed, loss, Long.MAX_VALUE);
        String always = conversation(seed, loss, 1);
        assertEquals(never, always);
    }

    private String conversation(long seed, double loss, long quietNs) {
        TcpConfig own = new TcpConfig();
        own.quietNs = quietNs;
        TcpPair pair = new TcpPair(seed, own, own);
        StringBuilder log = new StringBuilder();
        pair.drop = (from, segment) -> {
            log.append(pair.nowNs)
                    .append(' ')
                    .append(java.util.Arrays.hashCode(segment))
                    .append('\n');
            return false;
        };
        pair.loss = loss;
        Echo server = new Echo();
        Asker client = new Asker();
        pair.b.tcp.listen(0, 0, 80, 8, own.defaults, (l, now) -> l.accept(server));
        pair.a.tcp.connect(0, 0, 0, pair.b.address.hi(), pair.b.address.lo(), 80, own.defaults, client, pair.nowNs);
        pair.runUntil(() -> client.connection != null, 60 * SECOND);
        RandomSource random = RandomSource.seeded(seed);
        long foldings = 0;
        for (int i = 0; i < 60; i++) {
            client.connection.write(BYTES, 0, 1 + random.nextInt(30_000), pair.nowNs);
            pair.runExactly(random.nextInt(4) * SECOND / 3);
            foldings += isFolded(client.connection) ? 1 : 0;
        }
        assertEquals(quietNs == 1, foldings > 5, "folded " + foldings + " times");
        client.connection.close(pair.nowNs);
        pair.runExactly(300 * SECOND);
        return log.toString();
    }

    @Test
    void theProbesOfAnIdleConnectionGoOutInTime() {
        connect(7);
        TcpOptions options = asker.connection.options();
        options.keepAlive = true;
        options.keepIdleNs = 10 * SECOND;
        options.keepIntervalNs = SECOND;
        asker.connection.optionsChanged(net.nowNs);
        ask(64);
        List<Long> sent = new ArrayList<>();
        long quietSince = net.nowNs;
        net.drop = (from, segment) -> from == net.a && sent.add(net.nowNs);
        net.runExactly(5 * SECOND);
        assertTrue(isFolded(asker.connection));
        assertEquals(1, net.a.deadlines.size(), "one alarm, and no timer of parts that are nobody's");
        net.runExactly(4 * SECOND);
        assertTrue(sent.isEmpty() || sent.get(sent.size() - 1) < quietSince + SECOND, "no probe yet");
        sent.clear();
        net.runExactly(2 * SECOND);
        assertEquals(2, sent.size(), "a probe, and the next one after a second without an answer: " + sent);
        assertTrue(net.runUntil(() -> asker.closed, 60 * SECOND));
        assertEquals(TcpError.TIMED_OUT, asker.error);
    }

    @Test
    void whoIsLetGoServesAnother() {
        connect(8);
        TcpConnection first = asker.connection;
        first.letGo();
        first.close(net.nowNs);
        assertTrue(net.runUntil(() -> asker.closed && echo.closed != null, 60 * SECOND));
        net.run(SECOND);
        assertThrows(IllegalStateException.class, () -> first.write(BYTES, 0, 1, net.nowNs));
        asker.closed = false;
        TcpConnection second = net.a.tcp.connect(
                0, 0, 0, net.b.address.hi(), net.b.address.lo(), 80, config.defaults, asker, net.nowNs);
        assertSame(first, second);
        assertTrue(net.runUntil(() -> asker.connection.state() == TcpState.ESTABLISHED, SECOND));
        ask(100);
    }

    @Test
    void whoIsNotLetGoCanBeAskedAfterItsEnd() {
        connect(9);
        ask(3_000);
        TcpConnection first = asker.connection;
        first.close(net.nowNs);
        assertTrue(net.runUntil(() -> asker.closed && echo.closed != null, 60 * SECOND));
        assertTrue(isFolded(first) && isFolded(echo.closed));
        assertEquals(TcpState.TIME_WAIT, first.state());
        TcpInfo info = new TcpInfo();
        first.info(info, net.nowNs);
        assertEquals(3_000, info.bytesReceived);
        assertEquals(-1, first.write(BYTES, 0, 1, net.nowNs));
        net.run(120 * SECOND);
        assertEquals(TcpState.CLOSED, first.state());
        assertTrue(isFolded(first), "asked and folded again");
        TcpConnection second = net.a.tcp.connect(
                0, 0, 0, net.b.address.hi(), net.b.address.lo(), 80, config.defaults, asker, net.nowNs);
        assertNotSame(first, second);
        net.run(SECOND);
    }

    @Test
    void queuesThatWereShownStayTheirs() {
        connect(10);
        var queue = asker.connection.sendQueue();
        ask(5_000);
        net.runExactly(5 * SECOND);
        assertTrue(isFolded(asker.connection));
        // Another thread would do so: it writes, and has the stack told.
        long goal = asker.received + 700;
        assertEquals(700, queue.write(BYTES, 0, 700));
        asker.connection.dataWritten(net.nowNs);
        assertSame(queue, asker.connection.sendQueue());
        assertTrue(net.runUntil(() -> asker.received == goal, SECOND));
        assertEquals(5_700, queue.tailPosition());
    }
}
