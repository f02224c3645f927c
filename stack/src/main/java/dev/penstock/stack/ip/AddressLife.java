package dev.penstock.stack.ip;

/** How an address of ours is taken into use and kept: {@link AddressClaims} for IPv4, {@link DuplicateDetection} for IPv6. */
interface AddressLife {
    /** Begins with a new address. */
    void start(LocalAddress address, long nowNs);

    /** The address is given back: no more timers. */
    void stop(LocalAddress address);

    /** The link has come up again: others are told of the address, or asked about it, anew. It stays in use. */
    void onLinkUp(LocalAddress address, long nowNs);

    void onDeadline(LocalAddress address, long nowNs);
}
