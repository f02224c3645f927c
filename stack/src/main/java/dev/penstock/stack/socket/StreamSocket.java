package dev.penstock.stack.socket;

import dev.penstock.stack.buffer.ReceiveQueue;
import dev.penstock.stack.buffer.SendQueue;
import dev.penstock.stack.tcp.TcpAcceptor;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * A TCP connection, non-blocking, for one thread that reads and one that writes, neither of them the shard's. Bytes go
 * through the connection's own two queues, without the shard; everything else is asked of the shard and happens soon.
 *
 * <p>Nothing here throws for what the network does: results are counts and {@link #error()}.
 */
public final class StreamSocket extends SocketHandle implements TcpHandler {
    /** {@link #read}: the peer has closed its direction, or this side its own, or the connection is over. */
    public static final int END = -1;

    private static final int CONNECTED = 1;
    private static final int INPUT_ENDED = 1 << 1;
    private static final int OVER = 1 << 2;
    private static final int SHARD_ENDED = 1 << 3;
    private static final int ERROR_TOLD = 1 << 4;

    /** The window is advertised anew when so much was read: often enough for the peer, seldom enough for the shard. */
    private static final int READ_NOTICE = 16 * 1024;

    private long localHi;
    private long localLo;
    private int localPort;
    private long remoteHi;
    private long remoteLo;
    private int remotePort;
    private int zone = -1;
    private TcpOptions connectOptions;

    /** Set by the shard before {@link #status} says CONNECTED. */
    private SendQueue sendQueue;

    private ReceiveQueue receiveQueue;
    private TcpError error;
    /** The bits above, set after what they stand for. */
    private final AtomicInteger status = new AtomicInteger();

    private volatile TcpOptions newOptions;

    /** Bytes read since the shard was last told; the reader's. */
    private int unreported;

    /** Shard only. */
    private TcpConnection connection;
    /** The application has let go; shard only. */
    private boolean released;

    StreamSocket(CommandQueue commands, ReadinessListener listener) {
        super(commands, listener);
    }

    /** A socket to connect with, or null, and counted, when there are too many. Any thread. */
    public static StreamSocket create(CommandQueue commands, ReadinessListener listener) {
        StreamSocket socket = new StreamSocket(commands, listener);
        return socket.open() ? socket : null;
    }

    /**
     * Connects; the outcome is told by {@link #isConnected} or {@link #isOver}. Once only.
     *
     * @param localHi the address to connect from, or an "any" address
     * @param localPort 0 to have one chosen
     * @param options copied
     * @throws IllegalArgumentException if an option is out of range
     */
    public void connect(
            long localHi,
            long localLo,
            int localPort,
            long remoteHi,
            long remoteLo,
            int remotePort,
            TcpOptions options) {
        options.check();
        this.localHi = localHi;
        this.localLo = localLo;
        this.localPort = localPort;
        this.remoteHi = remoteHi;
        this.remoteLo = remoteLo;
        this.remotePort = remotePort;
        this.connectOptions = options.clone();
        post(CONNECT);
    }

    // --- what is known, any thread ---

    /** The handshake was completed at some time. */
    public boolean isConnected() {
        return (status.get() & CONNECTED) != 0;
    }

    /** The connection has ended, or never came about; see {@link #error()}. What was received can still be read. */
    public boolean isOver() {
        return (status.get() & (OVER | SHARD_ENDED)) != 0;
    }

    /** Why it is over; null if it is not, if it ended in order, or if the stack was closed. */
    public TcpError error() {
        return (status.get() & OVER) != 0 ? error : null;
    }

    /**
     * As {@link #error()}, for the first who asks; later ones, and those to whom the peer had closed in order before, get null: as
     * Linux tells an error once (SO_ERROR), and EPIPE after that.
     */
    public TcpError takeError() {
        boolean told = (status.getAndUpdate(bits -> bits | ERROR_TOLD) & (ERROR_TOLD | INPUT_ENDED)) != 0;
        return told ? null : error();
    }

    /** The stack was closed under this socket. */
    public boolean isShardEnded() {
        return (status.get() & SHARD_ENDED) != 0;
    }

    /** The peer closed its direction in order; what came before that may still be readable. */
    public boolean isInputEnded() {
        return (status.get() & INPUT_ENDED) != 0;
    }

    /** Known once connected. */
    public long localHi() {
        return localHi;
    }

    public long localLo() {
        return localLo;
    }

    public int localPort() {
        return localPort;
    }

    /** The interface to which it is bound, or of its link-local addresses; -1 for any. */
    public int zone() {
        return zone;
    }

    public long remoteHi() {
        return remoteHi;
    }

    public long remoteLo() {
        return remoteLo;
    }

    public int remotePort() {
        return remotePort;
    }

    /** How many bytes can be read now. */
    public int readable() {
        return isConnected() ? receiveQueue.size() : 0;
    }

    /** A read would not answer 0. */
    public boolean isReadReady() {
        int s = status.get();
        return (s & (INPUT_ENDED | OVER | SHARD_ENDED)) != 0 || readable() > 0;
    }

    /** How many bytes could be written now, as far as the limit of the queue goes. */
    public int writable() {
        return isConnected() ? sendQueue.writable() : 0;
    }

    /** Bytes that were written and are not yet acknowledged by the peer. */
    public int unacknowledged() {
        return isConnected() && !isOver() ? sendQueue.size() : 0;
    }

    /** The most that waits for acknowledgment now, bytes, automatic growth included; 0 before it is connected. */
    public int sendBufferLimit() {
        return isConnected() ? sendQueue.limit() : 0;
    }

    /** The most that waits to be read now, bytes, automatic growth included; 0 before it is connected. */
    public int receiveBufferLimit() {
        return isConnected() ? receiveQueue.limit() : 0;
    }

    /** There is room worth waiting for: a third of the send queue, or {@code length} if that is less. */
    public boolean isWriteReady(int length) {
        if (isOver()) {
            return true;
        }
        return isConnected() && sendQueue.writable() >= Math.max(1, Math.min(length, writableMark()));
    }

    private int writableMark() {
        return sendQueue.limit() / 3;
    }

    // --- data: one reader, one writer ---

    /** Reads what is there: how many bytes, 0 if none now, {@link #END} at the end (see {@link #error()}). */
    public int read(byte[] dst, int offset, int length) {
        int s = status.get();
        if ((s & CONNECTED) == 0) {
            return notConnected(s);
        }
        return afterRead(receiveQueue.read(dst, offset, length), s);
    }

    /** As {@link #read(byte[], int, int)}. */
    public int read(MutableDirectBuffer dst, int offset, int length) {
        int s = status.get();
        if ((s & CONNECTED) == 0) {
            return notConnected(s);
        }
        return afterRead(receiveQueue.read(dst, offset, length), s);
    }

    /** As {@link #read(byte[], int, int)}, into what remains of {@code dst}. */
    public int read(ByteBuffer dst) {
        int s = status.get();
        if ((s & CONNECTED) == 0) {
            return notConnected(s);
        }
        return afterRead(receiveQueue.read(dst), s);
    }

    /** As {@link #read(byte[], int, int)}, without a destination. */
    public int discard(int length) {
        int s = status.get();
        if ((s & CONNECTED) == 0) {
            return notConnected(s);
        }
        return afterRead(receiveQueue.discard(length), s);
    }

    private static int notConnected(int s) {
        return (s & (OVER | SHARD_ENDED)) != 0 ? END : 0;
    }

    /** The status was read before the queue: if it said "ended" then, an empty queue stays empty. */
    private int afterRead(int n, int statusBefore) {
        if (n > 0) {
            if (!isOver()) {
                report(n);
            }
            return n;
        }
        return n < 0 || (statusBefore & (INPUT_ENDED | OVER | SHARD_ENDED)) != 0 ? END : 0;
    }

    private void report(int n) {
        unreported += n;
        if (unreported >= Math.min(READ_NOTICE, receiveQueue.limit() >> 2)) {
            unreported = 0;
            post(READ);
        } else if (receiveQueue.size() == 0) {
            // The shard takes the memory back when it happens to be awake; nobody waits for that.
            postLazily(READ);
        }
    }

    /** Writes what there is room for: how many bytes, 0 if none now, -1 if nothing can be written any more. */
    public int write(byte[] src, int offset, int length) {
        if (!isConnected()) {
            return notConnected(status.get());
        }
        return afterWrite(sendQueue.write(src, offset, length));
    }

    /** As {@link #write(byte[], int, int)}. */
    public int write(DirectBuffer src, int offset, int length) {
        if (!isConnected()) {
            return notConnected(status.get());
        }
        return afterWrite(sendQueue.write(src, offset, length));
    }

    /** As {@link #write(byte[], int, int)}, from what remains in {@code src}. */
    public int write(ByteBuffer src) {
        if (!isConnected()) {
            return notConnected(status.get());
        }
        return afterWrite(sendQueue.write(src));
    }

    /**
     * What is not yet acknowledged, and the next {@code ahead} bytes, are urgent: see {@link TcpConnection#writeUrgent}. The
     * writer, before it writes them.
     */
    public void markUrgent(int ahead) {
        if (isConnected()) {
            sendQueue.markUrgent(sendQueue.tailPosition() + ahead);
            post(WRITTEN);
        }
    }

    /** How many bytes are to be read until the peer's urgent data ends; 0 when none is left. The reader. */
    public long urgentRemaining() {
        return isConnected() ? Math.max(0, receiveQueue.urgentMark() - receiveQueue.headPosition()) : 0;
    }

    private int afterWrite(int n) {
        if (isOver()) {
            return -1;
        }
        if (n > 0) {
            post(WRITTEN);
        }
        return n;
    }

    /** A write found no room: {@link Readiness#WRITABLE} is to be told once there is. The writer. */
    public void wantWritable() {
        post(WANT_WRITABLE);
    }

    // --- asked of the shard, any thread; idempotent ---

    /** No more will be written: a FIN follows what is queued. Nobody may be inside {@link #write} or come later. */
    public void shutdownOutput() {
        post(SHUTDOWN_OUT);
    }

    /** No more will be read. */
    public void shutdownInput() {
        post(SHUTDOWN_IN);
    }

    /** Lets go: see {@link TcpConnection#close}. The last call on a socket, as is {@link #abort}. */
    public void close() {
        post(CLOSE);
    }

    /** Resets the connection and lets go. */
    public void abort() {
        post(ABORT);
    }

    /** The options that an accepted connection began with; not to be changed. */
    public TcpOptions initialOptions() {
        return connectOptions;
    }

    /**
     * Gives the connection these options; {@code options} must not be changed any more.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public void options(TcpOptions options) {
        options.check();
        newOptions = options;
        post(OPTIONS);
    }

    // --- shard ---

    /** The connection, for what is not offered here; null before it exists. Shard only. */
    public TcpConnection connection() {
        return connection;
    }

    @Override
    void perform(int ops, ShardContext shard, long nowNs) {
        if ((ops & CONNECT) != 0 && (ops & (CLOSE | ABORT)) == 0) {
            doConnect(shard, nowNs);
        }
        if (connection == null) {
            return;
        }
        // Once let go, the queues are TCP's to close, perhaps while a reader is still inside: leave them alone.
        if (!released && (status.get() & OVER) == 0) {
            performOnConnection(ops, nowNs);
        }
        if ((ops & (CLOSE | ABORT)) != 0) {
            released = true;
            if ((status.get() & OVER) != 0) {
                freeQueues();
            }
        }
    }

    private void performOnConnection(int ops, long nowNs) {
        if ((ops & OPTIONS) != 0) {
            applyOptions(nowNs);
        }
        if ((ops & WRITTEN) != 0) {
            connection.dataWritten(nowNs);
        }
        if ((ops & READ) != 0) {
            connection.dataRead(nowNs);
        }
        if ((ops & WANT_WRITABLE) != 0) {
            // Room may have appeared since the write: TCP would not tell of what is there already.
            connection.wantWritable();
        }
        if ((ops & SHUTDOWN_IN) != 0) {
            connection.shutdownInput(nowNs);
        }
        if ((ops & SHUTDOWN_OUT) != 0) {
            connection.shutdownOutput(nowNs);
        }
        if ((ops & ABORT) != 0) {
            connection.abort(nowNs);
        } else if ((ops & CLOSE) != 0) {
            connection.close(nowNs);
        }
    }

    private void applyOptions(long nowNs) {
        connection.options().copyFrom(newOptions);
        connection.optionsChanged(nowNs);
    }

    private void doConnect(ShardContext shard, long nowNs) {
        TcpConnection c = shard.tcp()
                .connect(localHi, localLo, localPort, remoteHi, remoteLo, remotePort, connectOptions, this, nowNs);
        if (c == null) {
            over(shard.tcp().errorOfLastCall());
        } else {
            attach(c);
        }
    }

    /** Takes over a connection, which may be complete or not. */
    void attach(TcpConnection c) {
        connection = c;
        localHi = c.localHi();
        localLo = c.localLo();
        localPort = c.localPort();
        remoteHi = c.remoteHi();
        remoteLo = c.remoteLo();
        remotePort = c.remotePort();
        zone = c.zone();
        sendQueue = c.sendQueue();
        receiveQueue = c.receiveQueue();
    }

    /** Takes the oldest connection of {@code acceptor}, of which there is one. */
    void accepted(TcpAcceptor acceptor, ShardContext shard) {
        enter(shard);
        attach(acceptor.accept(this));
        connectOptions = connection.options().clone();
        set(CONNECTED);
    }

    private void set(int bit) {
        int before = status.get();
        while (!status.compareAndSet(before, before | bit)) {
            before = status.get();
        }
    }

    @Override
    public void onConnected(TcpConnection c, long nowNs) {
        set(CONNECTED);
        signal(Readiness.CONNECTED | Readiness.WRITABLE);
    }

    @Override
    public void onReadable(TcpConnection c, long nowNs) {
        if (c.isInputEnded() && c.error() == null) {
            set(INPUT_ENDED);
        }
        signal(Readiness.READABLE);
    }

    @Override
    public void onUrgent(TcpConnection c, long nowNs) {
        signal(Readiness.URGENT | Readiness.READABLE);
    }

    @Override
    public void onWritable(TcpConnection c, long nowNs) {
        signal(Readiness.WRITABLE);
    }

    @Override
    public void onClosed(TcpConnection c, TcpError why, long nowNs) {
        over(why);
        if (released) {
            freeQueues();
        }
    }

    private void over(TcpError why) {
        error = why;
        set(OVER);
        signal(Readiness.OVER | Readiness.READABLE | Readiness.WRITABLE | Readiness.CONNECTED);
    }

    private void freeQueues() {
        sendQueue.close();
        receiveQueue.close();
    }

    @Override
    void onShardEnds(long nowNs) {
        set(SHARD_ENDED);
        released = true;
        if (connection != null) {
            if ((status.get() & OVER) == 0) {
                connection.abort(nowNs);
            } else {
                freeQueues();
            }
        }
        onShardEnded();
    }

    @Override
    void onShardEnded() {
        set(SHARD_ENDED);
        signal(Readiness.OVER | Readiness.READABLE | Readiness.WRITABLE | Readiness.CONNECTED);
    }
}
