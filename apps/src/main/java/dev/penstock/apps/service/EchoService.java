package dev.penstock.apps.service;

import dev.penstock.stack.buffer.ByteQueue;
import dev.penstock.stack.buffer.ChunkPool;
import dev.penstock.stack.buffer.ReceiveQueue;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpHandler;
import org.agrona.DirectBuffer;

/** The echo protocol on TCP (RFC 862): "any data received is sent back ... until the calling user terminates". */
public final class EchoService extends TcpService {
    private final TcpHandler handler = new Echoing();

    @Override
    TcpHandler newHandler() {
        return handler;
    }

    /** Has no state of its own: what could not be sent yet waits in the connection's receive queue. */
    private final class Echoing extends Handler {
        @Override
        public int onData(TcpConnection connection, DirectBuffer buffer, int offset, int length, long nowNs) {
            int n = Math.max(0, connection.write(buffer, offset, length, nowNs));
            moved(n);
            return n;
        }

        @Override
        public void onReadable(TcpConnection connection, long nowNs) {
            pump(connection, nowNs);
        }

        @Override
        public void onWritable(TcpConnection connection, long nowNs) {
            pump(connection, nowNs);
        }

        private void pump(TcpConnection connection, long nowNs) {
            ReceiveQueue in = connection.receiveQueue();
            boolean read = false;
            while (in.size() > 0) {
                long at = in.headPosition();
                int offset = ByteQueue.chunkOffset(at);
                int length = Math.min(in.size(), ChunkPool.CHUNK_SIZE - offset);
                int n = connection.write(in.bufferAt(at), offset, length, nowNs);
                if (n > 0) {
                    in.discard(n);
                    moved(n);
                    read = true;
                }
                if (n < length) {
                    noRoom(connection, n, nowNs);
                    break;
                }
            }
            if (read) {
                connection.dataRead(nowNs);
            }
            if (in.size() == 0 && connection.isInputEnded()) {
                connection.close(nowNs);
            }
        }

        /** A full queue empties and then tells; but one that is empty, the memory being used up, never would. */
        private void noRoom(TcpConnection connection, int taken, long nowNs) {
            if (taken >= 0 && connection.sendQueue().size() == 0) {
                connection.abort(nowNs);
            }
        }
    }
}
