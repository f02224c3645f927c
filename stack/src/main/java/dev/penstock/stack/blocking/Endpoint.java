package dev.penstock.stack.blocking;

import dev.penstock.stack.wire.IpAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * An address and a port. Immutable.
 *
 * @param address an IPv4 or IPv6 address
 * @param port 0 .. 65535; 0 where a free one is to be chosen
 */
public record Endpoint(IpAddress address, int port) {

    /** Checks the port. */
    public Endpoint {
        if (address == null) {
            throw new NullPointerException("address");
        }
        checkPort(port);
    }

    /** Refuses what is not in 0 .. 65535. */
    static int checkPort(int port) {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port out of range:" + port);
        }
        return port;
    }

    /** From text: a literal address, no name. */
    public static Endpoint of(String address, int port) {
        return new Endpoint(IpAddress.parse(address), port);
    }

    /** From the JDK's form, which must be resolved. */
    public static Endpoint of(InetSocketAddress address) {
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("unresolved address: " + address);
        }
        return new Endpoint(of(address.getAddress()), address.getPort());
    }

    static IpAddress of(InetAddress address) {
        byte[] b = address.getAddress();
        long hi = 0;
        long lo = b.length == 4 ? 0xffff : 0;
        for (int i = 0; i < b.length; i++) {
            if (b.length == 16 && i < 8) {
                hi = hi << 8 | (b[i] & 0xff);
            } else {
                lo = lo << 8 | (b[i] & 0xff);
            }
        }
        return new IpAddress(hi, lo);
    }

    /** The JDK's form; nothing is looked up. */
    public InetSocketAddress toInetSocketAddress() {
        return new InetSocketAddress(toInetAddress(address), port);
    }

    static InetAddress toInetAddress(IpAddress address) {
        byte[] b = new byte[address.isV4() ? 4 : 16];
        for (int i = 0; i < b.length; i++) {
            int fromEnd = b.length - 1 - i;
            b[i] = (byte) ((fromEnd < 8 ? address.lo() : address.hi()) >>> (8 * (fromEnd & 7)));
        }
        try {
            return InetAddress.getByAddress(b);
        } catch (UnknownHostException e) {
            throw new AssertionError("4 and 16 bytes are addresses", e);
        }
    }

    /** {@code 192.0.2.1:80}, {@code [2001:db8::1]:80}. */
    @Override
    public String toString() {
        return address.isV4() ? address + ":" + port : "[" + address + "]:" + port;
    }
}
