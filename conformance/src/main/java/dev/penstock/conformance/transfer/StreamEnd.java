package dev.penstock.conformance.transfer;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpHandler;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One end of a checked transfer, on the shard's thread: writes a known stream in pieces of random size, checks every
 * byte that it receives, half-closes when all is written, and remembers how the connection ended.
 */
public final class StreamEnd implements TcpHandler {
    private static final int LARGEST_PIECE = 16 * 1024;
    private static final long MULTIPLIER = 0x9E37_79B9_7F4A_7C15L;

    private final long toSend;
    private final long toReceive;
    private final RandomSource random;
    private final boolean inPlace;
    private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[LARGEST_PIECE]);
    private long sent;
    private long received;
    private long firstWrong = -1;
    private boolean inputEnded;
    private boolean outputEnded;
    private int timesClosed;
    private TcpError error;

    /**
     * @param toSend bytes to write
     * @param toReceive bytes to expect
     * @param random the sizes of the pieces
     * @param inPlace read from the received frames rather than from the queue
     */
    public StreamEnd(long toSend, long toReceive, RandomSource random, boolean inPlace) {
        this.toSend = toSend;
        this.toReceive = toReceive;
        this.random = random;
        this.inPlace = inPlace;
    }

    /** The byte at {@code position} of every checked stream. */
    public static byte byteAt(long position) {
        return (byte) ((position * MULTIPLIER) >>> 56);
    }

    /** The connection is over. */
    public boolean isOver() {
        return timesClosed > 0;
    }

    /** What went wrong, or null: every byte came once and in order, and both directions ended in order. */
    public String complaint() {
        if (firstWrong >= 0) {
            return "byte " + firstWrong + " is wrong";
        }
        if (timesClosed != 1) {
            return "closed " + timesClosed + " times";
        }
        if (error != null) {
            return "ended with " + error;
        }
        if (sent != toSend || received != toReceive || !inputEnded) {
            return "sent " + sent + " of " + toSend + ", received " + received + " of " + toReceive
                    + (inputEnded ? "" : ", no end of input");
        }
        return null;
    }

    @Override
    public void onConnected(TcpConnection c, long nowNs) {
        write(c, nowNs);
    }

    @Override
    public void onWritable(TcpConnection c, long nowNs) {
        write(c, nowNs);
    }

    private void write(TcpConnection c, long nowNs) {
        while (sent < toSend) {
            int n = (int) Math.min(toSend - sent, 1 + random.nextInt(LARGEST_PIECE));
            for (int i = 0; i < n; i++) {
                scratch.putByte(i, byteAt(sent + i));
            }
            int taken = c.write(scratch, 0, n, nowNs);
            sent += Math.max(0, taken);
            if (taken < n) {
                return;
            }
        }
        if (!outputEnded) {
            outputEnded = true;
            c.shutdownOutput(nowNs);
        }
    }

    @Override
    public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
        if (!inPlace) {
            return 0;
        }
        int n = random.nextInt(8) == 0 ? random.nextInt(length + 1) : length;
        check(buffer, offset, n);
        return n;
    }

    @Override
    public void onReadable(TcpConnection c, long nowNs) {
        int n = c.receiveQueue().read(scratch, 0, 1 + random.nextInt(LARGEST_PIECE));
        while (n > 0) {
            check(scratch, 0, n);
            n = c.receiveQueue().read(scratch, 0, 1 + random.nextInt(LARGEST_PIECE));
        }
        c.dataRead(nowNs);
        inputEnded = c.isInputEnded();
    }

    private void check(DirectBuffer buffer, int offset, int length) {
        for (int i = 0; i < length; i++) {
            if (buffer.getByte(offset + i) != byteAt(received) && firstWrong < 0) {
                firstWrong = received;
            }
            received++;
        }
    }

    @Override
    public void onClosed(TcpConnection c, TcpError why, long nowNs) {
        timesClosed++;
        error = why;
        onReadable(c, nowNs);
        c.close(nowNs);
    }
}
