package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.ChunkPool;
import dev.penstock.stack.ip.IcmpError;
import dev.penstock.stack.ip.IpPacket;
import dev.penstock.stack.timer.DeadlineQueue;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.TcpHeader;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;

/**
 * One TCP in virtual time, and a peer that the test plays by hand: {@code peer.sends(...)}, {@code expect(...)},
 * {@code advance(ms)}. Sequence numbers are relative: 0 is the SYN of either side. After each event the
 * invariants are checked, after each test that nothing was left behind.
 */
abstract class TcpFixture {
    static final long MS = 1_000_000L;
    static final int FIN = TcpHeader.FIN;
    static final int SYN = TcpHeader.SYN;
    static final int RST = TcpHeader.RST;
    static final int PSH = TcpHeader.PSH;
    static final int ACK = TcpHeader.ACK;
    static final int URG = TcpHeader.URG;
    static final int ECE = TcpHeader.ECE;
    static final int CWR = TcpHeader.CWR;
    static final byte[] NO_OPTIONS = {};
    static final int MSS = 1460;

    final IpAddress ours;
    final IpAddress theirs;
    final TcpConfig config = new TcpConfig();
    final TcpOptions options = config.defaults;
    final DeadlineQueue deadlines = new DeadlineQueue();
    final Counters counters = new Counters();
    final ArrayDeque<Seg> out = new ArrayDeque<>();
    final FakeIp ip;
    final PeerScript peer;
    final Recorder app = new Recorder();
    ChunkPool chunks = new ChunkPool(32 << 20);
    TcpLayer tcp;
    TcpAcceptor acceptor;
    Connection connection;
    long nowNs = 1_000_000 * MS;
    int iss;
    int localPort = 80;
    int remotePort = 5000;
    /** Some tests leave a connection on purpose; the others end with nothing left. */
    boolean checkLeaks = true;

    TcpFixture() {
        this(Family.OF_THIS_RUN.one.toString(), Family.OF_THIS_RUN.far.toString());
        ip.mtu = Family.OF_THIS_RUN.mtu;
    }

    /** With these addresses, our own and the peer's, of one family. */
    TcpFixture(String ours, String theirs) {
        this.ours = IpAddress.parse(ours);
        this.theirs = IpAddress.parse(theirs);
        ip = new FakeIp(this.ours, (bytes, path, now) -> {
            Seg s = new Seg(bytes, now);
            s.ecn = path.tos & 3;
            s.tos = path.tos;
            s.ttl = path.ttl;
            s.source = path.source;
            out.addLast(s);
        });
        peer = new PeerScript(this);
        ip.counters = counters;
        // Most tests speak plain RFC 9293; those of RFC 7323 and RFC 2018 turn these on.
        config.timestamps = false;
        config.windowScaling = false;
        // And know how large the buffers are; AutotuningTest lets them grow.
        options.sendBuffer = 4 << 20;
        options.receiveBuffer = 4 << 20;
        config.sack = false;
        // They look into a connection whenever they like; FoldingTest and others have it folded.
        config.quietNs = Long.MAX_VALUE;
    }

    /** What {@code c} works with, which tests look into; null for null. */
    static Connection parts(TcpConnection c) {
        return c == null ? null : ((ConnectionHandle) c).parts();
    }

    final TcpLayer tcp() {
        if (tcp == null) {
            tcp = new TcpLayer(config, ip, deadlines, RandomSource.seeded(7), counters, chunks);
        }
        return tcp;
    }

    // --- time and work ---

    final void flush() {
        tcp().checkInvariants();
        for (int i = 0; i < 20 && (i == 0 || tcp.hasPending()); i++) {
            tcp.flush(nowNs);
            tcp.checkInvariants();
        }
        checkAlive();
    }

    /** Moves the clock on, stopping at each deadline on the way. */
    final void advance(long ms) {
        advanceNs(ms * MS);
    }

    final void advanceNs(long ns) {
        long end = nowNs + ns;
        flush();
        while (deadlines.nextDeadlineNs() <= end) {
            nowNs = Math.max(nowNs, deadlines.nextDeadlineNs());
            deadlines.expire(nowNs, 1000);
            flush();
        }
        nowNs = end;
        flush();
    }

    /** The shape of a deadlock: something to send or to have acknowledged, and nothing that will ever wake us. */
    final void checkAlive() {
        Connection c = connection;
        if (c != null) {
            assertTrue(isAlive(c), () -> "nothing will wake this connection: " + describe(c));
        }
    }

