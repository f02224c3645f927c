package dev.penstock.stack.tcp;

import dev.penstock.stack.base.RandomSource;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** An application at one end: sends a stream of known bytes, checks the one it receives, closes when both are done. */
final class TransferApp implements TcpHandler {
    final long toSend;
    final long toReceive;
    private final RandomSource random;
    private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[8192]);
    TcpConnection connection;
    long sent;
    long received;
    boolean connected;
    boolean eof;
    boolean closed;
    boolean closeCalled;
    TcpError error;
    String mismatch;
    /** It does not read now. */
    boolean paused;
    /** How it reads: in place, or from the queue. */
    boolean inPlace;

    TransferApp(long toSend, long toReceive, long seed) {
        this.toSend = toSend;
        this.toReceive = toReceive;
        this.random = RandomSource.seeded(seed);
    }

    /** The byte at a position of every stream of these tests. */
    static byte byteAt(long position) {
        return (byte) ((position * 0x9E3779B97F4A7C15L) >>> 56);
    }

    @Override
    public void onConnected(TcpConnection c, long nowNs) {
        connection = c;
        connected = true;
        pump(nowNs);
    }

    void pump(long nowNs) {
        while (sent < toSend) {
            int n = (int) Math.min(toSend - sent, 1 + random.nextInt(scratch.capacity()));
            for (int i = 0; i < n; i++) {
                scratch.putByte(i, byteAt(sent + i));
            }
            int taken = connection.write(scratch, 0, n, nowNs);
            if (taken < 0) {
                return;
            }
            sent += taken;
            if (taken < n) {
                return;
            }
        }
        if (!closeCalled) {
            closeCalled = true;
            connection.shutdownOutput(nowNs);
        }
    }

    @Override
    public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
        if (!inPlace) {
            return 0;
        }
        int n = random.nextInt(4) == 0 ? random.nextInt(length + 1) : length;
        for (int i = 0; i < n; i++) {
            check(buffer.getByte(offset + i));
        }
        return n;
    }

    @Override
    public void onReadable(TcpConnection c, long nowNs) {
        if (paused) {
            return;
        }
        int n;
        while ((n = c.receiveQueue().read(scratch, 0, 1 + random.nextInt(scratch.capacity()))) > 0) {
            for (int i = 0; i < n; i++) {
                check(scratch.getByte(i));
            }
        }
        c.dataRead(nowNs);
        eof = c.isInputEnded();
    }

    private void check(byte b) {
        if (b != byteAt(received) && mismatch == null) {
            mismatch = "byte " + received + " is wrong";
        }
        received++;
    }

    @Override
    public void onWritable(TcpConnection c, long nowNs) {
        pump(nowNs);
    }

    @Override
    public void onClosed(TcpConnection c, TcpError why, long nowNs) {
        if (closed) {
            mismatch = "closed twice";
        }
        closed = true;
        error = why;
        onReadable(c, nowNs);
        c.close(nowNs);
    }

    boolean good() {
        return mismatch == null && error == null && received == toReceive && sent == toSend && eof && closed;
    }

    @Override
    public String toString() {
        return "sent " + sent + "/" + toSend + " received " + received + "/" + toReceive + " eof " + eof + " closed "
                + closed + " error " + error + " " + mismatch
                + (connection == null ? "" : " state " + connection.state());
    }
}
