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

    /** The address is not to be used for new connections (RFC 4862, section 5.5.4); after {@link #onPreferred} it is. */
    default void onDeprecated(IpInterface nic, IpAddress address, long nowNs) {}

    /** A deprecated address may be used for new connections again. */
    default void onPreferred(IpInterface nic, IpAddress address, long nowNs) {}

    /** The address is ours no longer: given back, expired, or lost to another station. */
    default void onRemoved(IpInterface nic, IpAddress address, Origin origin, long nowNs) {}

    /**
     * The stack cannot make itself an address of a network: whatever it tries, another station claims to have it (RFC
     * 7217, section 6), or there is no room for it. It tries again later.
     */
    default void onAutoconfigurationFailed(IpInterface nic, IpAddress network, long nowNs) {}
}
