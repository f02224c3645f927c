package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.Host.Endpoint;
import dev.penstock.stack.tcp.Tcp;
import dev.penstock.stack.tcp.TcpAcceptHandler;
import dev.penstock.stack.tcp.TcpAcceptor;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.tcp.TcpState;

/** A TCP socket: listening, connected or neither. */
final class StreamDescriptor extends SocketDescriptor implements TcpHandler, TcpAcceptHandler {
    private static final long SECOND = 1_000_000_000L;

    /** What the socket layer knows of a connection, which lags behind TCP: until the next {@code connect}. */
    private enum Phase {
        UNCONNECTED,
        CONNECTING,
        CONNECTED
    }

    private final StreamInput input = new StreamInput(this);
    private final StreamOutput output = new StreamOutput(this);
    private final StreamPoll poll = new StreamPoll(this);

    private Phase phase = Phase.UNCONNECTED;
    private Endpoint bound;
    private TcpAcceptor acceptor;
    private TcpConnection connection;
    /** The application said that it reads, or writes, no more. */
    boolean inputShut;

    boolean outputShut;
    /** The peer's FIN has come, in order. */
    boolean finReceived;
    /** It was established at some time. */
    private boolean wasConnected;
    /** The connection has told its last. */
    private boolean ended;

    private boolean closed;

    StreamDescriptor(DescriptorTable table, int family, SocketSettings settings) {
        super(table, family, settings);
    }

    /** Takes the oldest connection that waits, if one does. */
    private static StreamDescriptor accepted(StreamDescriptor listener) {
        StreamDescriptor s = new StreamDescriptor(listener.table, listener.family, listener.settings.copy());
        s.connection = listener.acceptor.accept(s);
        s.settings.tcp.copyFrom(s.connection.options());
        s.phase = Phase.CONNECTED;
        s.wasConnected = true;
        return s;
    }

    @Override
    boolean isStream() {
        return true;
    }

    TcpConnection connection() {
        return connection;
    }

    TcpAcceptor acceptor() {
        return acceptor;
    }

    boolean wasConnected() {
        return wasConnected;
    }

    /** What TCP_INFO calls the state: one in TIME-WAIT is no longer the socket's. */
    TcpState state() {
        if (acceptor != null) {
            return TcpState.LISTEN;
        }
        if (connection == null || ended) {
            return TcpState.CLOSED;
        }
        TcpState s = connection.state();
        return s == TcpState.TIME_WAIT ? TcpState.CLOSED : s;
    }

    /** The options in force, or to be. */
    TcpOptions options() {
        return connection != null ? connection.options() : acceptor != null ? acceptor.options() : settings.tcp;
    }

    /** {@link #options} were changed. */
    void optionsChanged() {
        if (acceptor != null) {
            acceptor.optionsChanged();
        } else if (connection != null && !ended) {
            connection.optionsChanged(clock());
        }
    }

    // --- bind, listen, accept ---

    @Override
    Result bind(Endpoint to) {
        if (bound != null || connection != null || acceptor != null) {
            return Result.error(Errno.EINVAL);
        }
        for (StreamDescriptor other : table.bound) {
            if (conflicts(other, to)) {
                return Result.error(Errno.EADDRINUSE);
            }
        }
        // Whether the stack would let it listen there tells whether the address is ours and the port free.
        TcpOptions options = settings.tcp.clone();
        options.reuseAddress = settings.reuseAddress;
        TcpAcceptor probe = host.stack().tcp().listen(to.hi(), to.lo(), to.port(), 1, options, this);
        if (probe == null) {
            return Result.error(errno(host.stack().tcp().errorOfLastCall()));
        }
        bound = new Endpoint(to.hi(), to.lo(), probe.localPort());
        probe.close(clock());
        table.bound.add(this);
        return Result.OK;
    }

    private boolean conflicts(StreamDescriptor other, Endpoint to) {
        Endpoint theirs = other.bound;
        if (theirs.port() != to.port() || to.port() == 0) {
            return false;
        }
        boolean sameAddress = theirs.hi() == to.hi() && theirs.lo() == to.lo();
        boolean overlap = sameAddress
                || dev.penstock.stack.wire.IpAddress.isAny(theirs.hi(), theirs.lo())
                || dev.penstock.stack.wire.IpAddress.isAny(to.hi(), to.lo());
        boolean shared = settings.reusePort && other.settings.reusePort
                || settings.reuseAddress && other.settings.reuseAddress && other.acceptor == null;
        return overlap && !shared;
    }

