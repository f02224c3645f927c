package dev.penstock.conformance.oracle;

import com.sun.jna.Function;
import com.sun.jna.ptr.IntByReference;
import dev.penstock.tap.NetNamespace;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jdk.net.ExtendedSocketOptions;

/**
 * The kernel's sockets in a namespace. Those of channels: {@code java.net.Socket} of its own sends a FIN before it closes, and hides
 * what {@code close} does.
 */
final class KernelSockets implements Sockets {
    private static final Path TABLES = Path.of("/proc/thread-self/net");
    /** The kernel's numbers of states, {@code include/net/tcp_states.h}, under the names of {@code ss}. */
    private static final String[] STATES = {
        "?",
        "ESTAB",
        "SYN-SENT",
        "SYN-RECV",
        "FIN-WAIT-1",
        "FIN-WAIT-2",
        "TIME-WAIT",
        "CLOSE",
        "CLOSE-WAIT",
        "LAST-ACK",
        "LISTEN",
        "CLOSING",
        "SYN-RECV"
    };

    private static final int LISTEN = 10;
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_USER_TIMEOUT = 18;

    private final NetNamespace namespace;
    private final String address;

    KernelSockets(NetNamespace namespace, String address) {
        this.namespace = namespace;
        this.address = address;
    }

    /** The states of all connections to or from {@code port}, sorted: the table that {@code ss} prints. */
    String states(int port) throws Exception {
        List<String> states = new ArrayList<>();
        for (String table : List.of("tcp", "tcp6")) {
            List<String> lines = namespace.call(() -> Files.readAllLines(TABLES.resolve(table)));
            for (String line : lines.subList(1, lines.size())) {
                String[] words = line.strip().split("\\s+", -1);
                int state = Integer.parseInt(words[3], 16);
                if (state != LISTEN && (port(words[1]) == port || port(words[2]) == port)) {
                    states.add(STATES[state]);
                }
            }
        }
        states.sort(null);
        return states.isEmpty() ? "gone" : String.join("+", states);
    }

    private static int port(String addressAndPort) {
        return Integer.parseInt(addressAndPort.substring(addressAndPort.indexOf(':') + 1), 16);
    }

    @Override
    public Listener listen(int port, int backlog) throws Exception {
        ServerSocket server = namespace.call(() -> {
            ServerSocket s = ServerSocketChannel.open().socket();
            s.setReuseAddress(true);
            s.bind(new InetSocketAddress(address, port), backlog);
            return s;
        });
        return new Listener() {
            @Override
            public Stream accept(int timeoutMs) throws IOException {
                server.setSoTimeout(timeoutMs);
                return new KernelStream(server.accept());
            }

            @Override
            public void close() throws IOException {
                server.close();
            }
        };
    }

    @Override
    public Stream connect(String to, int port, int timeoutMs) throws Exception {
        Socket socket = namespace.call(() -> {
            Socket s = SocketChannel.open().socket();
            s.bind(new InetSocketAddress(address, 0));
            return s;
        });
        try {
            socket.connect(new InetSocketAddress(to, port), timeoutMs);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
        return new KernelStream(socket);
    }

    private final class KernelStream implements Stream {
        private final Socket socket;
        private final int localPort;
        private final int remotePort;

        KernelStream(Socket socket) throws IOException {
            this.socket = socket;
            localPort = socket.getLocalPort();
            remotePort = socket.getPort();
            socket.setOOBInline(true);
        }

        @Override
        public int read(byte[] into, int offset, int length, int timeoutMs) throws IOException {
            socket.setSoTimeout(timeoutMs);
            return socket.getInputStream().read(into, offset, length);
        }

        @Override
        public void write(byte[] bytes) throws IOException {
            socket.getOutputStream().write(bytes);
        }

        @Override
        public void urgent(int value) throws IOException {
            socket.sendUrgentData(value);
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
        public void close() throws IOException {
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
            socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, idle);
            socket.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, interval);
            socket.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, count);
        }

        /** The JDK knows no such option: setsockopt of the descriptor whose inode the kernel's table names. */
        @Override
        public void userTimeout(int ms) throws IOException {
            String inode = "";
            for (String table : List.of("tcp", "tcp6")) {
                for (String line : table(table)) {
                    String[] words = line.strip().split("\\s+", -1);
                    if (port(words[1]) == localPort && port(words[2]) == remotePort) {
                        inode = words[9];
                    }
                }
            }
            int set = -1;
            try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
                for (Path d : descriptors) {
                    if (Files.isSymbolicLink(d) && target(d).equals("socket:[" + inode + "]")) {
                        int fd = Integer.parseInt(d.getFileName().toString());
                        Object[] arguments = {fd, IPPROTO_TCP, TCP_USER_TIMEOUT, new IntByReference(ms), Integer.BYTES};
                        set = Function.getFunction("c", "setsockopt").invokeInt(arguments);
                    }
                }
            }
            if (set != 0) {
                throw new IOException("TCP_USER_TIMEOUT cannot be set");
            }
        }

        /** Where a descriptor leads; nowhere if it was closed meanwhile. */
        private static String target(Path descriptor) {
            try {
                return Files.readSymbolicLink(descriptor).toString();
            } catch (IOException e) {
                return "";
            }
        }

        private List<String> table(String name) throws IOException {
            try {
                List<String> lines = namespace.call(() -> Files.readAllLines(TABLES.resolve(name)));
                return lines.subList(1, lines.size());
            } catch (IOException e) {
                throw e;
            } catch (Exception e) {
                throw new IOException("the kernel's table of connections cannot be read", e);
            }
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
        public String state() throws Exception {
            if (socket.isClosed()) {
                return "closed";
            }
            for (String table : List.of("tcp", "tcp6")) {
                List<String> lines = namespace.call(() -> Files.readAllLines(TABLES.resolve(table)));
                for (String line : lines.subList(1, lines.size())) {
                    String[] words = line.strip().split("\\s+", -1);
                    if (port(words[1]) == localPort && port(words[2]) == remotePort) {
                        return STATES[Integer.parseInt(words[3], 16)];
                    }
                }
            }
            return "gone";
        }
    }
}
