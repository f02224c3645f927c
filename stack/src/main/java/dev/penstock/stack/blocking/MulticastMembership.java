package dev.penstock.stack.blocking;

import dev.penstock.stack.socket.DatagramPort;
import dev.penstock.stack.udp.UdpEndpoint;
import dev.penstock.stack.udp.UdpMulticast;
import dev.penstock.stack.wire.IpAddress;
import java.io.Closeable;
import java.io.IOException;
import java.net.SocketException;

/**
 * A {@link UdpSocket}'s membership of a group, as {@code java.nio.channels.MembershipKey} is: of any source, of which some may
 * be blocked, or of one source. Ends by {@link #close}, or with its socket. Any thread but the stack's own.
 */
public final class MulticastMembership implements Closeable {
    private final PenstockStack stack;
    private final DatagramPort port;
    private final IpAddress group;
    private final int interfaceIndex;
    private final IpAddress source;
    private volatile boolean left;

    private MulticastMembership(
            PenstockStack stack, DatagramPort port, IpAddress group, int interfaceIndex, IpAddress source) {
        this.stack = stack;
        this.port = port;
        this.group = group;
        this.interfaceIndex = interfaceIndex;
        this.source = source;
    }

    /** Joins; {@code source} null for any. */
    static MulticastMembership join(
            PenstockStack stack, DatagramPort port, IpAddress group, int interfaceIndex, IpAddress source)
            throws IOException {
        if (!group.isMulticast()) {
            throw new IllegalArgumentException("not a multicast address: " + group);
        }
        if (source != null && (source.isV4() != group.isV4() || source.isAny() || source.isMulticast())) {
            throw new IllegalArgumentException("no single host of the group's family: " + source);
        }
        int joined = stack.ask(shard -> {
            UdpMulticast multicast = port.multicastNow();
            if (multicast == null) {
                return UdpEndpoint.CLOSED;
            }
            // Which interface that is must not change while the membership lasts.
            int index = multicast.resolve(group.hi(), group.lo(), interfaceIndex, shard.nowNs());
            if (index < 0) {
                return UdpEndpoint.NO_ROUTE;
            }
            int result = source == null
                    ? multicast.join(group.hi(), group.lo(), index, shard.nowNs())
                    : multicast.joinSource(group.hi(), group.lo(), index, source.hi(), source.lo(), shard.nowNs());
            return result == UdpEndpoint.OK ? index + 1 : result;
        });
        if (joined > 0) {
            return new MulticastMembership(stack, port, group, joined - 1, source);
        }
        throw failure(joined);
    }

    static IOException failure(int result) {
        return switch (result) {
            case UdpEndpoint.CLOSED -> SocketErrors.closed();
            case UdpEndpoint.NO_ROUTE -> new SocketException("No such interface, or no way to the group");
            case UdpMulticast.ALREADY_MEMBER -> new SocketException("Already a member of the group");
            case UdpMulticast.ANY_SOURCE_MEMBER -> new SocketException("A member for any source already");
            case UdpMulticast.SOURCE_MEMBER -> new SocketException("A member for one source only: nothing to block");
            case UdpMulticast.NOT_MEMBER -> new SocketException("Not a member, or the source is not blocked");
            default -> new SocketException("No buffer space available: too many groups or sources");
        };
    }

    public IpAddress group() {
        return group;
    }

    /** Where it was joined, {@link dev.penstock.stack.ip.IpInterface#index}. */
    public int interfaceIndex() {
        return interfaceIndex;
    }

    /** Of a membership for one source, or null. */
    public IpAddress source() {
        return source;
    }

    /** True until it is closed; closing the socket ends it, too. */
    public boolean isValid() {
        return !left;
    }

    /**
     * No more from this source; nothing happens if it is blocked already.
     *
     * @throws SocketException this membership is for one source, or too many are blocked
     */
    public MulticastMembership block(IpAddress blocked) throws IOException {
        change(blocked, true);
        return this;
    }

    /**
     * Takes {@link #block} back.
     *
     * @throws SocketException the source is not blocked
     */
    public MulticastMembership unblock(IpAddress blocked) throws IOException {
        change(blocked, false);
        return this;
    }

    private void change(IpAddress other, boolean block) throws IOException {
        if (left) {
            throw new SocketException("The group was left");
        }
        if (source != null) {
            throw failure(UdpMulticast.SOURCE_MEMBER);
        }
        if (other.isV4() != group.isV4() || other.isAny() || other.isMulticast()) {
            throw new IllegalArgumentException("no single host of the group's family: " + other);
        }
        int result = stack.ask(shard -> {
            UdpMulticast multicast = port.multicastNow();
            if (multicast == null) {
                return UdpEndpoint.CLOSED;
            }
            return block
                    ? multicast.block(group.hi(), group.lo(), interfaceIndex, other.hi(), other.lo())
                    : multicast.unblock(group.hi(), group.lo(), interfaceIndex, other.hi(), other.lo());
        });
        if (result != UdpEndpoint.OK) {
            throw failure(result);
        }
    }

    /** Leaves the group; nothing happens if it was left, or the socket closed. Idempotent. */
    @Override
    public void close() throws IOException {
        if (left) {
            return;
        }
        left = true;
        if (stack.isClosed()) {
            return;
        }
        stack.ask(shard -> {
            UdpMulticast multicast = port.multicastNow();
            if (multicast != null && source == null) {
                multicast.leave(group.hi(), group.lo(), interfaceIndex);
            } else if (multicast != null) {
                multicast.leaveSource(group.hi(), group.lo(), interfaceIndex, source.hi(), source.lo());
            }
            return null;
        });
    }

    @Override
    public String toString() {
        return group + (source == null ? "" : " from " + source) + " on interface " + interfaceIndex;
    }
}
