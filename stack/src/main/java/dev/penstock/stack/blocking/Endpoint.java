package dev.penstock.stack.blocking;

import dev.penstock.stack.wire.IpAddress;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * An address and a port. Immutable.
 *
 * @param address an IPv4 or IPv6 address
 * @param zone the name of the interface by which the address is reached, or its number counted from 1: link-local addresses mean
 *     nothing without it where there are several interfaces (RFC 4007), and a socket is bound to that interface whatever its
 *     address is (SO_BINDTODEVICE). Empty for none
 * @param port 0 .. 65535; 0 where a free one is to be chosen
 */
public record Endpoint(IpAddress address, String zone, int port) {

    /** Checks the port. */
    public Endpoint {
        if (address == null) {
            throw new NullPointerException("address");
        }
        if (!zone.matches("[^\\s%/:\\[\\]]{0,15}")) {
            throw new IllegalArgumentException("not the name of an interface: '" + zone + "'");
        }
        checkPort(port);
    }

    /** Without a zone. */
    public Endpoint(IpAddress address, int port) {
        this(address, "", port);
    }

    /** Refuses what is not in 0 .. 65535. */
    static int checkPort(int port) {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port out of range:" + port);
        }
        return port;
    }

    /** From text: a literal address, no name; with its zone, if it has one, as RFC 4007, section 11 has it: {@code fe80::1%eth1}. */
    public static Endpoint of(String address, int port) {
        int percent = address.indexOf('%');
        if (percent < 0) {
            return new Endpoint(IpAddress.parse(address), port);
        }
        String zone = address.substring(percent + 1);
        if (zone.isEmpty()) {
            throw new IllegalArgumentException("the interface is missing behind the % of '" + address + "'");
        }
        return new Endpoint(IpAddress.parse(address.substring(0, percent)), zone, port);
    }

    /** From the JDK's form, which must be resolved. */
    public static Endpoint of(InetSocketAddress address) {
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("unresolved address: " + address);
        }
        boolean scoped = address.getAddress() instanceof Inet6Address v6 && v6.getScopeId() > 0;
        String zone = scoped ? Integer.toString(((Inet6Address) address.getAddress()).getScopeId()) : "";
        return new Endpoint(of(address.getAddress()), zone, address.getPort());
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

    /** {@code 192.0.2.1:80}, {@code [2001:db8::1]:80}, {@code [fe80::1%eth1]:80}. */
    @Override
    public String toString() {
        String text = zone.isEmpty() ? address.toString() : address + "%" + zone;
        return address.isV4() ? text + ":" + port : "[" + text + "]:" + port;
    }
}
