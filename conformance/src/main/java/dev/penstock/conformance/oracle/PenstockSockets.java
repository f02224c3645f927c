package dev.penstock.conformance.oracle;

import dev.penstock.stack.blocking.Endpoint;
import dev.penstock.stack.blocking.PenstockStack;
import dev.penstock.stack.blocking.TcpListener;
import dev.penstock.stack.blocking.TcpSocket;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.tcp.TcpState;
import dev.penstock.stack.wire.IpAddress;
import java.io.IOException;

/** Penstock's sockets. */
final class PenstockSockets implements Sockets {
    private final PenstockStack stack;
    private final String address;

    PenstockSockets(PenstockStack stack, String address) {
        this.address = address;
        this.stack = stack;
    }

    @Override
    public Listener listen(int port, int backlog) throws IOException {
        TcpListener listener = stack.listen(new Endpoint(IpAddress.parse(address), port), backlog, new TcpOptions());
        return new Listener() {
            @Override
            public Stream accept(int timeoutMs) throws IOException {
                listener.setSoTimeout(timeoutMs);
                return new PenstockStream(listener.accept());
            }

            @Override
            public void close() {
                listener.close();
            }
        };
    }

    @Override
    public Stream connect(String address, int port, int timeoutMs) throws IOException {
        return new PenstockStream(stack.connect(address, port, timeoutMs));
    }

    private static final class PenstockStream implements Stream {
        private final TcpSocket socket;

        PenstockStream(TcpSocket socket) {
            this.socket = socket;
        }

        @Override
        public int read(byte[] into, int offset, int length, int timeoutMs) throws IOException {
            socket.setSoTimeout(timeoutMs);
            return socket.read(into, offset, length);
        }

        @Override
        public void write(byte[] bytes) throws IOException {
            socket.write(bytes);
        }

        @Override
        public void urgent(int value) throws IOException {
            socket.writeUrgent(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void shutdownOutput() throws IOException {
            socket.shutdownOutput();
        }

        @Override
        public void shutdownInput() throws IOException {
            socket.shutdownInput();
        }

        @Override
        public void close() {
            socket.close();
        }

        @Override
        public void noDelay(boolean on) throws IOException {
            socket.setTcpNoDelay(on);
        }

        @Override
        public void keepAlive(boolean on) throws IOException {
            socket.setKeepAlive(on);
        }

        @Override
        public void keepAliveTimes(int idle, int interval, int count) throws IOException {
            socket.setKeepAliveTimes(idle, interval, count);
        }

        @Override
        public void userTimeout(int ms) throws IOException {
            socket.setUserTimeout(ms);
        }

        @Override
        public void receiveBuffer(int bytes) throws IOException {
            socket.setReceiveBufferSize(bytes);
        }

        @Override
        public void sendBuffer(int bytes) throws IOException {
            socket.setSendBufferSize(bytes);
        }

        @Override
        public void linger(int seconds) throws IOException {
            socket.setSoLinger(seconds >= 0, Math.max(0, seconds));
        }

        @Override
        public String state() throws IOException {
            if (socket.isClosed()) {
                return "closed";
            }
            TcpState state = socket.info().state;
            return switch (state) {
                case ESTABLISHED -> "ESTAB";
                case SYN_RECEIVED -> "SYN-RECV";
                case CLOSED -> "gone";
                default -> state.name().replace('_', '-');
            };
        }
    }
}
