package dev.penstock.apps.iperf;

import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpInfo;
import dev.penstock.stack.timer.DeadlineQueue;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A stream over a TCP connection of its own. What is received is counted where it lies, and never copied. */
final class TcpDataStream extends DataStream implements TcpHandler {
    /** What is sent: digits, as iperf3's repeating payload. Never written to. */
    private static final UnsafeBuffer PATTERN = pattern();

    private final TcpConnection connection;
    private final TcpInfo info = new TcpInfo();

    TcpDataStream(IperfSettings settings, boolean sender, TcpConnection connection, DeadlineQueue deadlines) {
        super(settings, sender, deadlines);
        this.connection = connection;
    }

    private static UnsafeBuffer pattern() {
        UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(IperfSettings.MAX_LENGTH));
        for (int i = 0; i < buffer.capacity(); i++) {
            buffer.putByte(i, (byte) ('0' + i % 10));
        }
        return buffer;
    }

    @Override
    void pump(long nowNs) {
        int most = settings.effectiveLength();
        while (true) {
            int length = allowance(most, false, nowNs);
            if (length == 0) {
                return;
            }
            int n = connection.write(PATTERN, 0, length, nowNs);
            if (n <= 0) {
                return;
            }
            sent(n);
            if (n < length) {
                return;
            }
        }
    }

    @Override
    public void onWritable(TcpConnection from, long nowNs) {
        pump(nowNs);
    }

    @Override
    public int onData(TcpConnection from, DirectBuffer buffer, int offset, int length, long nowNs) {
        count(length);
        return length;
    }

    @Override
    public void onReadable(TcpConnection from, long nowNs) {
        int n = connection.receiveQueue().discard(Integer.MAX_VALUE);
        if (n > 0) {
            count(n);
            connection.dataRead(nowNs);
        }
    }

    @Override
    public void onClosed(TcpConnection from, TcpError error, long nowNs) {
        stop();
        connection.close(nowNs);
    }

    @Override
    long retransmits(long nowNs) {
        if (!sender) {
            return -1;
        }
        connection.info(info, nowNs);
        return info.sendMss > 0 ? info.bytesRetransmitted / info.sendMss : 0;
    }

    @Override
    long cwnd(long nowNs) {
        if (!sender) {
            return -1;
        }
        connection.info(info, nowNs);
        return info.cwnd;
    }

    @Override
    boolean isDrained() {
        return connection.sendQueue().size() == 0;
    }

    @Override
    void endOutput(long nowNs) {
        if (sender) {
            connection.shutdownOutput(nowNs);
        }
    }

    @Override
    void close(long nowNs) {
        stop();
        connection.close(nowNs);
    }
}
