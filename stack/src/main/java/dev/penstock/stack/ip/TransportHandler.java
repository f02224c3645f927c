package dev.penstock.stack.ip;

/** A transport protocol, as IP sees it. Declared here, on the floor below, so that IP knows no transport. */
public interface TransportHandler {
    /** A whole, valid IP packet of this protocol arrived for us. Input never emits: replies wait for the flush. */
    void onPacket(IpPacket packet, long nowNs);

    /** An ICMP error came about a packet of this protocol. */
    void onIcmpError(IcmpError error, long nowNs);

    /** An address of ours is ours no longer: what is bound to it can neither send nor receive. */
    default void onAddressRemoved(long hi, long lo, long nowNs) {}
}
