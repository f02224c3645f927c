package dev.penstock.conformance.matrix;

import dev.penstock.stack.blocking.TcpSocket;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;

/** One end of a connection, whoever's sockets it is made of. */
record End(InputStream in, OutputStream out, Act shutdown, Act abort, Act close) {
    /** Something that may fail. */
    interface Act {
        void run() throws IOException;
    }

    static End of(Socket socket) throws IOException {
        return new End(
                socket.getInputStream(),
                socket.getOutputStream(),
                socket::shutdownOutput,
                () -> {
                    socket.setSoLinger(true, 0);
                    socket.close();
                },
                socket::close);
    }

    static End of(TcpSocket socket) throws IOException {
        return new End(
                socket.getInputStream(),
                socket.getOutputStream(),
                socket::shutdownOutput,
                socket::abort,
                socket::close);
    }
}
