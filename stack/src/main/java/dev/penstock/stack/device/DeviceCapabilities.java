package dev.penstock.stack.device;

/**
 * What a device can do for the stack.
 *
 * @param mtu the largest IP packet it carries, bytes, 68 .. 65,535
 * @param txChecksum it completes transport checksums ({@code TxOffload.checksumNeeded})
 * @param tso4 it cuts TCP over IPv4 super-segments
 * @param tso6 it cuts TCP over IPv6 super-segments
 * @param uso it cuts UDP super-datagrams
 * @param gsoMaxLength the largest IP packet that may be offered for cutting, bytes; the MTU when it cannot cut
 */
public record DeviceCapabilities(
        int mtu, boolean txChecksum, boolean tso4, boolean tso6, boolean uso, int gsoMaxLength) {

    /** Checks the ranges. */
    public DeviceCapabilities {
        if (mtu < 68 || mtu > 65_535) {
            throw new IllegalArgumentException("an MTU must be in 68 .. 65535: " + mtu);
        }
        if (gsoMaxLength < mtu || gsoMaxLength > 65_535) {
            throw new IllegalArgumentException("gsoMaxLength must be in mtu .. 65535: " + gsoMaxLength);
        }
    }

    /** A device that takes finished packets only. */
    public static DeviceCapabilities plain(int mtu) {
        return new DeviceCapabilities(mtu, false, false, false, false, mtu);
    }

    /** A device that completes checksums and cuts TCP super-segments of both families. */
    public static DeviceCapabilities offloading(int mtu) {
        return new DeviceCapabilities(mtu, true, true, true, false, 65_535);
    }
}
