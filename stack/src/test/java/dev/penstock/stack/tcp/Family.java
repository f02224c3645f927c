package dev.penstock.stack.tcp;

import dev.penstock.stack.wire.IpAddress;

/**
 * The addresses of the tests of TCP alone: of IPv4, or with {@code -Dpenstock.family=6} of IPv6, so that all of them can be
 * run with both. IPv6's longer header is made up for by a larger MTU, so that the MSS is 1460 with either. Tests about sizes
 * that only IPv4 has carry the tag {@code ipv4-sizes}:
 *
 * <pre>mvn -pl stack -Dtest='dev.penstock.stack.tcp.*Test' -Dpenstock.family=6 -DexcludedGroups=ipv4-sizes test</pre>
 */
@SuppressWarnings("ImmutableEnumChecker") // an IpAddress is two longs
enum Family {
    V4("192.0.2.1", "192.0.2.2", "198.51.100.7", 1500),
    V6("2001:db8::1", "2001:db8::2", "2001:db8:ffff::7", 1520);

    static final Family OF_THIS_RUN = "6".equals(System.getProperty("penstock.family")) ? V6 : V4;

    final IpAddress one;
    final IpAddress other;
    final IpAddress far;
    final int mtu;

    Family(String one, String other, String far, int mtu) {
        this.one = IpAddress.parse(one);
        this.other = IpAddress.parse(other);
        this.far = IpAddress.parse(far);
        this.mtu = mtu;
    }
}
