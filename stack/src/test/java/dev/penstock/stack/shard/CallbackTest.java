package dev.penstock.stack.shard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.socket.ShardContext;
import dev.penstock.stack.tcp.TcpAcceptor;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.udp.UdpEndpoint;
import dev.penstock.stack.udp.UdpHandler;
import dev.penstock.stack.wire.IpAddress;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Applications on the shard's own thread, in virtual time: they work, and when they throw, only they suffer. */
class CallbackTest {
    private static final int PORT = 7;

    private final ShardPair pair = new ShardPair();

    @AfterEach
    void close() {
        pair.close();
    }

    /** Sends back what comes in, without the receive queue; throws at a byte 0x66. */
    private static final class Echo implements TcpHandler {
        @Override
        public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
            if (buffer.getByte(offset) == 0x66) {
                throw new IllegalStateException("boom");
            }
            return c.write(buffer, offset, length, nowNs);
        }

        @Override
        public void onReadable(TcpConnection c, long nowNs) {
            if (c.isInputEnded()) {
                c.close(nowNs);
            }
        }
    }

    private static class Client implements TcpHandler {
        final StringBuilder received = new StringBuilder();
        boolean connected;
        boolean closed;
        TcpError error;

        @Override
        public void onConnected(TcpConnection c, long nowNs) {
            connected = true;
        }

        @Override
        public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
            received.append(buffer.getStringWithoutLengthAscii(offset, length));
            return length;
        }

        @Override
        public void onClosed(TcpConnection c, TcpError why, long nowNs) {
            closed = true;
            error = why;
        }
    }

    private static TcpAcceptor listen(ShardContext shard, TcpHandler handler) {
        TcpAcceptor acceptor = shard.tcp()
                .listen(IpAddress.ANY_V4.hi(), IpAddress.ANY_V4.lo(), PORT, 16, new TcpOptions(), (listener, nowNs) -> {
                    while (listener.accept(handler) != null) {
                        // each is told of by its handler
                    }
                });
        assertNotNull(acceptor);
        return acceptor;
    }

    private TcpConnection connect(TcpHandler handler) {
        IpAddress any = IpAddress.ANY_V4;
        IpAddress b = ShardPair.B;
        TcpConnection c = pair.a
                .tcp()
                .connect(any.hi(), any.lo(), 0, b.hi(), b.lo(), PORT, new TcpOptions(), handler, pair.nowNs);
        assertNotNull(c);
        return c;
    }

    private void write(TcpConnection c, String text) {
        UnsafeBuffer buffer = new UnsafeBuffer(text.getBytes(UTF_8));
        assertEquals(text.length(), c.write(buffer, 0, text.length(), pair.nowNs));
    }

    @Test
    void anEchoServerOfCallbacks() {
        listen(pair.b, new Echo());
        Client client = new Client();
        TcpConnection c = connect(client);
        pair.runUntil(() -> client.connected);
        write(c, "hello");
        pair.runUntil(() -> client.received.toString().equals("hello"));
        c.close(pair.nowNs);
        pair.runUntil(() -> client.closed);
        assertNull(client.error);
    }

    @Test
    void aHandlerThatThrowsLosesItsConnectionOnly() {
        listen(pair.b, new Echo());
        Client bad = new Client();
        Client good = new Client();
        TcpConnection badConnection = connect(bad);
        TcpConnection goodConnection = connect(good);
        pair.runUntil(() -> bad.connected && good.connected);

        write(badConnection, "f is for failure");
        write(goodConnection, "still here");
        pair.runUntil(() -> bad.closed && good.received.toString().equals("still here"));

        assertEquals(TcpError.CONNECTION_RESET, bad.error);
        assertEquals(1, pair.errors.size());
        assertEquals("boom", pair.errors.get(0).getMessage());
        assertEquals(1, pair.b.counters().get(StackCounter.APPLICATION_FAULTS));
        assertEquals(0, pair.b.counters().get(StackCounter.SHARD_FAULTS));
        goodConnection.close(pair.nowNs);
        pair.runUntil(() -> good.closed);
        assertNull(good.error);
    }

    @Test
    void handlersMayThrowAnywhere() {
        List<String> told = new ArrayList<>();
        TcpHandler thrower = new TcpHandler() {
            @Override
            public void onConnected(TcpConnection c, long nowNs) {
                told.add("connected");
                throw new AssertionError("in onConnected");
            }

            @Override
            public void onClosed(TcpConnection c, TcpError error, long nowNs) {
                told.add("closed " + error);
                throw new IllegalArgumentException("in onClosed");
            }
        };
        listen(pair.b, new Echo());
        connect(thrower);
        pair.runUntil(() -> told.size() == 2);
        assertEquals(List.of("connected", "closed ABORTED"), told);
        assertEquals(2, pair.a.counters().get(StackCounter.APPLICATION_FAULTS));
    }

    @Test
    void anAcceptHandlerThatThrowsDoesNoHarm() {
        IpAddress any = IpAddress.ANY_V4;
        boolean[] throwing = {true};
        Client served = new Client();
        pair.b.tcp().listen(any.hi(), any.lo(), PORT, 4, new TcpOptions(), (listener, nowNs) -> {
            if (throwing[0]) {
                throw new IllegalStateException("not now");
            }
            while (listener.accept(served) != null) {
                // goes on
            }
        });
        Client first = new Client();
        connect(first);
        pair.runUntil(() -> first.connected);
        assertEquals(1, pair.errors.size());
        throwing[0] = false;
        Client second = new Client();
        connect(second);
        pair.runUntil(() -> second.connected && served.connected);
    }

    @Test
    void udpHandlersAndDeadlinesAreContainedToo() {
        UdpEndpoint server = pair.b.openUdp(new UdpHandler() {
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
                throw new IllegalStateException("datagram");
            }
        });
        assertEquals(UdpEndpoint.OK, server.bind(0, IpAddress.V4_PREFIX, PORT));
        UdpEndpoint client = pair.a.openUdp(new UdpHandler() {});
        UnsafeBuffer data = new UnsafeBuffer(new byte[10]);
        IpAddress b = ShardPair.B;
        pair.runUntil(() -> client.send(b.hi(), b.lo(), PORT, data, 0, 10, pair.nowNs) == UdpEndpoint.OK);
        pair.runUntil(() -> pair.errors.size() == 1);

        Deadline bad = new Deadline() {
            @Override
            protected void onDeadline(long nowNs) {
                throw new IllegalStateException("deadline");
            }
        };
        pair.b.deadlines().schedule(bad, pair.nowNs + 5);
        pair.runUntil(() -> pair.errors.size() == 2);
        assertSame(IllegalStateException.class, pair.errors.get(1).getClass());
        assertEquals(2, pair.b.counters().get(StackCounter.APPLICATION_FAULTS));
        server.close();
        client.close();
    }

    @Test
    void closingEndsConnectionsInOrder() {
        Client server = new Client() {
            @Override
            public void onReadable(TcpConnection c, long nowNs) {
                if (c.isInputEnded()) {
                    c.close(nowNs);
                }
            }
        };
        listen(pair.b, server);
        Client client = new Client();
        TcpConnection c = connect(client);
        pair.runUntil(() -> client.connected);
        write(c, "last words");
        pair.a.beginClose();
        assertTrue(pair.a.isClosing());
        pair.runUntil(() -> !pair.a.isClosing());
        assertNull(client.error);
        assertEquals("last words", server.received.toString());
        assertEquals(0, pair.b.counters().get(StackCounter.TCP_ESTAB_RESETS));
    }
}
