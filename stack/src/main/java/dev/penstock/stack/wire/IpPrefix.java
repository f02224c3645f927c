package dev.penstock.stack.wire;

/**
 * An address with the length of its network's prefix, as {@code 192.0.2.7/24}: what an interface is configured with, or
 * (with the host bits zero) a route's destination. Immutable.
 *
 * @param address the address, host bits included
 * @param length significant bits: 0 .. 32 for IPv4, 0 .. 128 for IPv6
 */
public record IpPrefix(IpAddress address, int length) {

    /** Checks the length against the family. */
    public IpPrefix {
        int max = address.isV4() ? 32 : 128;
        if (length < 0 || length > max) {
            throw new IllegalArgumentException("a prefix length must be in 0 .. " + max + ": " + length);
        }
    }

    /**
     * Reads {@code address/length}.
     *
     * @throws IllegalArgumentException naming the text when it is not one
     */
    public static IpPrefix parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !text.substring(slash + 1).matches("[0-9]{1,3}")) {
            throw new IllegalArgumentException("not an address with a prefix: '" + text + "' (write 192.0.2.2/24)");
        }
        IpAddress address = IpAddress.parse(text.substring(0, slash));
        int length = Integer.parseInt(text.substring(slash + 1));
        if (length > (address.isV4() ? 32 : 128)) {
            throw new IllegalArgumentException("the prefix of '" + text + "' is longer than the address");
        }
        return new IpPrefix(address, length);
    }

    private int bits() {
        return address.isV4() ? length + 96 : length;
    }

    private static long maskHi(int bits) {
        return bits == 0 ? 0 : bits >= 64 ? -1 : -1L << (64 - bits);
    }

    private static long maskLo(int bits) {
        return bits <= 64 ? 0 : bits == 128 ? -1 : -1L << (128 - bits);
    }

    /** True when the address is inside the prefix; never across families: {@code ::/0} holds no IPv4 address. */
    public boolean contains(long hi, long lo) {
        int bits = bits();
        if (bits < 96 && IpAddress.isV4(hi, lo)) {
            return false;
        }
        return ((hi ^ address.hi()) & maskHi(bits)) == 0 && ((lo ^ address.lo()) & maskLo(bits)) == 0;
    }

    /** The same prefix with all host bits zero. */
    public IpPrefix network() {
        int bits = bits();
        return new IpPrefix(new IpAddress(address.hi() & maskHi(bits), address.lo() & maskLo(bits)), length);
    }

    /**
     * The directed broadcast address of an IPv4 network, the second long of it; 0 where there is none: IPv6, /31 (RFC
     * 3021) and /32.
     */
    public long broadcastLo() {
        return address.isV4() && length < 31 ? address.lo() | (0xffff_ffffL >>> length) : 0;
    }

    @Override
    public String toString() {
        return address + "/" + length;
    }
}
