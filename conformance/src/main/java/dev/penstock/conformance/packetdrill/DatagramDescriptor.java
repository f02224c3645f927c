package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.Host.Endpoint;
import dev.penstock.stack.ip.IcmpError;
import dev.penstock.stack.udp.UdpEndpoint;
import dev.penstock.stack.udp.UdpHandler;
import dev.penstock.stack.wire.IpAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A UDP socket. */
final class DatagramDescriptor extends SocketDescriptor implements UdpHandler {
    private static final int MOST_WAITING = 1_024;
    private static final int LONGEST = 65_535;
    private static final UnsafeBuffer ZEROS = new UnsafeBuffer(ByteBuffer.allocateDirect(LONGEST));

    private final UdpEndpoint endpoint;
    private final ArrayDeque<Datagram> received = new ArrayDeque<>();
    private boolean inputShut;
    private boolean outputShut;

    /** A datagram that nobody has read: its length, and who sent it. */
    private record Datagram(int length, Endpoint from) {}

    DatagramDescriptor(DescriptorTable table, int family, SocketSettings settings) {
        super(table, family, settings);
        this.endpoint = host.stack().openUdp(this);
    }

    @Override
    boolean isStream() {
        return false;
    }

    UdpEndpoint endpoint() {
        return endpoint;
    }

    /** FIONREAD: the length of the datagram that is read next. */
    long firstLength() {
        return received.isEmpty() ? 0 : received.peekFirst().length;
    }

    @Override
    Result bind(Endpoint to) {
        return result(endpoint.bind(to.hi(), to.lo(), to.port()));
    }

    private static Result result(int code) {
        return switch (code) {
            case UdpEndpoint.OK -> Result.OK;
            case UdpEndpoint.WOULD_BLOCK, UdpEndpoint.UNRESOLVED -> null;
            case UdpEndpoint.NO_ROUTE -> Result.error(Errno.ENETUNREACH);
            case UdpEndpoint.TOO_BIG -> Result.error(Errno.EMSGSIZE);
            case UdpEndpoint.HOST_UNREACHABLE -> Result.error(Errno.EHOSTUNREACH);
            case UdpEndpoint.BROADCAST_FORBIDDEN -> Result.error(Errno.EACCES);
            case UdpEndpoint.NO_DESTINATION -> Result.error(Errno.EDESTADDRREQ);
            case UdpEndpoint.PORT_IN_USE -> Result.error(Errno.EADDRINUSE);
            case UdpEndpoint.ADDRESS_NOT_LOCAL -> Result.error(Errno.EADDRNOTAVAIL);
            case UdpEndpoint.NO_PORTS -> Result.error(Errno.EAGAIN);
            case UdpEndpoint.ALREADY_BOUND -> Result.error(Errno.EINVAL);
            default -> Result.error(Errno.EBADF);
        };
    }

    @Override
    Result listen(int backlog) {
        return Result.error(Errno.EOPNOTSUPP);
    }

    @Override
    Result accept() {
        return Result.error(Errno.EOPNOTSUPP);
    }

    @Override
    Result connect(Endpoint to) {
        if (endpoint.isConnected() && !isLinux()) {
            return Result.error(Errno.EISCONN);
        }
        return result(endpoint.connect(to.hi(), to.lo(), to.port(), clock()));
    }

    @Override
    Result disconnect() {
        endpoint.disconnect();
        return Result.OK;
    }

    @Override
    Result send(Transfer t) {
        Errno why = takeError();
        if (why != null) {
            return Result.error(why);
        }
        if (outputShut) {
            return Result.error(Errno.EPIPE);
        }
        if (t.length > LONGEST) {
            return Result.error(Errno.EMSGSIZE);
        }
        if (t.to != null && endpoint.isConnected() && !isLinux()) {
            return Result.error(Errno.EISCONN);
        }
        if (t.outOfBand && isLinux()) {
            return Result.error(Errno.EOPNOTSUPP);
        }
        int length = (int) t.length;
        Result r = offer(t, length);
        if (r == null) {
            // The neighbour is asked for, and answers at once; other stacks keep a datagram meanwhile.
            host.settle();
            r = offer(t, length);
        }
        if (r == null) {
            return t.wait ? null : Result.error(Errno.EAGAIN);
        }
        return r.errno() == null ? Result.of(length) : r;
    }

