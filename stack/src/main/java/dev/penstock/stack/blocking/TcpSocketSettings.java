package dev.penstock.stack.blocking;

import dev.penstock.stack.socket.StreamSocket;
import dev.penstock.stack.tcp.TcpConfig;
import dev.penstock.stack.tcp.TcpOption;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.wire.IpAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.concurrent.locks.ReentrantLock;

/** The options and addresses of a {@link TcpSocket}, under the names that {@code java.net.Socket} gives them. */
abstract class TcpSocketSettings {
    private static final long NS_PER_SECOND = 1_000_000_000L;

    final ReentrantLock stateLock = new ReentrantLock();
    /** Guarded by stateLock. */
    final TcpOptions options;
    /** Guarded by stateLock. */
    Endpoint bound;

    volatile StreamSocket stream;
    volatile int soTimeoutMs;

    private final Zones zones;

    TcpSocketSettings(TcpOptions options, Zones zones) {
        this.options = options.clone();
        this.zones = zones;
    }

    public abstract boolean isClosed();

    final void ensureOpen() throws SocketException {
        if (isClosed()) {
            throw SocketErrors.closed();
        }
    }

    static int checkTimeout(int ms) {
        if (ms < 0) {
            throw new IllegalArgumentException("timeout can't be negative");
        }
        return ms;
    }

    static int checkTrafficClass(int tc) {
        if (tc < 0 || tc > 255) {
            throw new IllegalArgumentException("tc is not in range 0 -- 255");
        }
        return tc;
    }

    static int checkTimeToLive(int ttl) {
        if (ttl < 1 || ttl > 255) {
            throw new IllegalArgumentException("a TTL must be in 1 .. 255: " + ttl);
        }
        return ttl;
    }

    private static int positive(int value, String what) {
        if (value <= 0) {
            throw new IllegalArgumentException(what + " must be positive: " + value);
        }
        return value;
    }

    private interface Change {
        void apply(TcpOptions options);
    }

    private interface Reader<T> {
        T read(TcpOptions options);
    }

    private void change(Change change) throws SocketException {
        stateLock.lock();
        try {
            ensureOpen();
            change.apply(options);
            StreamSocket s = stream;
            if (s != null) {
                s.options(options.clone());
            }
        } finally {
            stateLock.unlock();
        }
    }

    private <T> T get(Reader<T> reader) throws SocketException {
        stateLock.lock();
        try {
            ensureOpen();
            return reader.read(options);
        } finally {
            stateLock.unlock();
        }
    }

    // --- options ---

    /**
     * Changes an option, on a live connection at once.
     *
     * @throws IllegalArgumentException if the value is out of range; names option, value and range
     */
    public <T> void setOption(TcpOption<T> option, T value) throws SocketException {
        change(o -> option.set(o, value));
    }

    /** An option as it was set. */
    public <T> T getOption(TcpOption<T> option) throws SocketException {
        return get(option::get);
    }

    /** SO_TIMEOUT: how long a read waits, milliseconds; 0 for ever. Applies from the next read on. */
    public void setSoTimeout(int ms) throws SocketException {
        checkTimeout(ms);
        ensureOpen();
        soTimeoutMs = ms;
    }

    public int getSoTimeout() throws SocketException {
        ensureOpen();
        return soTimeoutMs;
    }

    /** TCP_NODELAY: small segments are sent at once, without Nagle's algorithm. */
    public void setTcpNoDelay(boolean on) throws SocketException {
        change(o -> o.noDelay = on);
    }

    public boolean getTcpNoDelay() throws SocketException {
        return get(o -> o.noDelay);
    }

    /** SO_KEEPALIVE. */
    public void setKeepAlive(boolean on) throws SocketException {
        change(o -> o.keepAlive = on);
    }

    public boolean getKeepAlive() throws SocketException {
        return get(o -> o.keepAlive);
    }

    /** TCP_KEEPIDLE, TCP_KEEPINTVL and TCP_KEEPCNT: seconds, seconds, and a number. */
    public void setKeepAliveTimes(int idleSeconds, int intervalSeconds, int count) throws SocketException {
        positive(idleSeconds, "idleSeconds");
        positive(intervalSeconds, "intervalSeconds");
        positive(count, "count");
        change(o -> {
            o.keepIdleNs = idleSeconds * NS_PER_SECOND;
            o.keepIntervalNs = intervalSeconds * NS_PER_SECOND;
            o.keepCount = count;
        });
    }

    /** SO_SNDBUF, bytes, up to 2^30: the most that waits for acknowledgment. Without, it grows with what the path takes. */
    public void setSendBufferSize(int bytes) throws SocketException {
        int n = Math.min(positive(bytes, "size"), 1 << 30);
        change(o -> o.sendBuffer = n);
    }

