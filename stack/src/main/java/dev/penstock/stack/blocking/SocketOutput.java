package dev.penstock.stack.blocking;

import java.io.IOException;
import java.io.OutputStream;

/** What {@link TcpSocket#getOutputStream()} gives. */
final class SocketOutput extends OutputStream {
    private final TcpSocket socket;

    SocketOutput(TcpSocket socket) {
        this.socket = socket;
    }

    @Override
    public void write(int b) throws IOException {
        socket.write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] src, int offset, int length) throws IOException {
        socket.write(src, offset, length);
    }

    @Override
    public void close() {
        socket.close();
    }
}