    final boolean isAlive(Connection c) {
        SendState snd = c.tcb.snd;
        boolean owes = c.state() != TcpState.CLOSED
                && c.state() != TcpState.TIME_WAIT
                && (snd.una != snd.nxt || !c.isEstablished() || c.hasUnsent());
        boolean timer = c.timers.isSet(ConnectionTimers.RETRANSMIT)
                || c.timers.isSet(ConnectionTimers.PERSIST)
                || c.timers.isSet(ConnectionTimers.CORK)
                || c.timers.isSet(ConnectionTimers.PACE);
        return !owes || timer && c.timers.isScheduled() || c.dirty || c.pathTrouble.isParked() || tcp.hasPending();
    }

    static String describe(Connection c) {
        SendState snd = c.tcb.snd;
        return c.state() + " una " + (snd.una - snd.iss) + " nxt " + (snd.nxt - snd.iss) + " wnd " + snd.wnd
                + " queued "
                + c.sendQueue().size() + " fin "
                + snd.finPosition;
    }

    // --- opening ---

    final void listen() {
        acceptor = tcp().listen(0, 0, localPort, 8, options, (l, now) -> {
            TcpConnection c = l.accept(app);
            while (c != null) {
                connection = parts(c);
                c = l.accept(app);
            }
        });
        assertNotNull(acceptor);
    }

    /** A passive open, complete: the peer has sent SYN with this window and these options, and acknowledged ours. */
    final Connection established(int window, byte[]... synOptions) {
        listen();
        peer.sends(SYN, 0, 0, window, 0, synOptions);
        Seg synAck = expect(SYN | ACK, 0, 1);
        iss = synAck.rawSeq;
        peer.sends(ACK, 1, 1, window, 0);
        expectNothing();
        assertNotNull(connection, "accepted");
        assertEquals(TcpState.ESTABLISHED, connection.state());
        assertEquals(1, app.connected);
        return connection;
    }

    final Connection established() {
        return established(65_535, mss(MSS));
    }

    /** An active open as far as the SYN. */
    final Connection connecting() {
        connection = parts(tcp().connect(0, 0, localPort, theirs.hi(), theirs.lo(), remotePort, options, app, nowNs));
        assertNotNull(connection);
        iss = connection.tcb.snd.iss;
        flush();
        return connection;
    }

    final Connection connected(int window, byte[]... synOptions) {
        connecting();
        expect(SYN, 0, 0);
        peer.sends(SYN | ACK, 0, 1, window, 0, synOptions);
        expect(ACK, 1, 1);
        assertEquals(TcpState.ESTABLISHED, connection.state());
        return connection;
    }

    // --- the application ---

    /** Writes {@code n} bytes of the known stream, all of which find room. */
    final void write(int n) {
        assertEquals(n, app.write(connection, n, nowNs));
        flush();
    }

    final void shutdownOutput() {
        connection.shutdownOutput(nowNs);
        flush();
    }

    final void close() {
        connection.close(nowNs);
        flush();
    }

    final void abort() {
        connection.abort(nowNs);
        flush();
    }

    /** Reads all there is. */
    final int read() {
        int n = app.readAll(connection, nowNs);
        flush();
        return n;
    }

    final void state(TcpState expected) {
        assertEquals(expected, connection.state());
    }

    final void closedWith(TcpError error) {
        assertEquals(1, app.closed, "onClosed");
        assertEquals(error, app.error);
        assertEquals(TcpState.CLOSED, connection.state());
    }

    final TcpInfo info() {
        TcpInfo info = new TcpInfo();
        connection.info(info, nowNs);
        return info;
    }

    // --- what was sent ---

    final Seg expect(int flags, int seq, int ack) {
        Seg s = out.pollFirst();
        assertNotNull(s, "nothing was sent");
        assertEquals(Seg.name(flags), Seg.name(s.flags), () -> "flags of " + s.show(this));
        if ((flags & SYN) == 0) {
            assertEquals(seq, s.rawSeq - iss, () -> "sequence number of " + s.show(this));
        }
        assertEquals((flags & ACK) == 0 ? 0 : ack + peer.irs, s.rawAck, () -> "acknowledgment of " + s.show(this));
        return s;
    }

    final Seg expectData(int flags, int seq, int ack, int length) {
        Seg s = expect(flags, seq, ack);
        assertEquals(length, s.payload.length, () -> "length of " + s.show(this));
        for (int i = 0; i < length; i++) {
            assertEquals(TransferApp.byteAt(seq - 1 + i), s.payload[i], "byte " + (seq - 1 + i));
        }
        return s;
    }

