package dev.penstock.stack.ip;

/** Takes copies of the packets of one protocol, see {@link RawPackets#open}. Shard thread. */
public interface RawHandler {
    /**
     * A packet came, whole and valid as far as IP goes, for an address of ours or a group that is joined here. What the stack does
     * with it, it does nevertheless, afterwards.
     *
     * @param packet valid during the call; its buffer is to be read only, from {@link IpPacket#headerOffset} on with the header
     */
    void onPacket(IpPacket packet, long nowNs);

    /**
     * An ICMP error came about a packet of this protocol: who sent it, type and code, and the quoted packet behind its IP header.
     * It may be forged, and the packet may have been somebody else's.
     *
     * @param error valid during the call
     */
    default void onIcmpError(IcmpError error, long nowNs) {}
}
