package dev.penstock.conformance.oracle;

import java.io.IOException;

/** The sockets of one end, as {@code java.net} has them, whoever's they are. */
interface Sockets {
    /** A connection. */
    interface Stream {
        /** As {@code InputStream}; a read times out after {@code timeoutMs}. */
        int read(byte[] into, int offset, int length, int timeoutMs) throws IOException;

        void write(byte[] bytes) throws IOException;

        void urgent(int value) throws IOException;

        void shutdownOutput() throws IOException;

        void shutdownInput() throws IOException;

        void close() throws IOException;

        void noDelay(boolean on) throws IOException;

        void keepAlive(boolean on) throws IOException;

        void keepAliveTimes(int idle, int interval, int count) throws IOException;

        void userTimeout(int ms) throws IOException;

        void receiveBuffer(int bytes) throws IOException;

        void sendBuffer(int bytes) throws IOException;

        void linger(int seconds) throws IOException;

        /** The state of RFC 9293, as {@code ss} writes it; "gone" when there is none any more, "closed" once it was closed. */
        String state() throws Exception;
    }

    /** A listener. */
    interface Listener {
        Stream accept(int timeoutMs) throws IOException;

        void close() throws IOException;
    }

    Listener listen(int port, int backlog) throws Exception;

    Stream connect(String address, int port, int timeoutMs) throws Exception;
}
