package dev.penstock.apps.iperf;

import com.google.gson.JsonObject;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.blocking.Endpoint;
import dev.penstock.stack.socket.ShardContext;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.udp.UdpEndpoint;
import dev.penstock.stack.udp.UdpHandler;
import dev.penstock.stack.wire.IpAddress;
import java.util.function.LongSupplier;
import org.agrona.DirectBuffer;

/**
 * One test against an iperf3 server, ours or iperf3 itself. Ends exactly once, with {@link IperfListener#onEnd} or {@link
 * IperfListener#onFailure}. Shard thread.
 */
public final class IperfClient extends Deadline implements TcpHandler {
    private static final long PATIENCE_NS = 10_000_000_000L;
    private static final long DRAIN_STEP_NS = 1_000_000;
    private static final long DRAIN_MOST_NS = 10_000_000_000L;
    private static final long UDP_AGAIN_NS = 500_000_000;
    private static final long SECOND_NS = 1_000_000_000L;

    private final ShardContext shard;
    private final Endpoint server;
    private final IperfListener listener;
    private final TestRun run;
    private final byte[] cookie;
    private ControlChannel control;
    private boolean expectsJson;
    private boolean resultsKnown;
    private boolean over;
    private boolean endSent;
    private long drainUntilNs;
    private UdpStreamOpening opening;

    private IperfClient(
            ShardContext shard,
            Endpoint server,
            IperfSettings settings,
            IperfListener listener,
            long intervalNs,
            LongSupplier random) {
        this.shard = shard;
        this.server = server;
        this.listener = listener;
        this.run = new TestRun(settings.clone(), false, shard, listener, intervalNs);
        this.cookie = ControlChannel.newCookie(random);
    }

    /**
     * Begins a test.
     *
     * @param intervalNs {@link IperfListener#onInterval} is called so often; 0 for never
     * @param random names the test
     * @throws IllegalArgumentException when a setting is out of range
     * @throws IperfException when there is no way to the server
     */
    public static IperfClient start(
            ShardContext shard,
            Endpoint server,
            IperfSettings settings,
            IperfListener listener,
            long intervalNs,
            RandomSource random)
            throws IperfException {
        settings.check();
        IperfClient client = new IperfClient(shard, server, settings, listener, intervalNs, random::nextLong);
        TcpConnection connection = client.connect(ControlChannel.options(), client);
        if (connection == null) {
            throw new IperfException("no way to " + server + ": " + shard.tcp().errorOfLastCall());
        }
        client.control = new ControlChannel(connection);
        client.patience(PATIENCE_NS, shard.clockNs());
        return client;
    }

    private TcpConnection connect(TcpOptions options, TcpHandler handler) {
        IpAddress to = server.address();
        IpAddress any = to.isV4() ? IpAddress.ANY_V4 : IpAddress.ANY;
        return shard.tcp()
                .connect(any.hi(), any.lo(), 0, to.hi(), to.lo(), server.port(), options, handler, shard.clockNs());
    }

    /** Ends the test early; the server is told. Idempotent. */
    public void cancel() {
        if (!over) {
            control.send(IperfState.CLIENT_TERMINATE, shard.clockNs());
            fail("the test was ended", shard.clockNs());
        }
    }

    private void patience(long ns, long nowNs) {
        shard.deadlines().schedule(this, nowNs + ns);
    }

    @Override
    protected void onDeadline(long nowNs) {
        if (opening != null) {
            opening.again(nowNs);
        } else if (run.isRunning()) {
            end(nowNs);
        } else {
            fail(server + " did not go on in time", nowNs);
        }
    }

    // --- the control connection ---

    @Override
    public void onConnected(TcpConnection connection, long nowNs) {
        control.send(cookie, nowNs);
    }