    /** What was set; if nothing was, what it has grown to, or before there is a connection, what it usually begins with. */
    public int getSendBufferSize() throws SocketException {
        StreamSocket s = stream;
        int now = s == null ? 0 : s.sendBufferLimit();
        return get(o -> o.sendBuffer > 0 ? o.sendBuffer : now > 0 ? now : new TcpConfig().initialSendBuffer);
    }

    /**
     * SO_RCVBUF, bytes, up to 2^30: the largest receive window. Without, it grows with what is read in a round trip. Windows over
     * 64 KiB want it set before connecting.
     */
    public void setReceiveBufferSize(int bytes) throws SocketException {
        int n = Math.min(positive(bytes, "size"), 1 << 30);
        change(o -> o.receiveBuffer = n);
    }

    /** What was set; if nothing was, what it has grown to, or before there is a connection, what it usually begins with. */
    public int getReceiveBufferSize() throws SocketException {
        StreamSocket s = stream;
        int now = s == null ? 0 : s.receiveBufferLimit();
        return get(o -> o.receiveBuffer > 0 ? o.receiveBuffer : now > 0 ? now : new TcpConfig().initialReceiveBuffer);
    }

    /** SO_LINGER: see {@link TcpSocket#close}. {@code seconds} counts only when on, up to 65,535. */
    public void setSoLinger(boolean on, int seconds) throws SocketException {
        if (on && seconds < 0) {
            throw new IllegalArgumentException("invalid value for SO_LINGER");
        }
        change(o -> o.lingerSeconds = on ? Math.min(seconds, 65_535) : -1);
    }

    /** -1 when off. */
    public int getSoLinger() throws SocketException {
        return get(o -> o.lingerSeconds);
    }

    /** IP_TOS: 0 .. 255; the two ECN bits are TCP's own. */
    public void setTrafficClass(int tc) throws SocketException {
        checkTrafficClass(tc);
        change(o -> o.tos = tc & 0xfc);
    }

    public int getTrafficClass() throws SocketException {
        return get(o -> o.tos);
    }

    /** SO_REUSEADDR. */
    public void setReuseAddress(boolean on) throws SocketException {
        change(o -> o.reuseAddress = on);
    }

    public boolean getReuseAddress() throws SocketException {
        return get(o -> o.reuseAddress);
    }

    /** IP_TTL or the hop limit, 1 .. 255. */
    public void setTimeToLive(int ttl) throws SocketException {
        checkTimeToLive(ttl);
        change(o -> o.ttl = ttl);
    }

    /** TCP_USER_TIMEOUT, milliseconds: give up when data stays unacknowledged so long; 0 for TCP's own limit. */
    public void setUserTimeout(int ms) throws SocketException {
        checkTimeout(ms);
        change(o -> o.userTimeoutNs = ms * 1_000_000L);
    }

    /** TCP_QUICKACK, kept until it is changed: every segment is acknowledged at once. */
    public void setQuickAck(boolean on) throws SocketException {
        change(o -> o.delayedAck = !on);
    }

    /** A copy of all options as they are now. */
    public TcpOptions getOptions() throws SocketException {
        return get(TcpOptions::clone);
    }

    /** How many bytes are to be read until the peer's urgent data ends, which stays in line; 0 when there is none left. */
    public long urgentRemaining() throws SocketException {
        ensureOpen();
        StreamSocket s = stream;
        return s == null ? 0 : s.urgentRemaining();
    }

    // --- addresses ---

    /** Its own end; null before it is connected. */
    public Endpoint getLocalAddress() {
        StreamSocket s = stream;
        return s == null || !s.isConnected()
                ? bound
                : zones.endpoint(new IpAddress(s.localHi(), s.localLo()), s.zone(), s.localPort());
    }

    /** The peer's end; null before it is connected. */
    public Endpoint getRemoteAddress() {
        StreamSocket s = stream;
        return s == null || !s.isConnected()
                ? null
                : zones.endpoint(new IpAddress(s.remoteHi(), s.remoteLo()), s.zone(), s.remotePort());
    }

    /** As {@link #getLocalAddress()}. */
    public InetSocketAddress getLocalSocketAddress() {
        Endpoint e = getLocalAddress();
        return e == null ? null : e.toInetSocketAddress();
    }

    /** As {@link #getRemoteAddress()}. */
    public InetSocketAddress getRemoteSocketAddress() {
        Endpoint e = getRemoteAddress();
        return e == null ? null : e.toInetSocketAddress();
    }

    /** The local port, 0 if there is none yet. */
    public int getLocalPort() {
        Endpoint e = getLocalAddress();
        return e == null ? 0 : e.port();
    }

    /** The peer's port, 0 if there is none yet. */
    public int getPort() {
        Endpoint e = getRemoteAddress();
        return e == null ? 0 : e.port();
    }

    /** It was connected, and may be closed since. */
    public boolean isConnected() {
        StreamSocket s = stream;
        return s != null && s.isConnected();
    }
}
