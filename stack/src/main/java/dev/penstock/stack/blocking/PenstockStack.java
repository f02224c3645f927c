package dev.penstock.stack.blocking;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.buffer.ChunkPool;
import dev.penstock.stack.device.BlockingDevice;
import dev.penstock.stack.dhcp.DhcpInterface;
import dev.penstock.stack.dhcp.DhcpLease;
import dev.penstock.stack.ip.AddressInfo;
import dev.penstock.stack.shard.StackShard;
import dev.penstock.stack.socket.Command;
import dev.penstock.stack.socket.CommandQueue;
import dev.penstock.stack.socket.PacketPort;
import dev.penstock.stack.socket.ReadinessListener;
import dev.penstock.stack.socket.ShardContext;
import dev.penstock.stack.socket.StreamSocket;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A TCP/IP stack that runs on a thread of its own, with blocking sockets for all other threads.
 *
 * <pre>{@code
 * try (PenstockStack stack = PenstockStack.start(device, "192.0.2.2/24");
 *         TcpListener listener = stack.listen(7)) {
 *     while (true) {
 *         try (TcpSocket socket = listener.accept()) {
 *             socket.getInputStream().transferTo(socket.getOutputStream());
 *         }
 *     }
 * }
 * }</pre>
 *
 * <p>Any thread may use it. Code that wants no hop between threads runs on the stack's own: {@link #onShard}.
 */
public final class PenstockStack implements AutoCloseable {
    private static final int DEFAULT_BACKLOG = 128;
    /** SO_SNDBUF and SO_RCVBUF of UDP sockets, bytes. */
    private static final int UDP_BUFFER = 1 << 20;

    private final StackShard shard;
    private final ShardRunner runner;
    private final List<IpPrefix> addresses;
    private final TcpOptions tcpOptions;
    private final Zones zones;
    private final FirstAddress firstAddress;
    /** What is to be closed with the stack. */
    private final Set<Closeable> open = ConcurrentHashMap.newKeySet();

    private volatile boolean closing;

    PenstockStack(StackShard shard, ShardRunner runner, List<IpPrefix> addresses, TcpOptions tcpOptions) {
        this.shard = shard;
        this.runner = runner;
        this.addresses = addresses;
        this.tcpOptions = tcpOptions.clone();
        this.zones = new Zones(shard.ip());
        this.firstAddress = new FirstAddress(shard.ip());
    }

    /** Describes a stack; {@link StackBuilder#start()} starts it. */
    public static StackBuilder builder() {
        return new StackBuilder();
    }

    /** A stack on {@code device} with one address, {@code "192.0.2.2/24"}, and everything else as usual. */
    public static PenstockStack start(BlockingDevice device, String address) {
        return builder().device(device).address(address).start();
    }

    // --- TCP ---

    /** A TCP socket to set options on, to bind and to connect. */
    public TcpSocket tcpSocket() {
        return new TcpSocket(this, tcpOptions);
    }

    /** Connects to a literal address; see {@link TcpSocket#connect(Endpoint, int)} for what is thrown. */
    public TcpSocket connect(String address, int port) throws IOException {
        return connect(Endpoint.of(address, port), 0);
    }

    /** As {@link #connect(String, int)}, waiting at most {@code timeoutMs} milliseconds; 0 means without limit. */
    public TcpSocket connect(String address, int port, int timeoutMs) throws IOException {
        return connect(Endpoint.of(address, port), timeoutMs);
    }

    /** As {@link #connect(String, int, int)}. */
    public TcpSocket connect(Endpoint remote, int timeoutMs) throws IOException {
        TcpSocket socket = tcpSocket();
        socket.connect(remote, timeoutMs);
        return socket;
    }

    /** Listens on all addresses of the stack, of both families; port 0 means any. */
    public TcpListener listen(int port) throws IOException {
        return listen(new Endpoint(IpAddress.ANY, port), DEFAULT_BACKLOG, tcpOptions);
    }

    /** Listens on one address, or on an "any" address. */
    public TcpListener listen(String address, int port, int backlog) throws IOException {
        return listen(Endpoint.of(address, port), backlog, tcpOptions);
    }

