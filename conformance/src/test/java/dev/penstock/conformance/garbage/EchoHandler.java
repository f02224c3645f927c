package dev.penstock.conformance.garbage;

import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpHandler;
import org.agrona.concurrent.UnsafeBuffer;

/** Sends back what comes, and closes when the peer has. */
final class EchoHandler implements TcpHandler {
    private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[4096]);

    @Override
    public void onReadable(TcpConnection c, long nowNs) {
        pump(c, nowNs);
    }

    @Override
    public void onWritable(TcpConnection c, long nowNs) {
        pump(c, nowNs);
    }

    private void pump(TcpConnection c, long nowNs) {
        int room = Math.min(scratch.capacity(), c.sendQueue().writable());
        int n = room == 0 ? 0 : c.receiveQueue().read(scratch, 0, room);
        while (n > 0) {
            c.write(scratch, 0, n, nowNs);
            room = Math.min(scratch.capacity(), c.sendQueue().writable());
            n = room == 0 ? 0 : c.receiveQueue().read(scratch, 0, room);
        }
        if (room == 0) {
            c.wantWritable();
        }
        c.dataRead(nowNs);
        if (c.isInputEnded() && c.receiveQueue().size() == 0) {
            c.close(nowNs);
        }
    }

    @Override
    public void onClosed(TcpConnection c, TcpError error, long nowNs) {
        c.close(nowNs);
    }
}
