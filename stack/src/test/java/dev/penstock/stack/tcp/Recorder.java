package dev.penstock.stack.tcp;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** An application that notes what it is told, and checks that what it reads is the known stream. */
final class Recorder implements TcpHandler {
    /** What a test wants done from within a callback. */
    interface Action {
        void run(TcpConnection c, long nowNs);
    }

    private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[64 * 1024]);
    int connected;
    int readable;
    int writable;
    int urgent;
    int closed;
    int dataCalls;
    TcpError error;
    int softErrors;
    TcpError softError;
    long written;
    long received;
    String fault;
    boolean autoRead;
    /** How many bytes of each offer are used in place. */
    int takeInPlace;

    Action onConnected = (c, now) -> {};
    Action onReadable = (c, now) -> {};
    Action onWritable = (c, now) -> {};
    Action onClosed = (c, now) -> {};
    Action onData = (c, now) -> {};

    int write(TcpConnection c, int n, long nowNs) {
        int done = 0;
        while (done < n) {
            int part = Math.min(n - done, scratch.capacity());
            for (int i = 0; i < part; i++) {
                scratch.putByte(i, TransferApp.byteAt(written + i));
            }
            int taken = c.write(scratch, 0, part, nowNs);
            if (taken < 0) {
                return done == 0 ? taken : done;
            }
            written += taken;
            done += taken;
            if (taken < part) {
                return done;
            }
        }
        return done;
    }

    /** Writes {@code n} bytes of the known stream, urgently. */
    int writeUrgent(TcpConnection c, int n, long nowNs) {
        c.markUrgent(written + n, nowNs);
        return write(c, n, nowNs);
    }

    int readAll(TcpConnection c, long nowNs) {
        int total = 0;
        int n = c.receiveQueue().read(scratch, 0, scratch.capacity());
        while (n > 0) {
            check(scratch, 0, n);
            total += n;
            n = c.receiveQueue().read(scratch, 0, scratch.capacity());
        }
        c.dataRead(nowNs);
        return total;
    }

    int read(TcpConnection c, int limit, long nowNs) {
        int n = Math.max(0, c.receiveQueue().read(scratch, 0, limit));
        check(scratch, 0, n);
        c.dataRead(nowNs);
        return n;
    }

    private void check(DirectBuffer b, int offset, int n) {
        for (int i = 0; i < n; i++) {
            if (fault == null && b.getByte(offset + i) != TransferApp.byteAt(received + i)) {
                fault = "byte " + (received + i) + " is wrong";
            }
        }
        received += n;
    }

    private void notClosed() {
        if (closed > 0 && fault == null) {
            fault = "told something after onClosed";
        }
    }

    @Override
    public void onConnected(TcpConnection c, long nowNs) {
        notClosed();
        connected++;
        onConnected.run(c, nowNs);
    }

    @Override
    public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
        dataCalls++;
        int n = Math.min(takeInPlace, length);
        check(buffer, offset, n);
        onData.run(c, nowNs);
        return n;
    }

    @Override
    public void onReadable(TcpConnection c, long nowNs) {
        notClosed();
        readable++;
        if (autoRead) {
            readAll(c, nowNs);
        }
        onReadable.run(c, nowNs);
    }

    @Override
    public void onUrgent(TcpConnection c, long nowNs) {
        notClosed();
        urgent++;
    }

    @Override
    public void onSoftError(TcpConnection c, TcpError why, long nowNs) {
        notClosed();
        softErrors++;
        softError = why;
    }

    @Override
    public void onWritable(TcpConnection c, long nowNs) {
        notClosed();
        writable++;
        onWritable.run(c, nowNs);
    }

    @Override
    public void onClosed(TcpConnection c, TcpError why, long nowNs) {
        notClosed();
        closed++;
        error = why;
        onClosed.run(c, nowNs);
    }
}
