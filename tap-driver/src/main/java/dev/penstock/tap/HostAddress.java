package dev.penstock.tap;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** An address with its prefix length, from CIDR notation (RFC 4632, RFC 4291 section 2.3). Immutable. */
final class HostAddress {
    private static final String EXAMPLE = ": write ADDRESS/LENGTH, for example 10.0.0.1/24 or fd00::1/64";

    private final byte[] address;
    private final int prefixLength;

    private HostAddress(byte[] address, int prefixLength) {
        this.address = address;
        this.prefixLength = prefixLength;
    }

    /** 4 or 16 bytes in network byte order; not to be changed. */
    byte[] address() {
        return address;
    }

    /** 0 .. 32 or 0 .. 128. */
    int prefixLength() {
        return prefixLength;
    }

    boolean isV6() {
        return address.length == 16;
    }

    /** Never asks a name server: what is not a literal is refused. */
    static HostAddress parse(String cidr) throws TapException {
        int slash = cidr.indexOf('/');
        if (slash < 0) {
            throw new TapException("bad address '" + cidr + "', it has no prefix length" + EXAMPLE);
        }
        String literal = cidr.substring(0, slash);
        byte[] address = literal.indexOf(':') >= 0 ? parseV6(literal) : parseV4(literal);
        if (address == null) {
            throw new TapException("bad address '" + cidr + "'" + EXAMPLE);
        }
        int prefix = parseDecimal(cidr.substring(slash + 1), address.length * 8);
        if (prefix < 0) {
            throw new TapException("bad prefix length in '" + cidr + "', it must be in 0 .. " + address.length * 8);
        }
        return new HostAddress(address, prefix);
    }

    private static byte[] parseV4(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return null;
        }
        byte[] address = new byte[4];
        for (int i = 0; i < 4; i++) {
            int value = parseDecimal(parts[i], 255);
            if (value < 0) {
                return null;
            }
            address[i] = (byte) value;
        }
        return address;
    }

    private static byte[] parseV6(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean hex = c <= 'f' && Character.digit(c, 16) >= 0;
            if (!hex && c != ':' && c != '.') {
                return null;
            }
        }
        try {
            byte[] address = InetAddress.getByName(text).getAddress();
            return address.length == 16 ? address : null;
        } catch (UnknownHostException e) {
            return null;
        }
    }

    /** The value of one to three decimal digits up to {@code max}, or -1. */
    private static int parseDecimal(String text, int max) {
        if (text.isEmpty() || text.length() > 3) {
            return -1;
        }
        int value = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            value = value * 10 + c - '0';
        }
        return value <= max ? value : -1;
    }

    /** The directed broadcast address of an IPv4 prefix, or null where there is none: /31 (RFC 3021), /32 and IPv6. */
    byte[] broadcast() {
        if (isV6() || prefixLength > 30) {
            return null;
        }
        byte[] out = address.clone();
        for (int bit = prefixLength; bit < 32; bit++) {
            out[bit / 8] |= (byte) (0x80 >> bit % 8);
        }
        return out;
    }
}
