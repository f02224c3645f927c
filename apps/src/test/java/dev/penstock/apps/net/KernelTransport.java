package dev.penstock.apps.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;

/** The kernel's sockets on loopback as a transport, so that servers are tested apart from the stack. */
public final class KernelTransport implements Transport {
    private final Socket socket;

    public KernelTransport(Socket socket) {
        this.socket = socket;
    }

    /** Listens on a free port of the loopback interface. */
    public static Listener listen() throws IOException {
        return new Listener(new ServerSocket(0, 512, InetAddress.getLoopbackAddress()));
    }

    /** A listener that tells its port. */
    public static final class Listener implements TransportListener {
        private final ServerSocket server;

        private Listener(ServerSocket server) {
            this.server = server;
        }

        public int port() {
            return server.getLocalPort();
        }

        @Override
        public Transport accept() throws IOException {
            return new KernelTransport(server.accept());
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        return socket.getInputStream().read(into, offset, length);
    }

    @Override
    public void write(ByteBuffer from) throws IOException {
        byte[] bytes = new byte[from.remaining()];
        from.get(bytes);
        socket.getOutputStream().write(bytes);
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
    public void close() throws IOException {
        socket.close();
    }

    @Override
    public void abort() {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            // It is gone already.
        }
    }

    @Override
    public String peer() {
        return socket.getInetAddress().getHostAddress();
    }
}
