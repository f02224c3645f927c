package dev.penstock.stack.udp;

/**
 * The limits of a {@link UdpLayer}.
 *
 * @param maxEndpoints the most endpoints
 * @param firstEphemeralPort the lowest port given to those who ask for none in particular
 * @param lastEphemeralPort the highest
 * @param defaultTtl of the datagrams, unless an endpoint sets another or routers say another hop limit (RFC 4861, section 6.3.4)
 */
public record UdpConfig(int maxEndpoints, int firstEphemeralPort, int lastEphemeralPort, int defaultTtl) {

    /** Checks the ranges. */
    public UdpConfig {
        if (maxEndpoints < 1 || defaultTtl < 1 || defaultTtl > 255) {
            throw new IllegalArgumentException("maxEndpoints " + maxEndpoints + ", defaultTtl " + defaultTtl);
        }
        if (firstEphemeralPort < 1 || lastEphemeralPort > 65_535 || firstEphemeralPort > lastEphemeralPort) {
            throw new IllegalArgumentException("no port range: " + firstEphemeralPort + " .. " + lastEphemeralPort);
        }
    }

    /** 16,384 endpoints; the dynamic ports of RFC 6335, section 6. */
    public static UdpConfig defaults() {
        return new UdpConfig(16_384, 49_152, 65_535, 64);
    }
}
