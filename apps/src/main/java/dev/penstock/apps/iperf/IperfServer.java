package dev.penstock.apps.iperf;

import dev.penstock.stack.socket.ShardContext;
import dev.penstock.stack.tcp.TcpAcceptor;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.udp.UdpEndpoint;
import dev.penstock.stack.udp.UdpHandler;
import dev.penstock.stack.wire.IpAddress;
import java.util.Arrays;
import org.agrona.DirectBuffer;

/**
 * Serves iperf3 clients, one test at a time as iperf3 itself does; who comes meanwhile is told that it is busy. Everything is
 * bounded: who does not say within 10 seconds what it wants is cut off, and so is a test that goes 30 seconds beyond its time. Shard
 * thread.
 */
public final class IperfServer {
    /** iperf3's port, TCP and UDP. */
    public static final int PORT = 5201;

    private static final int BACKLOG = 2 * IperfSettings.MAX_STREAMS + 16;
    private static final int MAX_UNKNOWN = 2 * IperfSettings.MAX_STREAMS + 16;
    private static final long PATIENCE_NS = 10_000_000_000L;

    private final ShardContext shard;
    private final IperfListener listener;
    private final long intervalNs;
    private final TcpAcceptor acceptor;
    private final UdpEndpoint udp;
    private ServerTest test;
    private int unknown;
    private long accepted;

    private IperfServer(ShardContext shard, int port, IperfListener listener, long intervalNs) throws IperfException {
        this.shard = shard;
        this.listener = listener;
        this.intervalNs = intervalNs;
        IpAddress any = IpAddress.ANY;
        acceptor =
                shard.tcp().listen(any.hi(), any.lo(), port, BACKLOG, ControlChannel.options(), (a, now) -> accept());
        if (acceptor == null) {
            throw new IperfException("TCP port " + port + " cannot be listened on: "
                    + shard.tcp().errorOfLastCall() + ": choose another port");
        }
        udp = shard.openUdp(new Datagrams());
        if (udp == null || udp.bind(any.hi(), any.lo(), port) != UdpEndpoint.OK) {
            acceptor.close(shard.clockNs());
            throw new IperfException("UDP port " + port + " is taken: choose another port");
        }
    }

    /**
     * Begins to serve, on all addresses.
     *
     * @param port {@link #PORT} as a rule
     * @param intervalNs {@link IperfListener#onInterval} is called so often; 0 for never
     * @throws IperfException when the port is taken
     */
    public static IperfServer start(ShardContext shard, int port, IperfListener listener, long intervalNs)
            throws IperfException {
        return new IperfServer(shard, port, listener, intervalNs);
    }

    /** Ends the test that goes on, and listens no more. Idempotent. */
    public void close() {
        if (test != null) {
            test.terminate(shard.clockNs());
        }
        acceptor.close(shard.clockNs());
        udp.close();
    }

    ShardContext shard() {
        return shard;
    }

    IperfListener listener() {
        return listener;
    }

    long intervalNs() {
        return intervalNs;
    }

    UdpEndpoint udp() {
        return udp;
    }

    void ended(ServerTest which) {
        if (test == which) {
            test = null;
        }
    }

    private void accept() {
        while (acceptor.acceptable() > 0) {
            Unknown next = new Unknown();
            if (unknown == MAX_UNKNOWN) {
                acceptor.accept(next).abort(shard.nowNs());
            } else {
                next.begin(acceptor.accept(next));
            }
        }
    }

    /** The datagrams of all streams come to one port: who sent them tells which is whose. */
    private final class Datagrams implements UdpHandler {
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
            if (test != null) {
                test.onDatagram(buffer, offset, length, srcHi, srcLo, srcPort, shard.clockNs());
            }
        }

        @Override
        public void onWritable(long nowNs) {
            if (test != null) {
                test.pump(nowNs);
            }
        }
    }

    /** A connection that has not said yet what it is; afterwards, all goes to its role. */
    final class Unknown extends Deadline implements TcpHandler {
        /** Streams are told apart by the order in which their connections came, not that of their first bytes. */
        final long order = accepted++;

        private final byte[] cookie = new byte[ControlChannel.COOKIE];
        private int have;
        private TcpConnection connection;
        private TcpHandler role;
        private boolean counted;
        private boolean waiting;

        TcpConnection connection() {
            return connection;
        }

        /** It is a stream: what it sent already is the stream's. */
        void become(TcpDataStream stream, long nowNs) {
            role = stream;
            stream.onReadable(connection, nowNs);
        }

        void begin(TcpConnection accepted) {
            connection = accepted;
            counted = true;
            unknown++;
            shard.deadlines().schedule(this, shard.nowNs() + PATIENCE_NS);
        }

        @Override
        protected void onDeadline(long nowNs) {
            connection.abort(nowNs);
        }

        private void known() {
            shard.deadlines().cancel(this);
            if (counted) {
                counted = false;
                unknown--;
            }
        }

        @Override
        public int onData(TcpConnection from, DirectBuffer buffer, int offset, int length, long nowNs) {
            return role == null ? 0 : role.onData(from, buffer, offset, length, nowNs);
        }

        @Override
        public void onReadable(TcpConnection from, long nowNs) {
            if (role == null && !waiting) {
                int n = from.receiveQueue().read(cookie, have, cookie.length - have);
                if (n > 0) {
                    have += n;
                    from.dataRead(nowNs);
                }
                if (have == cookie.length) {
                    known();
                    chooseRole(nowNs);
                } else if (from.isInputEnded()) {
                    from.close(nowNs);
                }
            }
            if (role != null) {
                role.onReadable(from, nowNs);
            }
        }

        private void chooseRole(long nowNs) {
            if (test == null) {
                test = new ServerTest(IperfServer.this, cookie, connection);
                role = test;
                test.begin(nowNs);
            } else if (test.wantsTcpStream() && Arrays.equals(test.cookie(), cookie)) {
                waiting = true;
                test.offerTcpStream(this, nowNs);
            } else {
                new ControlChannel(connection).send(IperfState.ACCESS_DENIED, nowNs);
                connection.close(nowNs);
            }
        }

        @Override
        public void onWritable(TcpConnection from, long nowNs) {
            if (role != null) {
                role.onWritable(from, nowNs);
            }
        }

        @Override
        public void onClosed(TcpConnection from, TcpError error, long nowNs) {
            known();
            if (waiting && role == null && test != null) {
                test.lostTcpStream(nowNs);
            }
            if (role != null) {
                role.onClosed(from, error, nowNs);
            }
            from.close(nowNs);
        }
    }
}