    private Result offer(Transfer t, int length) {
        return result(
                t.to == null
                        ? endpoint.send(ZEROS, 0, length, clock())
                        : endpoint.send(t.to.hi(), t.to.lo(), t.to.port(), ZEROS, 0, length, clock()));
    }

    @Override
    Result receive(Transfer t) {
        Errno why = takeError();
        if (why != null) {
            return Result.error(why);
        }
        Datagram d = received.peekFirst();
        if (d == null) {
            if (inputShut) {
                return Result.OK;
            }
            return t.wait ? null : Result.error(Errno.EAGAIN);
        }
        if (!t.peek) {
            received.pollFirst();
        }
        t.from = d.from;
        t.cut = d.length > t.length;
        return Result.of(t.truncate ? d.length : Math.min(d.length, t.length));
    }

    @Override
    Result shutdown(int how) {
        if (!endpoint.isConnected()) {
            return Result.error(Errno.ENOTCONN);
        }
        inputShut |= how != 1;
        outputShut |= how != 0;
        return Result.OK;
    }

    @Override
    int poll() {
        int events = outputShut ? 0 : POLLOUT | POLLWRNORM;
        events |= received.isEmpty() && !inputShut ? 0 : POLLIN | POLLRDNORM;
        events |= inputShut ? POLLRDHUP : 0;
        events |= inputShut && outputShut ? POLLHUP : 0;
        return pendingError != null ? events | POLLERR : events;
    }

    @Override
    Result close() {
        endpoint.close();
        return Result.OK;
    }

    @Override
    public void onDatagram(
            DirectBuffer buffer,
            int offset,
            int length,
            long srcHi,
            long srcLo,
            int srcPort,
            long dstHi,
            long dstLo,
            long nowNs) {
        if (received.size() < MOST_WAITING) {
            received.addLast(new Datagram(length, new Endpoint(srcHi, srcLo, srcPort)));
        }
        wake(POLLIN | POLLRDNORM);
        table.retry();
    }

    @Override
    public void onWritable(long nowNs) {
        wake(POLLOUT | POLLWRNORM);
        table.retry();
    }

    @Override
    public void onError(IcmpError.Kind kind, long remoteHi, long remoteLo, int remotePort, int mtu, long nowNs) {
        // RFC 1122, 4.1.3.3: told where the application can know whom it is about; Linux: unless IP_RECVERR says
        // otherwise, only
        // hard errors of connected sockets.
        if (endpoint.isConnected()) {
            pendingError = switch (kind) {
                case PORT_UNREACHABLE -> Errno.ECONNREFUSED;
                case PROTOCOL_UNREACHABLE -> isLinux() ? Errno.ENOPROTOOPT : Errno.ECONNREFUSED;
                case TOO_BIG -> null;
                case HOST_UNREACHABLE -> isLinux() ? pendingError : Errno.EHOSTUNREACH;
                default -> pendingError;
            };
            wake(POLLERR);
            table.retry();
        }
    }

    @Override
    Endpoint localName() {
        if (endpoint.localPort() == 0) {
            return null;
        }
        boolean connected = endpoint.isConnected() && IpAddress.isAny(endpoint.localHi(), endpoint.localLo());
        return new Endpoint(
                connected ? endpoint.sourceHi() : endpoint.localHi(),
                connected ? endpoint.sourceLo() : endpoint.localLo(),
                endpoint.localPort());
    }

    @Override
    Endpoint peerName() {
        return endpoint.isConnected()
                ? new Endpoint(endpoint.remoteHi(), endpoint.remoteLo(), endpoint.remotePort())
                : null;
    }
}
