package dev.penstock.stack.blocking;

import dev.penstock.stack.socket.Readiness;
import dev.penstock.stack.socket.StreamSocket;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpInfo;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.wire.IpAddress;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * A blocking TCP socket. Behaves as {@code java.net.Socket} does, with exceptions of the same kinds and words: reads
 * return -1 at the end of the stream and throw {@code SocketException("Connection reset")} after a reset, writes then
 * throw {@code SocketException("Broken pipe")}; closing a socket ends what other threads do on it with
 * {@code SocketException("Socket closed")}.
 *
 * <p>Any thread may use it, platform or virtual, but the shard's own. Reads among each other and writes among each other
 * take turns; a read and a write go on at the same time. Interrupts do what they do to {@code java.net.Socket}: a
 * platform thread goes on waiting and stays interrupted; a virtual thread's socket is closed and
 * {@code SocketException("Closed by interrupt")} thrown.
 */
public final class TcpSocket extends TcpSocketSettings implements Closeable {
    /** So much of a long write goes to the shard at once: it starts sending while the rest is copied. */
    private static final int WRITE_PIECE = 256 * 1024;

    private static final int ALREADY_CLOSED = -2;
    private static final long NS_PER_MS = 1_000_000;
    /** How long a writer waits for socket memory that other connections hold. */
    private static final long MEMORY_WAIT_NS = 2 * NS_PER_MS;

    private final PenstockStack stack;
    private final ReentrantLock readLock = new ReentrantLock();
    /** Held by writers, and by connect and close while they change what writers rely on. */
    private final ReentrantLock writeLock = new ReentrantLock();

    private final WaitPoint readPoint;
    private final WaitPoint writePoint;
    private final Condition readReady = this::isReadReady;
    private final Condition writeReady = this::isWriteReady;
    private final Condition connectDone = this::isConnectDone;
    private final Condition drained = this::isDrained;
    private final Condition never = this::isClosed;

    private volatile boolean closed;
    private volatile boolean inputShutdown;
    private volatile boolean outputShutdown;
    /** What the writer still has to write; the writer's. */
    private volatile int writeRemaining;

    TcpSocket(PenstockStack stack, TcpOptions options) {
        super(options, stack.zones());
        this.stack = stack;
        this.readPoint = new WaitPoint(stack.lease());
        this.writePoint = new WaitPoint(stack.lease());
    }

    /** Takes over a connection that was accepted. */
    TcpSocket(PenstockStack stack, TcpOptions options, StreamSocket accepted) {
        this(stack, options);
        this.stream = accepted;
        accepted.listener(this::onReady);
        stack.opened(this);
    }

    private void onReady(int ready) {
        if ((ready & Readiness.READABLE) != 0) {
            readPoint.signal();
        }
        if ((ready & (Readiness.WRITABLE | Readiness.CONNECTED)) != 0) {
            writePoint.signal();
        }
    }

    // --- connecting ---

    /**
     * Binds to a local address before connecting.
     *
     * @param local an address of the stack or an "any" address; port 0 to have one chosen
     * @throws SocketException if the socket is closed, bound or connected
     */
    public void bind(Endpoint local) throws IOException {
        stateLock.lock();
        try {
            ensureOpen();
            if (bound != null || stream != null) {
                throw new SocketException("Already bound");
            }
            bound = local;
        } finally {
            stateLock.unlock();
        }
    }

    /** As {@link #connect(Endpoint, int)}, with no limit but TCP's own. */
    public void connect(Endpoint remote) throws IOException {
        connect(remote, 0);
    }

    /**
     * Connects. On failure the socket is closed.
     *
     * @param timeoutMs milliseconds, 0 for none but TCP's own
     * @throws java.net.ConnectException "Connection refused", "Connection timed out"
     * @throws java.net.NoRouteToHostException "No route to host": nobody answers for the address
     * @throws SocketTimeoutException "Connect timed out"
     * @throws java.net.BindException the local address or port cannot be had
     */
    public void connect(Endpoint remote, int timeoutMs) throws IOException {
        checkTimeout(timeoutMs);
        if (remote.port() == 0) {
            throw new IllegalArgumentException("port out of range:0");
        }
        stack.checkMayBlock();
        writeLock.lock();
        try {
            StreamSocket s = startConnect(remote);
            WaitPoint.Outcome outcome = writePoint.await(connectDone, timeoutMs * NS_PER_MS);
            if (closed) {
                throw SocketErrors.closed();
            }
            if (outcome != WaitPoint.Outcome.MET) {
                giveUp(s);
                throw outcome == WaitPoint.Outcome.TIMED_OUT
                        ? new SocketTimeoutException("Connect timed out")
                        : SocketErrors.closedByInterrupt();
            }
            if (!s.isConnected()) {
                giveUp(s);
                throw s.error() == null ? SocketErrors.stackClosed() : SocketErrors.ofOpen(s.error());
            }
        } finally {
            writeLock.unlock();
        }
    }

