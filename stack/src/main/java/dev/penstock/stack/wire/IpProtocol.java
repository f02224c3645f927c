package dev.penstock.stack.wire;

/** The protocol numbers of IPv4's Protocol and IPv6's Next Header field that the stack knows. */
public final class IpProtocol {
    public static final int ICMP = 1;
    public static final int IGMP = 2;
    public static final int TCP = 6;
    public static final int UDP = 17;
    public static final int ICMPV6 = 58;

    private IpProtocol() {}
}
