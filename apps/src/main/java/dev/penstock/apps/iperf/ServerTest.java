package dev.penstock.apps.iperf;

import com.google.gson.JsonObject;
import dev.penstock.stack.blocking.Endpoint;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.wire.IpAddress;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.agrona.DirectBuffer;

/** One test as the server sees it, driven by the control connection. Shard thread. */
final class ServerTest extends Deadline implements TcpHandler {
    private static final long PATIENCE_NS = 10_000_000_000L;
    private static final long GRACE_NS = 30_000_000_000L;
    private static final long SECOND_NS = 1_000_000_000L;
    /** What a client sends first from each socket, and what it is answered; and the same of versions before 3.12. */
    static final int UDP_CONNECT = 0x36373839;

    static final int UDP_CONNECT_REPLY = 0x39383736;
    static final int LEGACY_UDP_CONNECT = 123456789;
    static final int LEGACY_UDP_CONNECT_REPLY = 987654321;

    private enum Stage {
        PARAMETERS,
        STREAMS,
        RUNNING,
        RESULTS,
        DISPLAY,
        OVER
    }

    private final IperfServer server;
    private final byte[] cookie;
    private final ControlChannel control;
    private final Endpoint client;
    private Stage stage = Stage.PARAMETERS;
    private TestRun run;
    private long bytesSeen;
    private final List<IperfServer.Unknown> waiting = new ArrayList<>();

    ServerTest(IperfServer server, byte[] cookie, TcpConnection connection) {
        this.server = server;
        this.cookie = cookie.clone();
        this.control = new ControlChannel(connection);
        this.client =
                new Endpoint(new IpAddress(connection.remoteHi(), connection.remoteLo()), connection.remotePort());
    }

    byte[] cookie() {
        return cookie;
    }

    void begin(long nowNs) {
        patience(PATIENCE_NS, nowNs);
        control.send(IperfState.PARAM_EXCHANGE, nowNs);
    }

    private void patience(long ns, long nowNs) {
        server.shard().deadlines().schedule(this, nowNs + ns);
    }

    @Override
    protected void onDeadline(long nowNs) {
        if (stage == Stage.RUNNING && !run.settings.isTimed() && run.bytes() != bytesSeen) {
            bytesSeen = run.bytes();
            patience(GRACE_NS, nowNs);
            return;
        }
        fail("the client " + client + " did not go on in time", nowNs);
    }

    @Override
    public void onReadable(TcpConnection connection, long nowNs) {
        try {
            boolean more = true;
            while (more && stage != Stage.OVER) {
                more = step(nowNs);
            }
        } catch (IllegalArgumentException e) {
            fail("the client " + client + " sent what this server cannot do: " + e.getMessage(), nowNs);
        }
        if (connection.isInputEnded() && connection.error() == null && stage != Stage.OVER) {
            fail("the client " + client + " went away", nowNs);
        }
    }

    /** Takes one message; false when none is there. */
    private boolean step(long nowNs) {
        if (stage == Stage.PARAMETERS || stage == Stage.RESULTS) {
            JsonObject json = control.readJson(nowNs);
            if (json == null) {
                return false;
            }
            if (stage == Stage.PARAMETERS) {
                onParameters(IperfSettings.fromJson(json), nowNs);
            } else {
                onResults(json, nowNs);
            }
            return true;
        }
        int code = control.readByte(nowNs);
        if (code == ControlChannel.NOTHING) {
            return false;
        }
        onState(IperfState.of((byte) code), code, nowNs);
        return true;
    }

    private void onParameters(IperfSettings settings, long nowNs) {
        run = new TestRun(settings, true, server.shard(), server.listener(), server.intervalNs());
        stage = Stage.STREAMS;
        patience(PATIENCE_NS, nowNs);
        server.listener().onStart(client, settings.clone());
        control.send(IperfState.CREATE_STREAMS, nowNs);
    }

    private void onState(IperfState state, int code, long nowNs) {
        if (state == IperfState.CLIENT_TERMINATE) {
            fail("the client " + client + " ended the test", nowNs);
        } else if (state == IperfState.TEST_END && stage == Stage.RUNNING) {
            run.stop(nowNs);
            run.endOutput(nowNs);
            stage = Stage.RESULTS;
            patience(PATIENCE_NS, nowNs);
            control.send(IperfState.EXCHANGE_RESULTS, nowNs);
        } else if (state == IperfState.IPERF_DONE && stage == Stage.DISPLAY) {
            over(nowNs);
        } else {
            throw new IllegalArgumentException("state " + (state == null ? code : state) + " while "
                    + stage.name().toLowerCase(Locale.ROOT));
        }
    }

