package dev.penstock.stack.dhcp;

import dev.penstock.stack.ip.IpInterface;
import dev.penstock.stack.wire.IpAddress;

/** Is told what becomes of an interface's address. Shard thread; must neither block nor throw. */
public interface DhcpListener {
    /** Why a lease is no longer in use. */
    enum Loss {
        /** It was not prolonged in time. */
        EXPIRED,
        /** A server said that it is not valid here. */
        REFUSED,
        /** Another station has the address. */
        CONFLICT,
        /** Given back. */
        RELEASED,
        /** The server wants IPv6 alone to be used (RFC 8925). */
        IPV6_ONLY,
        /** Another address or another prefix takes its place. */
        REPLACED
    }

    /** The client goes from one state to another. */
    default void onState(IpInterface nic, DhcpState before, DhcpState now, long nowNs) {}

    /**
     * A lease is in use from now on, or was prolonged.
     *
     * @param renewed the address was in use already
     */
    default void onLease(IpInterface nic, DhcpLease lease, boolean renewed, long nowNs) {}

    /** The lease's address, routes and name servers are gone. */
    default void onLeaseLost(IpInterface nic, DhcpLease lease, Loss why, long nowNs) {}

    /** No server answers: the interface has given itself this address of 169.254/16 (RFC 3927). */
    default void onLinkLocal(IpInterface nic, IpAddress address, long nowNs) {}

    /** The link-local address is gone, or no longer used for anything new. */
    default void onLinkLocalLost(IpInterface nic, IpAddress address, long nowNs) {}
}
