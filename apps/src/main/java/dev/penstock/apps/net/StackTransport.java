package dev.penstock.apps.net;

import dev.penstock.stack.blocking.Endpoint;
import dev.penstock.stack.blocking.TcpListener;
import dev.penstock.stack.blocking.TcpSocket;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A Penstock socket as a {@link Transport}. */
public final class StackTransport implements Transport {
    private final TcpSocket socket;
    private final String peer;

    /** Takes over a connected socket. */
    public StackTransport(TcpSocket socket) {
        this.socket = socket;
        Endpoint remote = socket.getRemoteAddress();
        this.peer = remote == null ? "-" : remote.address().toString();
    }

    /** The connections of {@code listener}, which is closed with the result. */
    public static TransportListener listener(TcpListener listener) {
        return new TransportListener() {
            @Override
            public Transport accept() throws IOException {
                return new StackTransport(listener.accept());
            }

            @Override
            public void close() throws IOException {
                listener.close();
            }
        };
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        return socket.read(into, offset, length);
    }

    @Override
    public void write(ByteBuffer from) throws IOException {
        socket.write(from);
    }

    @Override
    public void readTimeout(int millis) throws IOException {
        socket.setSoTimeout(millis);
    }

    @Override
    public void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    @Override
    public void close() {
        socket.close();
    }

    @Override
    public void abort() {
        socket.abort();
    }

    @Override
    public String peer() {
        return peer;
    }
}