    @Override
    Result listen(int backlog) {
        if (acceptor != null) {
            return Result.OK;
        }
        if (connection != null) {
            return Result.error(Errno.EINVAL);
        }
        Tcp tcp = host.stack().tcp();
        Endpoint at = bound != null ? bound : new Endpoint(0, anyLo(), 0);
        settings.tcp.reuseAddress = settings.reuseAddress;
        // Linux takes a connection more than the backlog says: "sk_acceptq_is_full" is true beyond it.
        int most = Math.max(0, backlog) + 1;
        acceptor = tcp.listen(at.hi(), at.lo(), at.port(), most, settings.tcp, this);
        if (acceptor == null) {
            return Result.error(errno(tcp.errorOfLastCall()));
        }
        if (bound == null) {
            bound = new Endpoint(at.hi(), at.lo(), acceptor.localPort());
            table.bound.add(this);
        }
        return Result.OK;
    }

    private long anyLo() {
        boolean v4 = family == Constants.get("AF_INET", host.profile());
        return v4 ? dev.penstock.stack.wire.IpAddress.V4_PREFIX : 0;
    }

    @Override
    Result accept() {
        if (acceptor == null) {
            return Result.error(Errno.EINVAL);
        }
        return acceptor.acceptable() == 0 ? null : Result.opened(accepted(this));
    }

    // --- connect ---

    @Override
    Result connect(Endpoint to) {
        if (acceptor != null) {
            return Result.error(isLinux() ? Errno.EISCONN : Errno.EOPNOTSUPP);
        }
        return switch (phase) {
            case CONNECTED -> Result.error(Errno.EISCONN);
            case CONNECTING -> connectAgain();
            case UNCONNECTED -> begin(to);
        };
    }

    private Result connectAgain() {
        TcpState state = state();
        if (state == TcpState.SYN_SENT || state == TcpState.SYN_RECEIVED) {
            return nonBlocking || !isLinux() ? Result.error(Errno.EALREADY) : null;
        }
        if (!isLinux() && wasConnected) {
            phase = Phase.CONNECTED;
            return Result.error(Errno.EISCONN);
        }
        return connectOutcome();
    }

    private Result begin(Endpoint to) {
        Tcp tcp = host.stack().tcp();
        Endpoint from = bound != null ? bound : new Endpoint(0, anyLo(), 0);
        ended = false;
        connection = tcp.connect(
                from.hi(), from.lo(), from.port(), to.hi(), to.lo(), to.port(), settings.tcp, this, clock());
        if (connection == null) {
            TcpError why = tcp.errorOfLastCall();
            return Result.error(why == TcpError.ADDRESS_IN_USE ? Errno.EADDRNOTAVAIL : errno(why));
        }
        phase = Phase.CONNECTING;
        if (!nonBlocking) {
            return null;
        }
        host.settle();
        if (ended) {
            return connectOutcome();
        }
        return Result.error(Errno.EINPROGRESS);
    }

    /** What became of {@link #connect}; null if that is not known yet. */
    Result connectOutcome() {
        TcpState state = state();
        if (state == TcpState.SYN_SENT || state == TcpState.SYN_RECEIVED) {
            return null;
        }
        if (state == TcpState.CLOSED && !wasConnected) {
            phase = Phase.UNCONNECTED;
            connection = null;
            Errno why = takeError();
            return Result.error(why != null ? why : Errno.ECONNABORTED);
        }
        phase = Phase.CONNECTED;
        return Result.OK;
    }

    @Override
    Result disconnect() {
        if (connection != null) {
            connection.abort(clock());
            connection.receiveQueue().close();
        }
        connection = null;
        pendingError = null;
        phase = Phase.UNCONNECTED;
        inputShut = false;
        outputShut = false;
        finReceived = false;
        wasConnected = false;
        return Result.OK;
    }

    // --- data ---

    @Override
    Result send(Transfer t) {
        return output.send(t);
    }

    @Override
    Result receive(Transfer t) {
        return input.receive(t);
    }

    StreamInput input() {
        return input;
    }

    StreamOutput output() {
        return output;
    }

    /** After what happened to the connection at this moment: whoever waits for room or for news is told. */
    boolean observe() {
        int events = output.observe();
        if (events != 0) {
            wake(events);
        }
        return events != 0;
    }

    @Override
    int poll() {
        return poll.events();
    }

    // --- ending ---