    /**
     * Listens.
     *
     * @param backlog the most connections that wait in TCP for being accepted; below 1 means 50
     * @param options for the connections
     * @throws java.net.BindException the port is taken, or the address is not one of this stack's
     */
    public TcpListener listen(Endpoint local, int backlog, TcpOptions options) throws IOException {
        return TcpListener.listen(this, local, backlog, options);
    }

    // --- UDP and ICMP ---

    /** A UDP socket on a free port of all addresses, of both families. */
    public UdpSocket udpSocket() throws IOException {
        return udpSocket(0);
    }

    /** A UDP socket on this port of all addresses, of both families. */
    public UdpSocket udpSocket(int port) throws IOException {
        return udpSocket(new Endpoint(IpAddress.ANY, port));
    }

    /**
     * A UDP socket.
     *
     * @param local an address of the stack or an "any" address; port 0 to have one chosen
     * @throws java.net.BindException the port is taken, or the address is not one of this stack's
     */
    public UdpSocket udpSocket(Endpoint local) throws IOException {
        return udpSocket(local, false);
    }

    /**
     * As {@link #udpSocket(Endpoint)}, with SO_REUSEADDR if so wanted: several sockets with it may have the same address and port.
     * Datagrams to groups and broadcast addresses come to all of them that want them, others to the one that was bound last.
     */
    public UdpSocket udpSocket(Endpoint local, boolean reuseAddress) throws IOException {
        return UdpSocket.bind(this, local, UDP_BUFFER, reuseAddress);
    }

    /** A UDP socket for groups on this port, which others like it may have, too: as {@code java.net.MulticastSocket}. */
    public UdpSocket multicastSocket(int port) throws IOException {
        return udpSocket(new Endpoint(IpAddress.ANY, port), true);
    }

    /** A source of ICMP echo requests, with an identifier of its own. */
    public PingSocket pingSocket() throws IOException {
        return PingSocket.open(this);
    }

    /**
     * A raw socket: packets of one protocol as they are, of one family, and the ICMP errors about them.
     *
     * @param protocol of the last header, {@link dev.penstock.stack.wire.IpProtocol}, 0 .. 255
     */
    public RawSocket rawSocket(int protocol, boolean v4) throws IOException {
        return RawSocket.open(this, protocol, v4);
    }

    /**
     * A tap on the link of an interface.
     *
     * @param interfaceIndex {@link dev.penstock.stack.ip.IpInterface#index}, 0 for the first
     * @param etherType {@link PacketSocket#ANY_TYPE} for all
     * @param matcher what else decides, on the stack's own thread, before anything is copied; null for all
     */
    public PacketSocket packetSocket(int interfaceIndex, int etherType, PacketPort.Matcher matcher) throws IOException {
        if (matcher != null) {
            runner.lease().keep();
        }
        return PacketSocket.open(this, interfaceIndex, etherType, matcher);
    }

    // --- no hop ---

    /**
     * Runs {@code code} on the stack's own thread, soon, where TCP and the others may be used directly and nothing may
     * block. An exception out of it goes to the error handler.
     *
     * @throws IllegalStateException when the stack is closed or too many commands wait
     */
    public void onShard(Consumer<ShardContext> code) {
        runner.lease().keep();
        Command command = (context, nowNs) -> code.accept(context);
        if (!shard.commands().offer(command)) {
            throw new IllegalStateException(isClosed() ? "the stack is closed" : "too many commands wait");
        }
    }

    /**
     * As {@link #onShard}, waiting for the answer.
     *
     * @throws SocketException when the stack is closed or too many commands wait
     */
    public <T> T call(Function<ShardContext, T> code) throws IOException {
        runner.lease().keep();
        return ask(code);
    }

    /** As {@link #call}, of the stack's own code, which leaves no callbacks of the application behind. */
    <T> T ask(Function<ShardContext, T> code) throws IOException {
        if (isShardThread()) {
            return code.apply(shard);
        }
        return new ShardCall<>(code).await(this);
    }

    // --- what is known ---

    /** The counters; readable at any time. */
    public Counters counters() {
        return shard.counters();
    }

    /** The addresses the stack was given. */
    public List<IpPrefix> addresses() {
        return addresses;
    }

    /** The addresses in use now, of all interfaces: those the stack was given, and those it was lent or made itself. */
    public List<IpPrefix> addressesInUse() throws IOException {
        return ask(context -> {
            List<IpPrefix> all = new ArrayList<>();
            for (int i = 0; i < context.ip().interfaceCount(); i++) {
                for (AddressInfo info :
                        context.ip().addresses().list(context.ip().interfaceAt(i))) {
                    if (info.usable()) {
                        all.add(info.prefix());
                    }
                }
            }
            return all;
        });
    }

