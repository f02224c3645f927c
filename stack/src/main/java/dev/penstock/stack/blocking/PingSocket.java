package dev.penstock.stack.blocking;

import dev.penstock.stack.ip.IcmpError;
import dev.penstock.stack.socket.EchoPort;
import dev.penstock.stack.socket.EchoRequest;
import dev.penstock.stack.wire.IpAddress;
import java.io.IOException;
import java.net.SocketException;
import java.util.concurrent.CompletableFuture;

/**
 * Sends ICMP echo requests and waits for what comes back. Has an identifier of its own; sequence numbers count up from
 * 1. Any thread may use it but the stack's own, several at once; up to 1,024 requests can be on the way.
 *
 * <p>What the network answers, or that it does not, is a {@link PingReply}; exceptions mean that the socket is closed, or
 * too much was asked at once.
 */
public final class PingSocket extends PortSocket<EchoPort> {
    private volatile int zone = -1;
    private volatile int ttl;
    private volatile boolean dontFragment;

    private PingSocket(PenstockStack stack) {
        super(stack);
    }

    static PingSocket open(PenstockStack stack) throws IOException {
        PingSocket socket = new PingSocket(stack);
        socket.open(EchoPort.open(stack.commands(), socket::onReady));
        return socket;
    }

    /** As {@link #ping(IpAddress, int, int)}, with the usual 56 bytes, to a literal address. */
    public PingReply ping(String target, int timeoutMs) throws IOException {
        return ping(IpAddress.parse(target), 56, timeoutMs);
    }

    /**
     * Pings once and waits.
     *
     * @param payloadSize bytes of data, 0 .. 65,507
     * @param timeoutMs how long to wait, milliseconds, at least 1
     */
    public PingReply ping(IpAddress target, int payloadSize, int timeoutMs) throws IOException {
        stack.checkMayBlock();
        Call call = new Call();
        send(target, payloadSize, timeoutMs, call);
        if (call.point.await(call, 0) == WaitPoint.Outcome.INTERRUPTED) {
            close();
            throw SocketErrors.closedByInterrupt();
        }
        return replyOrThrow(call.answer);
    }

    /**
     * As {@link #ping(IpAddress, int, int)}, without waiting: many can be on the way at once. The future completes on
     * the stack's own thread, where nothing may block.
     */
    public CompletableFuture<PingReply> pingAsync(IpAddress target, int payloadSize, int timeoutMs) throws IOException {
        CompletableFuture<PingReply> future = new CompletableFuture<>();
        send(target, payloadSize, timeoutMs, request -> {
            try {
                future.complete(replyOrThrow(request));
            } catch (SocketException e) {
                future.completeExceptionally(e);
            }
        });
        return future;
    }

    /** One thread that waits for one answer. */
    private static final class Call implements EchoRequest.Listener, Condition {
        final WaitPoint point = new WaitPoint();
        volatile EchoRequest answer;

        @Override
        public void onOutcome(EchoRequest request) {
            answer = request;
            point.signal();
        }

        @Override
        public boolean isMet() {
            return answer != null;
        }
    }

    private void send(IpAddress target, int payloadSize, int timeoutMs, EchoRequest.Listener listener)
            throws IOException {
        if (payloadSize < 0 || payloadSize > EchoPort.MAX_DATA || timeoutMs < 1) {
            throw new IllegalArgumentException("payloadSize " + payloadSize + ", timeoutMs " + timeoutMs);
        }
        if (closed.get()) {
            throw SocketErrors.closed();
        }
        EchoRequest request = new EchoRequest(
                port, target.hi(), target.lo(), payloadSize, ttl, dontFragment, timeoutMs * NS_PER_MS, listener);
        if (!stack.commands().offer(request.by(zone))) {
            throw stack.isClosed() ? SocketErrors.stackClosed() : new SocketException("Too many commands wait");
        }
    }

    private static PingReply replyOrThrow(EchoRequest r) throws SocketException {
        PingReply.Kind kind =
                switch (r.outcome()) {
                    case REPLY -> PingReply.Kind.REPLY;
                    case TIMEOUT -> PingReply.Kind.TIMEOUT;
                    case NO_ROUTE -> PingReply.Kind.NET_UNREACHABLE;
                    case UNREACHABLE -> PingReply.Kind.HOST_UNREACHABLE;
                    case TOO_BIG -> PingReply.Kind.TOO_BIG;
                    case ERROR -> kindOf(r.errorKind());
                    case TOO_MANY -> throw new SocketException("Too many requests on the way");
                    case CLOSED -> throw SocketErrors.closed();
                };
        boolean nobody = r.fromHi() == 0 && r.fromLo() == 0;
        IpAddress from = nobody ? null : new IpAddress(r.fromHi(), r.fromLo());
        return new PingReply(kind, from, r.sequence(), r.replyLength(), r.replyTtl(), r.rttNs());
    }

    private static PingReply.Kind kindOf(IcmpError.Kind kind) {
        return switch (kind) {
            case NET_UNREACHABLE -> PingReply.Kind.NET_UNREACHABLE;
            case HOST_UNREACHABLE -> PingReply.Kind.HOST_UNREACHABLE;
            case PROTOCOL_UNREACHABLE -> PingReply.Kind.PROTOCOL_UNREACHABLE;
            case PORT_UNREACHABLE -> PingReply.Kind.PORT_UNREACHABLE;
            case TOO_BIG -> PingReply.Kind.TOO_BIG;
            case ADMIN_PROHIBITED -> PingReply.Kind.ADMIN_PROHIBITED;
            case TTL_EXCEEDED -> PingReply.Kind.TTL_EXCEEDED;
            default -> PingReply.Kind.OTHER_ERROR;
        };
    }

    /**
     * Has requests leave by this interface, the zone of link-local targets.
     *
     * @param name of the interface, or its number from 1; empty for any
     * @throws SocketException there is no such interface: it says which there are
     */
    public void bindToInterface(String name) throws SocketException {
        zone = stack.zones().index(name);
    }

    /** TTL of the requests, 1 .. 255; 64, or the hop limit that routers say, unless told. */
    public void setTimeToLive(int newTtl) {
        ttl = TcpSocketSettings.checkTimeToLive(newTtl);
    }

    /** Sets the DF bit: requests larger than the path MTU fail instead of being fragmented. */
    public void setDontFragment(boolean on) {
        dontFragment = on;
    }

    /** The identifier of the requests, 1 .. 65535. */
    public int identifier() {
        return port.identifier();
    }
}