    @Override
    Result shutdown(int how) {
        boolean in = how != 1;
        boolean out = how != 0;
        TcpState state = state();
        if (state == TcpState.LISTEN && isLinux()) {
            if (in) {
                stopListening();
            }
            return Result.OK;
        }
        if (state == TcpState.SYN_SENT && isLinux()) {
            // inet_shutdown(): in LISTEN and SYN-SENT it takes the call back.
            return disconnect();
        }
        if (state == TcpState.CLOSED || state == TcpState.LISTEN) {
            inputShut |= in && connection != null;
            outputShut |= out && connection != null;
            return Result.error(Errno.ENOTCONN);
        }
        inputShut |= in;
        outputShut |= out;
        if (isLinux() ? inputShut && outputShut : in) {
            // On Linux one that only reads no more still takes in what comes.
            connection.shutdownInput(clock());
        }
        if (out) {
            connection.shutdownOutput(clock());
        }
        happened(0);
        return Result.OK;
    }

    private void stopListening() {
        acceptor.close(clock());
        acceptor = null;
        table.bound.remove(this);
    }

    /** How long {@code close} may wait for the peer. */
    long lingerNs() {
        return settings.lingerOn ? settings.lingerSeconds * SECOND : 0;
    }

    @Override
    Result close() {
        if (!closed) {
            closed = true;
            if (acceptor != null) {
                stopListening();
            } else {
                table.bound.remove(this);
            }
            if (connection != null) {
                connection.options().lingerSeconds = settings.lingerOn && settings.lingerSeconds == 0 ? 0 : -1;
                connection.close(clock());
            }
        }
        boolean waits = lingerNs() > 0 && (isLinux() || !nonBlocking);
        return waits && connection != null && state().isFinPending() ? null : Result.OK;
    }

    // --- what TCP tells ---

    private void happened(int events) {
        wake(events);
        table.retry();
    }

    @Override
    public void onAcceptable(TcpAcceptor listener, long nowNs) {
        happened(POLLIN | POLLRDNORM);
    }

    @Override
    public void onConnected(TcpConnection c, long nowNs) {
        wasConnected = true;
        happened(POLLOUT | POLLWRNORM);
    }

    @Override
    public void onReadable(TcpConnection c, long nowNs) {
        if (c.error() != null) {
            // onClosed follows, and brings the error that a reader is to be told.
            return;
        }
        if (c.isInputEnded() && !inputShut) {
            finReceived = true;
            happened(0);
            return;
        }
        happened(POLLIN | POLLRDNORM);
    }

    @Override
    public void onUrgent(TcpConnection c, long nowNs) {
        input.onUrgent();
        happened(POLLPRI);
    }

    @Override
    public void onWritable(TcpConnection c, long nowNs) {
        happened(POLLOUT | POLLWRNORM);
    }

    @Override
    public void onClosed(TcpConnection c, TcpError error, long nowNs) {
        ended = true;
        if (error == TcpError.CONNECTION_RESET && finReceived && !outputShut && isLinux()) {
            // tcp_reset(): in CLOSE-WAIT the reader has had its end; only a writer is to be told.
            pendingError = Errno.EPIPE;
        } else if (error != null && error != TcpError.ABORTED) {
            pendingError = errno(error);
        }
        happened(0);
    }

    static Errno errno(TcpError error) {
        return switch (error) {
            case CONNECTION_REFUSED -> Errno.ECONNREFUSED;
            case CONNECTION_RESET -> Errno.ECONNRESET;
            case TIMED_OUT -> Errno.ETIMEDOUT;
            case HOST_UNREACHABLE -> Errno.EHOSTUNREACH;
            case NET_UNREACHABLE -> Errno.ENETUNREACH;
            case ABORTED -> Errno.ECONNABORTED;
            case NO_RESOURCES -> Errno.ENOBUFS;
            case ADDRESS_IN_USE -> Errno.EADDRINUSE;
            case ADDRESS_NOT_AVAILABLE -> Errno.EADDRNOTAVAIL;
        };
    }

    // --- names ---

    @Override
    Endpoint localName() {
        if (connection != null) {
            return new Endpoint(connection.localHi(), connection.localLo(), connection.localPort());
        }
        return bound;
    }

    @Override
    Endpoint peerName() {
        if (connection == null || state() == TcpState.CLOSED || state() == TcpState.SYN_SENT) {
            return null;
        }
        return new Endpoint(connection.remoteHi(), connection.remoteLo(), connection.remotePort());
    }
}
