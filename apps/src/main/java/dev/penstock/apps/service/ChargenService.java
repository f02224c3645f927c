package dev.penstock.apps.service;

import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpHandler;
import org.agrona.DirectBuffer;

/** The character generator protocol on TCP (RFC 864): an endless pattern; "any data received is thrown away". */
public final class ChargenService extends TcpService {

    @Override
    TcpHandler newHandler() {
        return new Generating();
    }

    private final class Generating extends Handler {
        /** Where in the pattern the next byte lies. */
        private int at;

        @Override
        public void onConnected(TcpConnection connection, long nowNs) {
            fill(connection, nowNs);
        }

        @Override
        public void onWritable(TcpConnection connection, long nowNs) {
            fill(connection, nowNs);
        }

        @Override
        public int onData(TcpConnection connection, DirectBuffer buffer, int offset, int length, long nowNs) {
            return length;
        }

        @Override
        public void onReadable(TcpConnection connection, long nowNs) {
            if (connection.receiveQueue().discard(Integer.MAX_VALUE) > 0) {
                connection.dataRead(nowNs);
            }
            // "The data exchange goes on until the calling user terminates": nobody reads after that, as a rule.
            if (connection.isInputEnded()) {
                connection.close(nowNs);
            }
        }

        private void fill(TcpConnection connection, long nowNs) {
            while (true) {
                int length = ChargenPattern.LENGTH - at;
                int n = connection.write(ChargenPattern.BYTES, at, length, nowNs);
                if (n <= 0) {
                    return;
                }
                moved(n);
                at = (at + n) % ChargenPattern.LENGTH;
                if (n < length) {
                    return;
                }
            }
        }
    }
}