    /**
     * Done with the first address that peers can be reached by: at once if one was given, else when one was lent. An IPv4
     * link-local address counts, too, which comes when no server answers; an IPv6 one does not. Completes on the stack's own
     * thread, where nothing may block; exceptionally when the stack is closed before.
     */
    public CompletableFuture<IpAddress> addressReady() {
        return firstAddress.future().copy();
    }

    /**
     * Waits for {@link #addressReady}.
     *
     * @param timeoutMs milliseconds, at least 1
     * @throws SocketTimeoutException when there is none by then
     */
    public IpAddress awaitAddress(int timeoutMs) throws IOException {
        checkMayBlock();
        try {
            return firstAddress.future().get(timeoutMs, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            SocketTimeoutException timedOut = new SocketTimeoutException("No address within " + timeoutMs + " ms");
            timedOut.initCause(e);
            throw timedOut;
        } catch (ExecutionException e) {
            SocketException closed = SocketErrors.stackClosed();
            closed.initCause(e);
            throw closed;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw SocketErrors.closedByInterrupt();
        }
    }

    /** The lease in use of the first interface that has one, or nothing. */
    public Optional<DhcpLease> dhcpLease() throws IOException {
        return ask(context -> context.dhcp().clients().stream()
                .map(DhcpInterface::lease)
                .filter(lease -> lease != null)
                .findFirst());
    }

    /** The names of the interfaces, in the order of their numbers: {@code eth0}, {@code eth0.100}. */
    public List<String> interfaces() {
        return zones.names();
    }

    /** The MAC address, in the low 48 bits. */
    public long macAddress() {
        return shard.macAddress();
    }

    /** Sockets that are open. */
    public int openSockets() {
        return shard.commands().sockets();
    }

    /** True once {@link #close} was begun or the stack failed. */
    public boolean isClosed() {
        return closing || runner.isEnding();
    }

    /**
     * What the closed stack did not give back: memory of sockets and frames. For tests.
     *
     * @return a description, empty when nothing leaked
     * @throws IllegalStateException while the stack runs
     */
    public String leaks() {
        if (!runner.isEnded()) {
            throw new IllegalStateException("the stack still runs");
        }
        return shard.leaks();
    }

    /**
     * Ends the stack: listeners close, connections are closed in order as far as their peers let them within the time
     * that the builder was told (2 s by default), then reset; threads that wait get {@code SocketException}; then the
     * device is closed. Returns when all that is done. Idempotent.
     */
    @Override
    public void close() {
        closing = true;
        if (!isShardThread()) {
            // On the shard's own thread this could wait for what only the shard can do; there, all are ended at once.
            for (Closeable socket : open) {
                closeQuietly(socket);
            }
        }
        runner.close();
        firstAddress.future().completeExceptionally(SocketErrors.stackClosed());
    }

    private static void closeQuietly(Closeable socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException("no socket of ours throws when it is closed", e);
        }
    }

    // --- for the sockets ---

    /** The socket is closed with the stack, at once if that is closing already. */
    void opened(Closeable socket) {
        open.add(socket);
        if (closing) {
            closeQuietly(socket);
        }
    }

    void closed(Closeable socket) {
        open.remove(socket);
    }

    ShardLease lease() {
        return runner.lease();
    }

    Zones zones() {
        return zones;
    }

    CommandQueue commands() {
        return shard.commands();
    }

    ChunkPool chunks() {
        return shard.chunks();
    }

    StreamSocket openStream(ReadinessListener listener) throws SocketException {
        StreamSocket s = StreamSocket.create(shard.commands(), listener);
        if (s == null) {
            throw isClosed() ? SocketErrors.stackClosed() : SocketErrors.tooMany();
        }
        return s;
    }

    boolean isShardThread() {
        return runner.isShardThread();
    }

    /** Refuses what would wait for the shard on the shard's own thread: nobody could ever answer. */
    void checkMayBlock() {
        if (isShardThread()) {
            throw new IllegalStateException("a blocking call on the stack's own thread; use ShardContext there");
        }
    }
}