    final void expectAck(int seq, int ack) {
        Seg s = expect(ACK, seq, ack);
        assertEquals(0, s.payload.length, "a pure acknowledgment");
    }

    /** A pure acknowledgment with these SACK blocks, two edges each, relative to the peer's initial sequence number. */
    final void expectSack(int seq, int ack, int... edges) {
        Seg s = expect(ACK, seq, ack);
        assertEquals(0, s.payload.length, "a pure acknowledgment");
        assertEquals(Arrays.toString(edges), Arrays.toString(s.sackEdges(peer.irs)));
    }

    final void expectNothing() {
        assertTrue(out.isEmpty(), () -> "sent: " + out.peekFirst().show(this) + " and " + (out.size() - 1) + " more");
    }

    /** Forgets what was sent and answers how many segments that was. */
    final int drain() {
        int n = out.size();
        out.clear();
        return n;
    }

    final long count(StackCounter c) {
        return counters.get(c);
    }

    final long drops(DropReason r) {
        return counters.get(r);
    }

    // --- errors from below ---

    final void icmp(IcmpError.Kind kind, int seq, int mtu) {
        IcmpError e = new IcmpError();
        e.kind = kind;
        e.mtu = mtu;
        e.localHi = ours.hi();
        e.localLo = ours.lo();
        e.remoteHi = theirs.hi();
        e.remoteLo = theirs.lo();
        UnsafeBuffer quote = new UnsafeBuffer(new byte[20]);
        TcpHeader.put(quote, 0, localPort, remotePort, iss + seq, 0, 20, ACK, 0, 0, 0);
        e.buffer = quote;
        e.quoteLength = 8;
        tcp.onIcmpError(e, nowNs);
        flush();
    }

    final void deliver(IpPacket p) {
        tcp().onPacket(p, nowNs);
        tcp.checkInvariants();
    }

    // --- options ---

    static byte[] mss(int n) {
        return new byte[] {2, 4, (byte) (n >>> 8), (byte) n};
    }

    static byte[] scale(int shift) {
        return new byte[] {1, 3, 3, (byte) shift};
    }

    static byte[] stamps(int value, int echo) {
        UnsafeBuffer b = new UnsafeBuffer(new byte[12]);
        b.putInt(0, 0x0101080a, java.nio.ByteOrder.BIG_ENDIAN);
        b.putInt(4, value, java.nio.ByteOrder.BIG_ENDIAN);
        b.putInt(8, echo, java.nio.ByteOrder.BIG_ENDIAN);
        return b.byteArray();
    }

    static byte[] sackPermitted() {
        return new byte[] {1, 1, 4, 2};
    }

    /** A SACK option with these edges, two for each block, relative to our initial sequence number. */
    final byte[] sack(int... edges) {
        UnsafeBuffer b = new UnsafeBuffer(new byte[4 + 4 * edges.length]);
        b.putInt(0, 0x01010502 + 4 * edges.length, java.nio.ByteOrder.BIG_ENDIAN);
        for (int i = 0; i < edges.length; i++) {
            b.putInt(4 + 4 * i, iss + edges[i], java.nio.ByteOrder.BIG_ENDIAN);
        }
        return b.byteArray();
    }

    static byte[] concat(byte[]... parts) {
        int n = Arrays.stream(parts).mapToInt(p -> p.length).sum();
        byte[] all = new byte[n];
        int at = 0;
        for (byte[] p : parts) {
            System.arraycopy(p, 0, all, at, p.length);
            at += p.length;
        }
        return all;
    }

    @AfterEach
    final void nothingIsLeft() {
        if (tcp == null || !checkLeaks) {
            return;
        }
        ip.refuse = 0;
        ip.deviceFullAfter = Integer.MAX_VALUE;
        flush();
        if (acceptor != null) {
            acceptor.close(nowNs);
        }
        if (connection != null) {
            connection.close(nowNs);
            connection.abort(nowNs);
        }
        flush();
        // What another connection of the test still does ends by itself when the peer is silent.
        advance(40 * 60_000);
        assertNull(app.fault);
        assertEquals(0, tcp.connections(), "connections left");
        assertEquals(0, deadlines.size(), "deadlines left");
        assertEquals(0, ip.openPaths, "paths left");
        assertEquals(0, ip.waiters.size(), "waiters left");
        chunks.assertAllReturned();
    }
}
