package dev.penstock.apps.iperf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.blocking.Endpoint;
import dev.penstock.stack.sim.LinkEvent;
import dev.penstock.stack.sim.SimulatedHost;
import dev.penstock.stack.sim.SimulatedNetwork;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.wire.IpAddress;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our client against our server, in virtual time: 10 ms and 100 Mbit/s between them. */
class IperfTest {
    private static final long SECOND_NS = 1_000_000_000L;

    private SimulatedNetwork network;
    private SimulatedHost client;
    private SimulatedHost server;
    private IperfServer serving;
    private final Log serverLog = new Log();
    private final Log clientLog = new Log();

    private static final class Log implements IperfListener {
        final List<List<IperfInterval>> intervals = new ArrayList<>();
        final List<IperfResult> results = new ArrayList<>();
        final List<String> failures = new ArrayList<>();

        @Override
        public void onInterval(List<IperfInterval> streams) {
            intervals.add(streams);
        }

        @Override
        public void onEnd(IperfResult result) {
            results.add(result);
        }

        @Override
        public void onFailure(String reason) {
            failures.add(reason);
        }

        boolean isOver() {
            return !results.isEmpty() || !failures.isEmpty();
        }
    }

    @BeforeEach
    void start() throws IperfException {
        network = SimulatedNetwork.seeded(7);
        client = network.host("client", "192.0.2.1/24");
        server = network.host("server", "192.0.2.2/24");
        client.transmit().rate(100_000_000).delay(5_000_000);
        server.transmit().rate(100_000_000).delay(5_000_000);
        serving = IperfServer.start(server.stack(), IperfServer.PORT, serverLog, SECOND_NS);
    }

    @AfterEach
    void end() {
        serving.close();
        network.run(200 * SECOND_NS);
        assertEquals(0, server.counters().get(StackCounter.APPLICATION_FAULTS), "faults of the server");
        network.close();
        network.assertNoLeaks();
    }

    private IperfClient begin(IperfSettings settings, Log log) throws IperfException {
        return IperfClient.start(
                client.stack(),
                new Endpoint(server.address(), IperfServer.PORT),
                settings,
                log,
                SECOND_NS,
                RandomSource.seeded(3));
    }

    private IperfResult test(IperfSettings settings) throws IperfException {
        begin(settings, clientLog);
        assertTrue(network.runUntil(clientLog::isOver, 100 * SECOND_NS));
        network.run(SECOND_NS);
        assertEquals(List.of(), clientLog.failures, () -> "server: " + serverLog.failures);
        assertEquals(List.of(), serverLog.failures);
        assertEquals(1, serverLog.results.size());
        return clientLog.results.get(0);
    }

    private static IperfSettings settings() {
        IperfSettings s = new IperfSettings();
        s.seconds = 3;
        return s;
    }

    @ParameterizedTest
    @CsvSource({"false,false,1", "true,false,1", "false,true,1", "false,false,5", "true,false,4", "false,true,3"})
    void tcpFillsTheLinkEachWay(boolean reverse, boolean both, int parallel) throws IperfException {
        IperfSettings s = settings();
        s.reverse = reverse;
        s.bidirectional = both;
        s.parallel = parallel;
        IperfResult result = test(s);
        assertEquals(both ? 2 * parallel : parallel, result.own().size());
        for (boolean byUs : new boolean[] {true, false}) {
            boolean expected = both || byUs != reverse;
            double rate = result.received(byUs) * 8.0 / 3;
            // Both ways at once, acknowledgments wait behind data.
            double least = both ? 50e6 : 80e6;
            assertTrue(expected ? rate > least && rate < 100e6 : rate == 0, "bits a second: " + rate);
        }
        for (int i = 0; i < result.own().size(); i++) {
            IperfInterval own = result.own().get(i);
            IperfInterval peer = result.peer().get(i);
            IperfInterval theirs = serverLog.results.get(0).own().get(i);
            assertEquals(own.stream(), peer.stream());
            assertEquals(!own.sender(), peer.sender());
            assertEquals(theirs.bytes(), peer.bytes(), "what the server said is what it counted");
            long sent = own.sender() ? own.bytes() : peer.bytes();
            long received = own.sender() ? peer.bytes() : own.bytes();
            assertTrue(received > 0 && received <= sent, received + " of " + sent);
        }
    }

