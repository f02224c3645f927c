package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.Host.Endpoint;
import dev.penstock.stack.wire.IpAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;

/** Off-heap memory for arguments of system calls, in the layouts of 64-bit Linux. Numbers are in the machine's byte order. */
final class NativeBytes {
    static final int ADDRESS_LENGTH = 28;
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;

    private static final int MOST = 1 << 28;

    final UnsafeBuffer b;
    final int length;

    NativeBytes(long length) {
        if (length < 0 || length > MOST) {
            throw new IllegalStateException("a buffer of " + length + " bytes is more than 256 MiB");
        }
        this.length = (int) length;
        this.b = new UnsafeBuffer(ByteBuffer.allocateDirect(Math.max(16, this.length)));
    }

    static NativeBytes text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        NativeBytes n = new NativeBytes(bytes.length + 1L);
        n.b.putBytes(0, bytes);
        return n;
    }

    static NativeBytes ofInt(int value) {
        NativeBytes n = new NativeBytes(4);
        n.putInt(0, value);
        return n;
    }

    /** {@code struct sockaddr_in}, or {@code sockaddr_in6} where {@code v6}, an IPv4 address mapped. */
    static NativeBytes address(Endpoint e, boolean v6) {
        NativeBytes n = new NativeBytes(ADDRESS_LENGTH);
        n.b.putShort(0, (short) (v6 ? AF_INET6 : AF_INET));
        n.b.putShort(2, (short) e.port(), ByteOrder.BIG_ENDIAN);
        IpAddress ip = new IpAddress(e.hi(), e.lo());
        if (!v6) {
            n.b.putInt(4, ip.v4Bits(), ByteOrder.BIG_ENDIAN);
        } else if (ip.isV4()) {
            n.b.putShort(18, (short) -1);
            n.b.putInt(20, ip.v4Bits(), ByteOrder.BIG_ENDIAN);
        } else {
            n.b.putLong(8, e.hi(), ByteOrder.BIG_ENDIAN);
            n.b.putLong(16, e.lo(), ByteOrder.BIG_ENDIAN);
        }
        return n;
    }

    /** The address that a call wrote at {@code at}; null if it is none of IP. */
    Endpoint address(int at) {
        int family = b.getShort(at);
        int port = b.getShort(at + 2, ByteOrder.BIG_ENDIAN) & 0xffff;
        if (family == AF_INET) {
            return endpoint(b.getInt(at + 4, ByteOrder.BIG_ENDIAN), port);
        }
        if (family != AF_INET6) {
            return null;
        }
        long hi = b.getLong(at + 8, ByteOrder.BIG_ENDIAN);
        long lo = b.getLong(at + 16, ByteOrder.BIG_ENDIAN);
        return hi == 0 && lo >>> 32 == 0xffff ? endpoint((int) lo, port) : new Endpoint(hi, lo, port);
    }

    private static Endpoint endpoint(int v4, int port) {
        IpAddress ip = IpAddress.ofV4(v4);
        return new Endpoint(ip.hi(), ip.lo(), port);
    }

    long at(int offset) {
        return b.addressOffset() + offset;
    }

    long start() {
        return b.addressOffset();
    }

    NativeBytes putInt(int at, long value) {
        b.putInt(at, (int) value);
        return this;
    }

    NativeBytes putLong(int at, long value) {
        b.putLong(at, value);
        return this;
    }

    int intAt(int at) {
        return b.getInt(at);
    }

    long longAt(int at) {
        return b.getLong(at);
    }

    /** The text up to a NUL, or to the end. */
    String textAt(int at, int most) {
        int end = at;
        while (end < at + most && end < b.capacity() && b.getByte(end) != 0) {
            end++;
        }
        byte[] bytes = new byte[end - at];
        b.getBytes(at, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