    @Override
    public void onReadable(TcpConnection connection, long nowNs) {
        try {
            boolean more = true;
            while (more && !over) {
                more = step(nowNs);
            }
        } catch (IllegalArgumentException e) {
            fail(server + " sent what this client does not understand: " + e.getMessage(), nowNs);
        }
        if (connection.isInputEnded() && connection.error() == null && !over) {
            fail(server + " went away", nowNs);
        }
    }

    private boolean step(long nowNs) {
        if (expectsJson) {
            JsonObject json = control.readJson(nowNs);
            if (json == null) {
                return false;
            }
            expectsJson = false;
            resultsKnown = true;
            listener.onEnd(run.resultWith(json));
            return true;
        }
        int code = control.readByte(nowNs);
        if (code == ControlChannel.NOTHING) {
            return false;
        }
        onState(IperfState.of((byte) code), code, nowNs);
        return true;
    }

    private void onState(IperfState state, int code, long nowNs) {
        if (state == null) {
            throw new IllegalArgumentException("state " + code);
        }
        switch (state) {
            case PARAM_EXCHANGE -> {
                patience(PATIENCE_NS, nowNs);
                control.send(run.settings.toJson(), nowNs);
            }
            case CREATE_STREAMS -> createStreams(nowNs);
            case TEST_START -> listener.onStart(server, run.settings.clone());
            case TEST_RUNNING -> start(nowNs);
            case EXCHANGE_RESULTS -> {
                run.stop(nowNs);
                patience(PATIENCE_NS, nowNs);
                control.send(run.results(), nowNs);
                expectsJson = true;
            }
            case DISPLAY_RESULTS -> {
                control.send(IperfState.IPERF_DONE, nowNs);
                finish(nowNs);
            }
            case ACCESS_DENIED -> fail(server + " is busy with another test: try again later", nowNs);
            case SERVER_TERMINATE -> fail(server + " was stopped", nowNs);
            case SERVER_ERROR -> fail(server + " reports an error", nowNs);
            default -> throw new IllegalArgumentException("state " + state);
        }
    }

    private void start(long nowNs) {
        if (!run.isComplete() || run.isRunning() || endSent) {
            throw new IllegalArgumentException("state TEST_RUNNING before its time");
        }
        IperfSettings settings = run.settings;
        run.start(() -> shard.deadlines().schedule(this, shard.nowNs()), nowNs);
        if (settings.isTimed()) {
            patience((settings.omitSeconds + settings.seconds) * SECOND_NS, nowNs);
        } else if (!isScheduled() || atNs() != nowNs) {
            shard.deadlines().cancel(this);
        }
    }

    /** The time is over, or all is moved: the server is told when what was sent has arrived. */
    private void end(long nowNs) {
        if (!run.settings.isTimed() && !run.isDrained()) {
            if (drainUntilNs == 0) {
                drainUntilNs = nowNs + DRAIN_MOST_NS;
            }
            if (nowNs < drainUntilNs) {
                patience(DRAIN_STEP_NS, nowNs);
                return;
            }
        }
        run.stop(nowNs);
        endSent = true;
        patience(PATIENCE_NS, nowNs);
        control.send(IperfState.TEST_END, nowNs);
    }

    // --- streams ---

    private void createStreams(long nowNs) {
        if (!run.streams.isEmpty() || opening != null) {
            throw new IllegalArgumentException("state CREATE_STREAMS twice");
        }
        patience(PATIENCE_NS, nowNs);
        if (run.settings.udp) {
            opening = new UdpStreamOpening();
            opening.next(nowNs);
            return;
        }
        openTcpStream(nowNs);
    }

    /** One after the other: the server tells them apart by their order. */
    private void openTcpStream(long nowNs) {
        if (run.isComplete()) {
            return;
        }
        TcpStreamOpening one = new TcpStreamOpening();
        TcpConnection connection = connect(run.settings.tcpOptions(), one);
        if (connection == null) {
            fail("no stream to " + server + ": " + shard.tcp().errorOfLastCall(), nowNs);
            return;
        }
        one.stream = new TcpDataStream(run.settings, run.nextIsSender(), connection, shard.deadlines());
        run.add(one.stream);
    }