    @Test
    void intervalsAddUpToTheWhole() throws IperfException {
        IperfResult result = test(settings());
        for (Log log : List.of(clientLog, serverLog)) {
            assertTrue(log.intervals.size() >= 3 && log.intervals.size() <= 4, "intervals: " + log.intervals.size());
            long sum = log.intervals.stream().mapToLong(i -> i.get(0).bytes()).sum();
            long whole =
                    (log == clientLog ? result.own() : result.peer()).get(0).bytes();
            assertTrue(sum <= whole && sum > whole * 0.98, sum + " of " + whole);
        }
    }

    @ParameterizedTest
    @CsvSource({"false,1", "true,1", "false,3"})
    void byBytesExactlySoManyAreSent(boolean reverse, int parallel) throws IperfException {
        IperfSettings s = settings();
        s.bytes = 3_000_001;
        s.reverse = reverse;
        s.parallel = parallel;
        IperfResult result = test(s);
        if (reverse) {
            assertTrue(result.received(false) >= s.bytes);
        } else {
            assertEquals(
                    s.bytes,
                    result.own().stream().mapToLong(IperfInterval::bytes).sum());
            assertEquals(s.bytes, result.received(true), "all had arrived when the test was ended");
        }
    }

    @Test
    void byBlocks() throws IperfException {
        IperfSettings s = settings();
        s.udp = true;
        s.blocks = 100;
        s.rate = 50_000_000;
        IperfResult result = test(s);
        assertEquals(100, result.own().get(0).packets());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void lossOfDatagramsIsWhatTheLinkLost(boolean reverse) throws IperfException {
        IperfSettings s = settings();
        s.udp = true;
        s.rate = 10_000_000;
        s.reverse = reverse;
        s.parallel = 2;
        SimulatedHost sender = reverse ? server : client;
        network.after(SECOND_NS, () -> sender.transmit().loss(0.05));
        network.after(2 * SECOND_NS, () -> sender.transmit().loss(0));
        IperfResult result = test(s);
        List<IperfInterval> receivers = reverse ? result.own() : result.peer();
        long lost = receivers.stream().mapToLong(IperfInterval::lost).sum();
        assertEquals(sender.transmit().count(LinkEvent.LOST), lost);
        assertTrue(lost > 40, "lost: " + lost);
        for (IperfInterval each : receivers) {
            double rate = each.bytes() * 8.0 / 3;
            assertTrue(rate > 9e6 && rate < 10.2e6, "bits a second: " + rate);
            assertTrue(each.jitterNs() < 1_000_000, "jitter: " + each.jitterNs());
        }
    }

    @Test
    void reorderedDatagramsAreNotLost() throws IperfException {
        IperfSettings s = settings();
        s.udp = true;
        s.rate = 10_000_000;
        // The hello must not be overtaken by what follows.
        network.after(SECOND_NS, () -> client.transmit().reorder(0.1, 3_000_000));
        network.after(2 * SECOND_NS, () -> client.transmit().reorder(0, 0));
        begin(s, clientLog);
        assertTrue(network.runUntil(clientLog::isOver, 100 * SECOND_NS));
        network.run(SECOND_NS);
        IperfInterval received = serverLog.results.get(0).own().get(0);
        assertEquals(0, received.lost());
        assertTrue(received.outOfOrder() > 20, "out of order: " + received.outOfOrder());
    }

    @Test
    void whatIsOmittedDoesNotCount() throws IperfException {
        IperfSettings s = settings();
        s.udp = true;
        s.rate = 10_000_000;
        s.omitSeconds = 2;
        network.after(SECOND_NS, () -> client.transmit().loss(0.2));
        network.after(3 * SECOND_NS / 2, () -> client.transmit().loss(0));
        IperfResult result = test(s);
        IperfInterval received = result.peer().get(0);
        assertEquals(0, received.lost(), "lost after the beginning that does not count");
        double packets = 3 * 10e6 / 8 / 1448;
        assertEquals(packets, (double) received.packets(), 40);
        assertEquals(packets, (double) result.own().get(0).packets(), 40);
    }

    @Test
    void aSlowStreamKeepsItsRate() throws IperfException {
        IperfSettings s = settings();
        s.rate = 8_000_000;
        s.length = 10_000;
        IperfResult result = test(s);
        assertEquals(8e6, result.own().get(0).bytes() * 8.0 / 3, 1e5);
    }

    @Test
    void oneTestAtATime() throws IperfException {
        Log second = new Log();
        begin(settings(), clientLog);
        network.run(SECOND_NS);
        begin(settings(), second);
        assertTrue(network.runUntil(() -> clientLog.isOver() && second.isOver(), 100 * SECOND_NS));
        assertEquals(1, clientLog.results.size());
        assertTrue(second.failures.get(0).contains("busy"), second.failures.toString());
        network.run(SECOND_NS);
        Log third = new Log();
        begin(settings(), third);
        assertTrue(network.runUntil(third::isOver, 100 * SECOND_NS));
        assertEquals(List.of(), third.failures);
    }

    @Test
    void whoIsNotThereIsSaid() throws IperfException {
        serving.close();
        begin(settings(), clientLog);
        assertTrue(network.runUntil(clientLog::isOver, 100 * SECOND_NS));
        assertTrue(clientLog.failures.get(0).contains("CONNECTION_REFUSED"), clientLog.failures.toString());
    }

    @Test
    void cancelledByTheClientAndStoppedByTheServer() throws IperfException {
        IperfClient first = begin(settings(), clientLog);
        network.run(SECOND_NS);
        client.application(first::cancel);
        network.run(SECOND_NS);
        assertEquals(1, clientLog.failures.size());
        assertTrue(serverLog.failures.get(0).contains("ended the test"), serverLog.failures.toString());
        Log second = new Log();
        begin(settings(), second);
        network.run(SECOND_NS);
        server.application(serving::close);
        assertTrue(network.runUntil(second::isOver, 100 * SECOND_NS));
        assertTrue(second.failures.get(0).contains("was stopped"), second.failures.toString());
    }

    @Test
    void aNetworkThatFailsEndsTheTestAtBothEnds() throws IperfException {
        begin(settings(), clientLog);
        network.run(SECOND_NS);
        network.partition(client);
        assertTrue(network.runUntil(() -> clientLog.isOver() && serverLog.isOver(), 200 * SECOND_NS));
        assertEquals(1, clientLog.failures.size());
        assertEquals(1, serverLog.failures.size());
        network.heal();
    }

    // --- clients that are none ---

    private static final class Talk implements TcpHandler {
        final byte[] message;
        final ByteArrayOutputStream answer = new ByteArrayOutputStream();
        TcpError error;
        boolean closed;
        boolean ended;

        Talk(byte[] message) {
            this.message = message;
        }

        @Override
        public void onConnected(TcpConnection connection, long nowNs) {
            connection.write(new UnsafeBuffer(message), 0, message.length, nowNs);
        }

        @Override
        public void onReadable(TcpConnection connection, long nowNs) {
            byte[] data = new byte[1000];
            int n = connection.receiveQueue().read(data, 0, data.length);
            if (n > 0) {
                answer.write(data, 0, n);
                connection.dataRead(nowNs);
            }
            if (connection.isInputEnded()) {
                ended = true;
                connection.close(nowNs);
            }
        }

        @Override
        public void onClosed(TcpConnection connection, TcpError e, long nowNs) {
            closed = true;
            error = e;
        }
    }

    private Talk say(byte[] message) {
        Talk talk = new Talk(message);
        connect(talk);
        return talk;
    }

    private TcpConnection connect(Talk talk) {
        IpAddress to = server.address();
        return client.stack()
                .tcp()
                .connect(
                        0,
                        IpAddress.ANY_V4.lo(),
                        0,
                        to.hi(),
                        to.lo(),
                        IperfServer.PORT,
                        new TcpOptions(),
                        talk,
                        client.nowNs());
    }

    private static byte[] parameters(String json) {
        byte[] text = json.getBytes(StandardCharsets.UTF_8);
        return framed(text.length, text);
    }

    private static byte[] framed(int length, byte[] text) {
        return ByteBuffer.allocate(ControlChannel.COOKIE + 4 + text.length)
                .put("nobody-in-particular-says-so-many-c\0".getBytes(StandardCharsets.US_ASCII))
                .position(ControlChannel.COOKIE)
                .putInt(length)
                .put(text)
                .array();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "{\"tcp\":true",
                "{\"tcp\":true,\"time\":10,\"parallel\":0}",
                "{\"tcp\":true,\"time\":10,\"parallel\":129}",
                "{\"tcp\":true,\"time\":-1}",
                "{\"tcp\":true,\"time\":\"long\"}",
                "{\"tcp\":true,\"time\":1e999}",
                "{\"tcp\":true,\"time\":10,\"len\":2147483647}",
                "{\"udp\":true,\"time\":10,\"len\":3}",
                "{\"tcp\":true,\"time\":10,\"congestion\":\"none such\"}",
                "{\"tcp\":true,\"time\":10,\"reverse\":[1]}",
                "{\"tcp\":true,\"time\":10,\"window\":-5}"
            })
    void nonsenseEndsTheTestWithAReason(String json) throws IperfException {
        Talk talk = say(parameters(json));
        network.run(SECOND_NS);
        assertTrue(talk.closed || talk.ended, "the server closes the connection");
        assertEquals(1, serverLog.failures.size());
        assertTrue(serverLog.failures.get(0).contains("cannot do"), serverLog.failures.toString());
        // And serves on.
        begin(settings(), clientLog);
        assertTrue(network.runUntil(clientLog::isOver, 100 * SECOND_NS));
        assertEquals(List.of(), clientLog.failures, () -> "server: " + serverLog.failures);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1, ControlChannel.MAX_TEXT + 1, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void lengthsOutOfRangeAreRefused(int length) {
        Talk talk = say(framed(length, new byte[10]));
        network.run(SECOND_NS);
        assertTrue(talk.closed || talk.ended);
        assertEquals(1, serverLog.failures.size());
    }

    /** Linux acknowledges the question for streams after 40 ms, and "start" would wait for that. */
    @Test
    void shortMessagesDoNotWaitForAcknowledgments() {
        assertTrue(ControlChannel.options().noDelay);
    }

    /** iperf3 reads whole blocks: without the end of the stream it would wait for the rest of one, and never say its results. */
    @Test
    void aServerThatSendsEndsItsStreamsWhenTheClientSaysThatTheTestIsOver() {
        Talk control = new Talk(parameters("{\"tcp\":true,\"num\":700,\"len\":500,\"reverse\":true}"));
        TcpConnection connection = connect(control);
        network.run(SECOND_NS);
        Talk stream = say(Arrays.copyOf(framed(0, new byte[0]), ControlChannel.COOKIE));
        network.run(SECOND_NS);
        assertTrue(stream.answer.size() > 0);
        assertFalse(stream.ended);
        byte[] end = {IperfState.TEST_END.code()};
        connection.write(new UnsafeBuffer(end), 0, 1, client.nowNs());
        network.run(SECOND_NS);
        assertTrue(stream.ended, "before the client says its results");
        assertFalse(control.ended);
        assertEquals(IperfState.EXCHANGE_RESULTS.code(), control.answer.toByteArray()[control.answer.size() - 1]);
    }

    @Test
    void whoSaysNothingIsCutOff() throws IperfException {
        Talk silent = say(new byte[0]);
        Talk halfway = say(parameters("{\"tcp\":true,\"time\":10,\"parallel\":2}"));
        network.run(5 * SECOND_NS);
        assertFalse(silent.closed);
        network.run(16 * SECOND_NS);
        assertEquals(TcpError.CONNECTION_RESET, silent.error);
        assertTrue(halfway.closed || halfway.ended);
        assertTrue(serverLog.failures.get(0).contains("in time"), serverLog.failures.toString());
        begin(settings(), clientLog);
        assertTrue(network.runUntil(clientLog::isOver, 100 * SECOND_NS));
        assertEquals(List.of(), clientLog.failures, () -> "server: " + serverLog.failures);
    }

    @Test
    void strangersDatagramsAreNotCounted() throws IperfException {
        SimulatedHost stranger = network.host("stranger", "192.0.2.66/24");
        IperfSettings s = settings();
        s.udp = true;
        s.rate = 1_000_000;
        begin(s, clientLog);
        network.run(SECOND_NS);
        var endpoint = stranger.stack().openUdp(new dev.penstock.stack.udp.UdpHandler() {});
        for (int i = 0; i < 100; i++) {
            UnsafeBuffer data = new UnsafeBuffer(ByteBuffer.allocateDirect(100));
            IpAddress to = server.address();
            endpoint.send(to.hi(), to.lo(), IperfServer.PORT, data, 0, 100, stranger.nowNs());
            network.run(1_000_000);
        }
        assertTrue(network.runUntil(clientLog::isOver, 100 * SECOND_NS));
        IperfResult result = clientLog.results.get(0);
        assertEquals(result.own().get(0).packets(), result.peer().get(0).packets());
        endpoint.close();
    }

    @Test
    void settingsTravel() {
        IperfSettings s = settings();
        s.udp = true;
        s.parallel = 3;
        s.bidirectional = true;
        s.length = 1000;
        s.rate = 5_000_000;
        s.tos = 0x20;
        s.omitSeconds = 1;
        IperfSettings back = IperfSettings.fromJson(s.toJson());
        assertEquals(s.toJson(), back.toJson());
        assertTrue(back.wideCounters);
        assertNull(back.congestion);
        IperfSettings none = settings();
        none.seconds = 0;
        assertThrows(IllegalArgumentException.class, none::check);
    }
}
