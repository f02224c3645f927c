package dev.penstock.stack.examples;

import dev.penstock.stack.blocking.PenstockStack;
import dev.penstock.stack.buffer.ByteQueue;
import dev.penstock.stack.socket.ShardContext;
import dev.penstock.stack.tcp.TcpAcceptor;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.wire.IpAddress;
import org.agrona.DirectBuffer;

/** The same on the stack's own thread: no other thread, no queue and no copy between the wire and the answer. */
final class CallbackEchoServer implements TcpHandler {
    static void start(PenstockStack stack) {
        stack.onShard(CallbackEchoServer::listen);
    }

    private static void listen(ShardContext shard) {
        IpAddress any = IpAddress.ANY_V4;
        shard.tcp().listen(any.hi(), any.lo(), 7, 128, new TcpOptions(), CallbackEchoServer::accept);
    }

    private static void accept(TcpAcceptor acceptor, long nowNs) {
        while (acceptor.accept(new CallbackEchoServer()) != null) {
            // the handler is told of everything from here on
        }
    }

    @Override
    public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
        return c.write(buffer, offset, length, nowNs);
    }

    /** What found no room in the send queue waits in the receive queue, and the peer with it. */
    @Override
    public void onReadable(TcpConnection c, long nowNs) {
        if (c.receiveQueue().size() > 0) {
            c.wantWritable();
        } else if (c.isInputEnded()) {
            c.close(nowNs);
        }
    }

    @Override
    public void onWritable(TcpConnection c, long nowNs) {
        while (c.receiveQueue().size() > 0) {
            long head = c.receiveQueue().headPosition();
            int n = ByteQueue.contiguous(head, c.receiveQueue().size());
            int taken = c.write(c.receiveQueue().bufferAt(head), ByteQueue.chunkOffset(head), n, nowNs);
            if (taken <= 0) {
                return;
            }
            c.receiveQueue().discard(taken);
        }
        c.dataRead(nowNs);
        onReadable(c, nowNs);
    }
}