    /** A stream's connection names the test first. */
    private final class TcpStreamOpening implements TcpHandler {
        private TcpDataStream stream;

        @Override
        public void onConnected(TcpConnection connection, long nowNs) {
            new ControlChannel(connection).send(cookie, nowNs);
            openTcpStream(nowNs);
        }

        @Override
        public int onData(TcpConnection connection, DirectBuffer buffer, int offset, int length, long nowNs) {
            return stream.onData(connection, buffer, offset, length, nowNs);
        }

        @Override
        public void onReadable(TcpConnection connection, long nowNs) {
            stream.onReadable(connection, nowNs);
        }

        @Override
        public void onWritable(TcpConnection connection, long nowNs) {
            stream.onWritable(connection, nowNs);
        }

        @Override
        public void onClosed(TcpConnection connection, TcpError error, long nowNs) {
            stream.onClosed(connection, error, nowNs);
            if (!over && !endSent) {
                fail("a stream to " + server + " ended" + (error == null ? "" : ": " + error), nowNs);
            }
        }
    }

    /** UDP streams say hello one after the other, and again when no answer comes. */
    private final class UdpStreamOpening {
        private UdpDataStream stream;
        private long untilNs;

        void next(long nowNs) {
            if (run.isComplete()) {
                opening = null;
                patience(PATIENCE_NS, nowNs);
                return;
            }
            UdpPeer handler = new UdpPeer();
            UdpEndpoint endpoint = shard.openUdp(handler);
            if (endpoint == null) {
                fail("no UDP socket for a stream: too many are open", nowNs);
                return;
            }
            IpAddress to = server.address();
            stream = new UdpDataStream(
                    run.settings,
                    run.nextIsSender(),
                    endpoint,
                    true,
                    to.hi(),
                    to.lo(),
                    server.port(),
                    shard.deadlines());
            handler.stream = stream;
            endpoint.setTos(run.settings.tos);
            endpoint.connect(to.hi(), to.lo(), server.port(), nowNs);
            untilNs = nowNs + PATIENCE_NS;
            again(nowNs);
        }

        void again(long nowNs) {
            if (nowNs >= untilNs) {
                stream.close(nowNs);
                fail(server + " does not answer on UDP", nowNs);
                return;
            }
            stream.sendWord(ServerTest.UDP_CONNECT, nowNs);
            patience(UDP_AGAIN_NS, nowNs);
        }

        void answered(long nowNs) {
            run.add(stream);
            next(nowNs);
        }
    }

    private final class UdpPeer implements UdpHandler {
        private UdpDataStream stream;

        @Override
        public void onDatagram(
                DirectBuffer buffer,
                int offset,
                int length,
                long srcHi,
                long srcLo,
                int srcPort,
                long dstHi,
                long dstLo,
                long nowNs) {
            if (length == 4) {
                if (opening != null && opening.stream == stream) {
                    opening.answered(nowNs);
                }
                return;
            }
            stream.onDatagram(buffer, offset, length, shard.clockNs());
        }

        @Override
        public void onWritable(long nowNs) {
            if (opening != null && opening.stream == stream) {
                stream.sendWord(ServerTest.UDP_CONNECT, nowNs);
            } else {
                stream.pump(nowNs);
            }
        }
    }

    // --- the end ---

    private void fail(String reason, long nowNs) {
        if (over) {
            return;
        }
        boolean told = resultsKnown;
        finish(nowNs);
        if (!told) {
            listener.onFailure(reason);
        }
    }

    private void finish(long nowNs) {
        over = true;
        shard.deadlines().cancel(this);
        run.close(nowNs);
        control.connection().close(nowNs);
    }

    @Override
    public void onClosed(TcpConnection connection, TcpError error, long nowNs) {
        connection.close(nowNs);
        fail(server + ": " + (error == null ? "went away" : error), nowNs);
    }
}
