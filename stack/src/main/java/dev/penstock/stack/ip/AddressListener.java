package dev.penstock.stack.ip;

import dev.penstock.stack.wire.IpAddress;

/** Is told what becomes of the stack's addresses. Shard thread. */
public interface AddressListener {
    /** The address may be used now. */
    default void onUsable(IpInterface nic, IpAddress address, long nowNs) {}

    /**
     * Another station uses the address, too (RFC 5227).
     *
     * @param mac the other station
     * @param lost true when the address was given up, or never taken
     */
    default void onConflict(IpInterface nic, IpAddress address, long mac, boolean lost, long nowNs) {}
}
