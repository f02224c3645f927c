package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.SystemCall;
import dev.penstock.stack.buffer.ReceiveQueue;
import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.sim.SimulatedHost;
import dev.penstock.stack.sim.SimulatedNetwork;
import dev.penstock.stack.socket.ShardContext;
import dev.penstock.stack.tcp.TcpAcceptor;
import dev.penstock.stack.tcp.TcpConfig;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A program under test on one host of a simulated network, and a peer on the other that does what a test says. */
final class CallLab implements Host, AutoCloseable {
    private final LinuxMemory memory = new LinuxMemory();
    private boolean observing;
    private static final UnsafeBuffer ZEROS = new UnsafeBuffer(ByteBuffer.allocateDirect(1 << 20));
    private static final long MS = 1_000_000;

    final SimulatedNetwork net = SimulatedNetwork.seeded(7);
    final ShardConfig config = new ShardConfig();
    private final Profile profile;
    private final SimulatedHost own;
    final SimulatedHost other;
    final PosixCalls calls;
    TcpConnection peer;
    TcpError peerError;
    boolean peerReads = true;
    long peerReceived;
    TcpAcceptor peerListens;

    CallLab(Profile profile) {
        this.profile = profile;
        ProfileHabits.apply(profile, config);
        own = net.host("own", "192.0.2.1/24", 1500, config);
        other = net.host("other", "192.0.2.2/24");
        calls = new PosixCalls(this);
    }

    private final TcpHandler peerHandler = new TcpHandler() {
        @Override
        public void onReadable(TcpConnection c, long nowNs) {
            peerReads();
        }

        @Override
        public void onClosed(TcpConnection c, TcpError error, long nowNs) {
            peerError = error;
        }
    };

    void peerReads() {
        if (peerReads) {
            ReceiveQueue q = peer.receiveQueue();
            peerReceived += Math.max(0, q.discard(q.size()));
            peer.dataRead(other.stack().clockNs());
        }
    }

    /** Parses and begins a call; it need not have returned. */
    SystemCalls.Call begin(String text) throws SkipException, ScriptException {
        SystemCall call = (SystemCall) ScriptParser.parse("test", "+0 " + text + "\n", profile)
                .steps()
                .get(0)
                .event();
        return calls.begin(call, 1);
    }

    /** What is wrong with a call that returns at once; null for nothing. */
    String run(String text) throws SkipException, ScriptException {
        SystemCalls.Call call = begin(text);
        return call.done() ? call.mismatch() : "it blocks";
    }

    /** Runs calls that must all answer what they say. */
    void good(String... texts) throws SkipException, ScriptException {
        for (String text : texts) {
            String wrong = run(text);
            if (wrong != null) {
                throw new AssertionError(text + " -> " + wrong);
            }
        }
    }

    void pass(long ms) {
        for (long i = 0; i < ms; i++) {
            net.run(MS);
            settle();
        }
    }

    /** A connection that our side listens for, on descriptor 4; 3 listens. */
    void accepted() throws SkipException, ScriptException {
        good(
                "socket(..., SOCK_STREAM, IPPROTO_TCP) = 3",
                "setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0",
                "bind(3, ..., ...) = 0",
                "listen(3, 1) = 0");
        peerConnects();
        good("accept(3, ..., ...) = 4");
    }

    void peerConnects() {
        peer = other.stack()
                .tcp()
                .connect(0, 0, 0, local().hi(), local().lo(), 8080, new TcpOptions(), peerHandler, net.nowNs());
        pass(50);
    }

    void peerListens() {
        peerListens = other.stack()
                .tcp()
                .listen(0, 0, 8080, 5, new TcpOptions(), (listener, nowNs) -> peer = listener.accept(peerHandler));
    }

    void peerWrites(int bytes) {
        peer.write(ZEROS, 0, bytes, net.nowNs());
        pass(50);
    }

    void peerCloses() {
        peer.shutdownOutput(net.nowNs());
        pass(50);
    }

    void peerResets() {
        peer.abort(net.nowNs());
        pass(50);
    }

    @Override
    public long nowNs() {
        return net.nowNs();
    }

    @Override
    public ShardContext stack() {
        return own.stack();
    }

    @Override
    public TcpConfig tcp() {
        return config.tcp;
    }

    @Override
    public LinuxMemory memory() {
        return memory;
    }

    @Override
    public Profile profile() {
        return profile;
    }

    @Override
    public Endpoint local() {
        return new Endpoint(own.address().hi(), own.address().lo(), 8080);
    }

    @Override
    public Endpoint remote() {
        return new Endpoint(other.address().hi(), other.address().lo(), 8080);
    }

    @Override
    public void settle() {
        net.run(0);
        if (!observing && calls != null) {
            observing = true;
            while (calls.observe()) {
                net.run(0);
            }
            observing = false;
        }
    }

    @Override
    public void close() {
        calls.closeAll();
        if (peer != null) {
            peer.abort(net.nowNs());
            peer.receiveQueue().close();
        }
        pass(100_000);
        net.close();
        net.assertNoLeaks();
    }
}
