package dev.penstock.conformance.attack;

import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpHandler;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** One end of a connection that sends a known pattern without end, and checks every byte of what comes. */
final class SteadyStream implements TcpHandler {
    /** A prime, so that a segment that is missing or doubled shows. */
    private static final int PERIOD = 251;

    private static final UnsafeBuffer PATTERN = pattern();

    TcpConnection connection;
    long sent;
    long received;
    boolean wrong;
    boolean connected;
    boolean closed;
    TcpError error;

    private static UnsafeBuffer pattern() {
        UnsafeBuffer b = new UnsafeBuffer(ByteBuffer.allocateDirect(PERIOD * 64));
        for (int i = 0; i < b.capacity(); i++) {
            b.putByte(i, (byte) (i % PERIOD));
        }
        return b;
    }

    private void fill(long nowNs) {
        int n;
        do {
            int at = (int) (sent % PERIOD);
            n = connection.write(PATTERN, at, PATTERN.capacity() - at, nowNs);
            sent += Math.max(0, n);
        } while (n > 0);
    }

    @Override
    public void onConnected(TcpConnection c, long nowNs) {
        connection = c;
        connected = true;
        fill(nowNs);
    }

    @Override
    public void onWritable(TcpConnection c, long nowNs) {
        fill(nowNs);
    }

    @Override
    public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
        check(buffer, offset, length);
        return length;
    }

    @Override
    public void onReadable(TcpConnection c, long nowNs) {
        byte[] some = new byte[65_536];
        int n;
        boolean any = false;
        while ((n = c.receiveQueue().read(some, 0, some.length)) > 0) {
            check(new UnsafeBuffer(some), 0, n);
            any = true;
        }
        if (any) {
            c.dataRead(nowNs);
        }
        if (c.isInputEnded()) {
            c.close(nowNs);
        }
    }

    private void check(DirectBuffer buffer, int offset, int length) {
        for (int i = 0; i < length; i++) {
            wrong |= buffer.getByte(offset + i) != (byte) (received++ % PERIOD);
        }
    }

    @Override
    public void onClosed(TcpConnection c, TcpError why, long nowNs) {
        closed = true;
        error = why;
        c.close(nowNs);
    }
}
