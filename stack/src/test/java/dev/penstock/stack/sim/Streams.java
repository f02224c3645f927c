package dev.penstock.stack.sim;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A connection from one host to another that carries a number of bytes, checked, and closes. */
final class Streams {
    static final int PORT = 80;

    private final UnsafeBuffer piece = new UnsafeBuffer(new byte[16 * 1024]);
    private final long bytes;
    private long sent;
    long received;
    boolean connected;
    boolean right = true;
    boolean over;
    TcpError error;

    private Streams(long bytes) {
        this.bytes = bytes;
    }

    static byte byteAt(long position) {
        return (byte) (position * 31 >>> 3);
    }

    /** {@code to} listens, {@code from} connects and sends. */
    static Streams start(SimulatedHost from, SimulatedHost to, long bytes) {
        Streams s = new Streams(bytes);
        to.stack().tcp().listen(0, 0, PORT, 4, new TcpOptions(), (l, now) -> l.accept(s.new Receiver()));
        assertNotNull(s.connect(from, to, PORT));
        return s;
    }

    /** Nobody listens. */
    static Streams toClosedPort(SimulatedHost from, SimulatedHost to) {
        Streams s = new Streams(0);
        assertNotNull(s.connect(from, to, PORT + 1));
        return s;
    }

    private TcpConnection connect(SimulatedHost from, SimulatedHost to, int port) {
        long hi = to.address().hi();
        long lo = to.address().lo();
        return from.stack().tcp().connect(0, 0, 0, hi, lo, port, new TcpOptions(), new Sender(), from.nowNs());
    }

    boolean isDone() {
        return over && received == bytes;
    }

    private final class Sender implements TcpHandler {
        private void send(TcpConnection c, long nowNs) {
            while (sent < bytes) {
                int n = (int) Math.min(piece.capacity(), bytes - sent);
                for (int i = 0; i < n; i++) {
                    piece.putByte(i, byteAt(sent + i));
                }
                int taken = c.write(piece, 0, n, nowNs);
                if (taken <= 0) {
                    return;
                }
                sent += taken;
            }
            c.close(nowNs);
        }

        @Override
        public void onConnected(TcpConnection c, long nowNs) {
            connected = true;
            send(c, nowNs);
        }

        @Override
        public void onWritable(TcpConnection c, long nowNs) {
            send(c, nowNs);
        }

        @Override
        public void onClosed(TcpConnection c, TcpError why, long nowNs) {
            over = true;
            error = why;
        }
    }

    private final class Receiver implements TcpHandler {
        @Override
        public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
            for (int i = 0; i < length; i++) {
                right &= buffer.getByte(offset + i) == byteAt(received + i);
            }
            received += length;
            return length;
        }

        @Override
        public void onReadable(TcpConnection c, long nowNs) {
            c.close(nowNs);
        }
    }

    /** Sends back what it hears. */
    static final class Echo implements TcpHandler {
        @Override
        public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
            c.write(buffer, offset, length, nowNs);
            return length;
        }
    }

    /** Keeps its connection, to be used from outside. */
    static final class Talker implements TcpHandler {
        final StringBuilder heard = new StringBuilder();
        TcpConnection connection;

        void say(String text, long nowNs) {
            byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
            connection.write(new UnsafeBuffer(bytes), 0, bytes.length, nowNs);
        }

        @Override
        public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
            heard.append(buffer.getStringWithoutLengthAscii(offset, length));
            return length;
        }
    }

    static Talker talk(SimulatedHost from, SimulatedHost to, int port) {
        Talker talker = new Talker();
        long hi = to.address().hi();
        long lo = to.address().lo();
        talker.connection = from.stack().tcp().connect(0, 0, 0, hi, lo, port, new TcpOptions(), talker, from.nowNs());
        assertNotNull(talker.connection);
        return talker;
    }
}