    private void onResults(JsonObject json, long nowNs) {
        IperfResult result = run.resultWith(json);
        stage = Stage.DISPLAY;
        patience(PATIENCE_NS, nowNs);
        control.send(run.results(), nowNs);
        control.send(IperfState.DISPLAY_RESULTS, nowNs);
        server.listener().onEnd(result);
    }

    // --- streams ---

    boolean wantsTcpStream() {
        return stage == Stage.STREAMS && !run.settings.udp && waiting.size() < run.expected();
    }

    /** One more connection of the test; when all are there, they become its streams in the order in which they came. */
    void offerTcpStream(IperfServer.Unknown connection, long nowNs) {
        waiting.add(connection);
        patience(PATIENCE_NS, nowNs);
        if (waiting.size() < run.expected()) {
            return;
        }
        waiting.sort(Comparator.comparingLong(c -> c.order));
        for (IperfServer.Unknown each : waiting) {
            TcpConnection connected = each.connection();
            connected.options().noDelay = run.settings.noDelay;
            connected.options().tos = run.settings.tos;
            connected.optionsChanged(nowNs);
            TcpDataStream stream = new TcpDataStream(
                    run.settings, run.nextIsSender(), connected, server.shard().deadlines());
            run.add(stream);
            each.become(stream, nowNs);
        }
        begin(run.settings, nowNs);
    }

    /** A connection that waited to become a stream has ended. */
    void lostTcpStream(long nowNs) {
        fail("the client " + client + " gave up a stream", nowNs);
    }

    private void begin(IperfSettings settings, long nowNs) {
        stage = Stage.RUNNING;
        patience((settings.omitSeconds + (settings.isTimed() ? settings.seconds : 0)) * SECOND_NS + GRACE_NS, nowNs);
        control.send(IperfState.TEST_START, nowNs);
        control.send(IperfState.TEST_RUNNING, nowNs);
        run.start(() -> {}, nowNs);
    }

    void onDatagram(DirectBuffer buffer, int offset, int length, long hi, long lo, int port, long arrivedNs) {
        if (run == null || !run.settings.udp) {
            return;
        }
        for (DataStream each : run.streams) {
            UdpDataStream stream = (UdpDataStream) each;
            if (stream.isFrom(hi, lo, port)) {
                if (isConnect(buffer, offset, length)) {
                    answer(stream, buffer, offset);
                } else {
                    stream.onDatagram(buffer, offset, length, arrivedNs);
                }
                return;
            }
        }
        // Whoever else sends to this port is nobody's: the test has one client.
        if (stage == Stage.STREAMS
                && isConnect(buffer, offset, length)
                && hi == client.address().hi()
                && lo == client.address().lo()) {
            UdpDataStream stream = new UdpDataStream(
                    run.settings,
                    run.nextIsSender(),
                    server.udp(),
                    false,
                    hi,
                    lo,
                    port,
                    server.shard().deadlines());
            answer(stream, buffer, offset);
            run.add(stream);
            long nowNs = server.shard().nowNs();
            patience(PATIENCE_NS, nowNs);
            if (run.isComplete()) {
                begin(run.settings, nowNs);
            }
        }
    }

    private static boolean isConnect(DirectBuffer buffer, int offset, int length) {
        if (length != 4) {
            return false;
        }
        int word = buffer.getInt(offset, ByteOrder.LITTLE_ENDIAN);
        return word == UDP_CONNECT || word == LEGACY_UDP_CONNECT;
    }

    private void answer(UdpDataStream stream, DirectBuffer buffer, int offset) {
        boolean old = buffer.getInt(offset, ByteOrder.LITTLE_ENDIAN) == LEGACY_UDP_CONNECT;
        stream.sendWord(
                old ? LEGACY_UDP_CONNECT_REPLY : UDP_CONNECT_REPLY,
                server.shard().nowNs());
    }

    void pump(long nowNs) {
        if (run != null && run.isRunning()) {
            run.streams.forEach(s -> s.pump(nowNs));
        }
    }

    // --- the end ---

    /** The server ends. */
    void terminate(long nowNs) {
        control.send(IperfState.SERVER_TERMINATE, nowNs);
        fail("the server was stopped", nowNs);
    }

    private void fail(String reason, long nowNs) {
        if (stage == Stage.OVER) {
            return;
        }
        boolean told = stage == Stage.DISPLAY;
        over(nowNs);
        if (!told) {
            server.listener().onFailure(reason);
        }
    }

    private void over(long nowNs) {
        stage = Stage.OVER;
        server.shard().deadlines().cancel(this);
        if (run != null) {
            run.stop(nowNs);
            run.close(nowNs);
        }
        waiting.forEach(c -> c.connection().close(nowNs));
        control.connection().close(nowNs);
        server.ended(this);
    }

    @Override
    public void onClosed(TcpConnection connection, TcpError error, long nowNs) {
        fail("the client " + client + " went away" + (error == null ? "" : ": " + error), nowNs);
    }
}
