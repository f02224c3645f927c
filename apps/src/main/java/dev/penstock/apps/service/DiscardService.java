package dev.penstock.apps.service;

import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpHandler;
import org.agrona.DirectBuffer;

/** The discard protocol on TCP (RFC 863): "any data received is thrown away. No response is sent." */
public final class DiscardService extends TcpService {
    private final TcpHandler handler = new Discarding();

    @Override
    TcpHandler newHandler() {
        return handler;
    }

    private final class Discarding extends Handler {
        @Override
        public int onData(TcpConnection connection, DirectBuffer buffer, int offset, int length, long nowNs) {
            moved(length);
            return length;
        }

        @Override
        public void onReadable(TcpConnection connection, long nowNs) {
            // What came out of order lands in the queue first.
            int n = connection.receiveQueue().discard(Integer.MAX_VALUE);
            if (n > 0) {
                moved(n);
                connection.dataRead(nowNs);
            }
            if (connection.isInputEnded()) {
                connection.close(nowNs);
            }
        }
    }
}
