package dev.penstock.stack.ip;

/** Sees each ICMP and ICMPv6 error about a packet of ours, whoever sent that: for a traceroute by TCP. Shard thread. */
@FunctionalInterface
public interface IcmpMonitor {
    /**
     * An error came. Only its form was verified; it may be forged.
     *
     * @param protocol of the packet that it is about, one of {@code IpProtocol}
     * @param error reused, valid during the call
     */
    void onIcmpError(int protocol, IcmpError error, long nowNs);
}