    private void giveUp(StreamSocket s) {
        if (beginClose() != ALREADY_CLOSED) {
            s.abort();
        }
    }

    private StreamSocket startConnect(Endpoint remote) throws IOException {
        stateLock.lock();
        try {
            ensureOpen();
            if (stream != null) {
                throw new SocketException("already connected");
            }
            int by = stack.zones().common(options.interfaceIndex, bound, remote);
            StreamSocket s = stack.openStream(this::onReady);
            options.interfaceIndex = by;
            IpAddress from = bound == null ? anyLike(remote.address()) : bound.address();
            IpAddress to = remote.address();
            s.connect(from.hi(), from.lo(), bound == null ? 0 : bound.port(), to.hi(), to.lo(), remote.port(), options);
            stream = s;
            stack.opened(this);
            return s;
        } finally {
            stateLock.unlock();
        }
    }

    static IpAddress anyLike(IpAddress address) {
        return address.isV4() ? IpAddress.ANY_V4 : IpAddress.ANY;
    }

    private boolean isConnectDone() {
        StreamSocket s = stream;
        return closed || s.isConnected() || s.isOver();
    }

    // --- reading ---

    /**
     * Reads what is there, at least one byte: waits for it.
     *
     * @return how many bytes were read, -1 at the end of the stream, 0 only for {@code length} 0
     * @throws SocketTimeoutException "Read timed out", see {@link #setSoTimeout}; the socket stays usable
     */
    public int read(byte[] dst, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, dst.length);
        StreamSocket s = connected();
        readLock.lock();
        try {
            while (length != 0) {
                int n = mayRead() ? s.read(dst, offset, length) : StreamSocket.END;
                if (n != 0) {
                    return n > 0 ? n : endOfInput(s);
                }
                awaitInput();
            }
            return 0;
        } finally {
            readLock.unlock();
        }
    }

    /** As {@link #read(byte[], int, int)}. */
    public int read(byte[] dst) throws IOException {
        return read(dst, 0, dst.length);
    }

    /** As {@link #read(byte[], int, int)}, into what remains of {@code dst}, whose position moves. */
    public int read(ByteBuffer dst) throws IOException {
        StreamSocket s = connected();
        readLock.lock();
        try {
            while (dst.hasRemaining()) {
                int n = mayRead() ? s.read(dst) : StreamSocket.END;
                if (n != 0) {
                    return n > 0 ? n : endOfInput(s);
                }
                awaitInput();
            }
            return 0;
        } finally {
            readLock.unlock();
        }
    }

    /** As {@link #read(byte[], int, int)}, into an Agrona buffer. */
    public int read(MutableDirectBuffer dst, int offset, int length) throws IOException {
        dst.boundsCheck(offset, length);
        StreamSocket s = connected();
        readLock.lock();
        try {
            while (length != 0) {
                int n = mayRead() ? s.read(dst, offset, length) : StreamSocket.END;
                if (n != 0) {
                    return n > 0 ? n : endOfInput(s);
                }
                awaitInput();
            }
            return 0;
        } finally {
            readLock.unlock();
        }
    }

    /** How many bytes can be read without waiting. */
    public int available() throws IOException {
        StreamSocket s = connected();
        return inputShutdown ? 0 : s.readable();
    }

    private boolean mayRead() throws SocketException {
        if (closed) {
            throw SocketErrors.closed();
        }
        return !inputShutdown;
    }

    private int endOfInput(StreamSocket s) throws SocketException {
        if (closed) {
            throw SocketErrors.closed();
        }
        if (inputShutdown || s.isInputEnded()) {
            return -1;
        }
        if (s.isShardEnded()) {
            throw SocketErrors.stackClosed();
        }
        TcpError error = s.error();
        if (error != null) {
            s.takeError();
            throw SocketErrors.ofRead(error);
        }
        return -1;
    }

    private void awaitInput() throws IOException {
        if (isReadReady()) {
            return;
        }
        stack.checkMayBlock();
        switch (readPoint.await(readReady, soTimeoutMs * NS_PER_MS)) {
            case TIMED_OUT -> throw new SocketTimeoutException("Read timed out");
            case INTERRUPTED -> throw interrupted();
            case MET -> {}
        }
    }

    private SocketException interrupted() throws IOException {
        close();
        return SocketErrors.closedByInterrupt();
    }

    private boolean isReadReady() {
        return closed || inputShutdown || stream.isReadReady();
    }

    // --- writing ---

    /** Writes all of it; waits for room in the send buffer as often as need be. */
    public void write(byte[] src, int offset, int length) throws IOException {
        write(src, offset, length, false);
    }

    /** As {@link #write(byte[], int, int)}, and it is urgent: see {@link TcpConnection#writeUrgent}. */
    public void writeUrgent(byte[] src, int offset, int length) throws IOException {
        write(src, offset, length, true);
    }

    private void write(byte[] src, int offset, int length, boolean urgent) throws IOException {
        Objects.checkFromIndexSize(offset, length, src.length);
        StreamSocket s = connected();
        writeLock.lock();
        try {
            if (urgent) {
                s.markUrgent(length);
            }
            int done = 0;
            while (done < length) {
                checkMayWrite(s);
                int n = s.write(src, offset + done, Math.min(length - done, WRITE_PIECE));
                done += wrote(s, n, length - done);
            }
        } finally {
            writeLock.unlock();
        }
    }

    /** As {@link #write(byte[], int, int)}. */
    public void write(byte[] src) throws IOException {
        write(src, 0, src.length);
    }

    /** As {@link #write(byte[], int, int)}, all that remains in {@code src}, whose position moves. */
    public void write(ByteBuffer src) throws IOException {
        StreamSocket s = connected();
        writeLock.lock();
        try {
            int limit = src.limit();
            while (src.position() < limit) {
                checkMayWrite(s);
                int remaining = limit - src.position();
                src.limit(src.position() + Math.min(remaining, WRITE_PIECE));
                int n = s.write(src);
                src.limit(limit);
                wrote(s, n, remaining);
            }
        } finally {
            writeLock.unlock();
        }
    }

    /** As {@link #write(byte[], int, int)}, from an Agrona buffer. */
    public void write(DirectBuffer src, int offset, int length) throws IOException {
        src.boundsCheck(offset, length);
        StreamSocket s = connected();
        writeLock.lock();
        try {
            int done = 0;
            while (done < length) {
                checkMayWrite(s);
                int n = s.write(src, offset + done, Math.min(length - done, WRITE_PIECE));
                done += wrote(s, n, length - done);
            }
        } finally {
            writeLock.unlock();
        }
    }

    private void checkMayWrite(StreamSocket s) throws SocketException {
        if (closed) {
            throw SocketErrors.closed();
        }
        if (s.isShardEnded()) {
            throw SocketErrors.stackClosed();
        }
        if (outputShutdown || s.isOver()) {
            throw SocketErrors.ofWrite(outputShutdown ? null : s.takeError());
        }
    }

    /** After an attempt that took {@code n} of {@code remaining} bytes: waits if it took none. */
    private int wrote(StreamSocket s, int n, int remaining) throws IOException {
        if (n > 0) {
            return n;
        }
        if (n < 0) {
            checkMayWrite(s);
            throw SocketErrors.ofWrite(s.takeError());
        }
        stack.checkMayBlock();
        writeRemaining = remaining;
        WaitPoint.Outcome outcome;
        if (s.writable() > 0) {
            // There is room within the limit, but the stack's memory is used up: somebody else has to give some back.
            writePoint.await(never, MEMORY_WAIT_NS);
            outcome = WaitPoint.Outcome.MET;
        } else {
            s.wantWritable();
            outcome = writePoint.await(writeReady, 0);
        }
        if (outcome == WaitPoint.Outcome.INTERRUPTED) {
            throw interrupted();
        }
        return 0;
    }

    private boolean isWriteReady() {
        return closed || outputShutdown || stream.isWriteReady(writeRemaining);
    }

    // --- closing ---

    /**
     * Half-close: a FIN follows what was written. Reading goes on.
     *
     * @throws SocketException if not connected, closed, or already done
     */
    public void shutdownOutput() throws IOException {
        StreamSocket s = connected();
        stateLock.lock();
        try {
            if (outputShutdown) {
                throw new SocketException("Socket output is already shutdown");
            }
            outputShutdown = true;
        } finally {
            stateLock.unlock();
        }
        writePoint.signal();
        writeLock.lock(); // a writer in the middle of its copy leaves first: nothing may follow the FIN
        try {
            if (!closed) {
                s.shutdownOutput();
            }
        } finally {
            writeLock.unlock();
        }
    }

    /**
     * Reads no more: reads return -1 from now on, and what the peer still sends is acknowledged and thrown away.
     *
     * @throws SocketException if not connected, closed, or already done
     */
    public void shutdownInput() throws IOException {
        StreamSocket s = connected();
        stateLock.lock();
        try {
            if (inputShutdown) {
                throw new SocketException("Socket input is already shutdown");
            }
            inputShutdown = true;
        } finally {
            stateLock.unlock();
        }
        readPoint.signal();
        s.shutdownInput();
    }

    /**
     * Closes. What was written is still sent, by the stack alone; if received data was never read the peer gets a
     * reset, as RFC 2525, section 2.17 asks. With SO_LINGER 0 the connection is reset; with a positive SO_LINGER this
     * waits until the peer has acknowledged everything, and resets the connection when the time is over. Idempotent.
     */
    @Override
    public void close() {
        int linger = beginClose();
        if (linger == ALREADY_CLOSED) {
            return;
        }
        writeLock.lock(); // a writer in the middle of its copy leaves first
        try {
            StreamSocket s = stream;
            if (s == null) {
                return;
            }
            if (linger > 0 && s.isConnected() && !s.isOver() && !stack.isShardThread()) {
                s.shutdownOutput();
                awaitDrained(linger);
                linger = s.unacknowledged() == 0 ? -1 : 0;
            }
            if (linger == 0) {
                s.abort();
            } else {
                s.close();
            }
        } finally {
            writeLock.unlock();
        }
    }

    private int beginClose() {
        stateLock.lock();
        try {
            if (closed) {
                return ALREADY_CLOSED;
            }
            closed = true;
            return options.lingerSeconds;
        } finally {
            stateLock.unlock();
            stack.closed(this);
            readPoint.signal();
            writePoint.signal();
        }
    }

    /** The shard does not tell when everything is acknowledged, so look now and then. */
    private void awaitDrained(int seconds) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        long waitNs = NS_PER_MS / 4;
        while (!isDrained() && System.nanoTime() - deadline < 0) {
            waitNs = Math.min(waitNs * 2, 16 * NS_PER_MS);
            if (writePoint.await(drained, waitNs) == WaitPoint.Outcome.INTERRUPTED) {
                return;
            }
        }
    }

    private boolean isDrained() {
        return stream.isOver() || stream.unacknowledged() == 0;
    }

    /** Resets the connection: what is on the way is lost. Idempotent. */
    public void abort() {
        if (beginClose() == ALREADY_CLOSED) {
            return;
        }
        StreamSocket s = stream;
        if (s != null) {
            s.abort();
        }
    }

    private StreamSocket connected() throws SocketException {
        ensureOpen();
        StreamSocket s = stream;
        if (s == null || (!s.isConnected() && !s.isOver())) {
            throw new SocketException("Socket is not connected");
        }
        return s;
    }

    // --- the rest ---

    @Override
    public boolean isClosed() {
        return closed;
    }

    public boolean isInputShutdown() {
        return inputShutdown;
    }

    public boolean isOutputShutdown() {
        return outputShutdown;
    }

    /** What TCP knows about the connection. */
    public TcpInfo info() throws IOException {
        StreamSocket s = connected();
        return stack.ask(shard -> {
            TcpInfo info = new TcpInfo();
            TcpConnection c = s.connection();
            c.info(info, shard.nowNs());
            return info;
        });
    }

    /** The stream of what the peer sends; closing it closes the socket. */
    public InputStream getInputStream() throws IOException {
        ensureUsable(inputShutdown, "Socket input is shutdown");
        return new SocketInput(this);
    }

    /** The stream to the peer, not buffered; closing it closes the socket. */
    public OutputStream getOutputStream() throws IOException {
        ensureUsable(outputShutdown, "Socket output is shutdown");
        return new SocketOutput(this);
    }

    private void ensureUsable(boolean shutdown, String message) throws SocketException {
        if (closed) {
            throw new SocketException("Socket is closed");
        }
        connected();
        if (shutdown) {
            throw new SocketException(message);
        }
    }
}
