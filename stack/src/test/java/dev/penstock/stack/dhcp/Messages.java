package dev.penstock.stack.dhcp;

import dev.penstock.stack.wire.DhcpHeader;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.MacAddress;
import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;

/** Makes and takes apart DHCP messages, independently of the classes under test. */
final class Messages {
    private Messages() {}

    static int ip(String text) {
        return IpAddress.parse(text).v4Bits();
    }

    static byte[] bytes(int... values) {
        byte[] out = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            out[i] = (byte) values[i];
        }
        return out;
    }

    static byte[] be32(long value) {
        return bytes((int) (value >>> 24), (int) (value >>> 16), (int) (value >>> 8), (int) value);
    }

    static byte[] addresses(String... texts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String text : texts) {
            out.writeBytes(be32(ip(text)));
        }
        return out.toByteArray();
    }

    /** A server's message to be. */
    static final class Reply {
        int op = DhcpHeader.REPLY;
        int xid;
        long chaddr;
        int yiaddr;
        final Map<Integer, byte[]> options = new LinkedHashMap<>();

        Reply(int type, int xid, long chaddr) {
            this.xid = xid;
            this.chaddr = chaddr;
            with(53, type);
        }

        Reply with(int code, int... value) {
            options.put(code, bytes(value));
            return this;
        }

        Reply with(int code, byte[] value) {
            options.put(code, value);
            return this;
        }

        Reply without(int code) {
            options.remove(code);
            return this;
        }

        Reply address(String text) {
            yiaddr = ip(text);
            return this;
        }

        /** What every lease has: 3,600 seconds of a /24 from 192.0.2.1. */
        Reply lease(String address) {
            return address(address)
                    .with(54, be32(ip("192.0.2.1")))
                    .with(51, be32(3600))
                    .with(1, bytes(255, 255, 255, 0));
        }

        byte[] fixed() {
            UnsafeBuffer buffer = new UnsafeBuffer(new byte[DhcpHeader.LENGTH]);
            DhcpHeader.put(buffer, 0, op, xid, 0, false, 0, yiaddr, chaddr);
            return buffer.byteArray();
        }

        byte[] build() {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.writeBytes(fixed());
            options.forEach((code, value) -> {
                int at = 0;
                do {
                    int n = Math.min(255, value.length - at);
                    out.write(code);
                    out.write(n);
                    out.write(value, at, n);
                    at += n;
                } while (at < value.length);
            });
            out.write(255);
            return out.toByteArray();
        }
    }

    /** A client's message, taken apart. */
    record Sent(long atNs, boolean broadcast, int source, int server, byte[] bytes, Map<Integer, byte[]> options) {
        static Sent of(long atNs, boolean broadcast, int source, int server, byte[] bytes) {
            Map<Integer, byte[]> options = new LinkedHashMap<>();
            int at = DhcpHeader.LENGTH;
            while ((bytes[at] & 0xff) != 255) {
                int code = bytes[at] & 0xff;
                int length = bytes[at + 1] & 0xff;
                byte[] value = new byte[length];
                System.arraycopy(bytes, at + 2, value, 0, length);
                if (options.put(code, value) != null) {
                    throw new AssertionError("option " + code + " twice");
                }
                at += 2 + length;
            }
            return new Sent(atNs, broadcast, source, server, bytes, options);
        }

        private UnsafeBuffer buffer() {
            return new UnsafeBuffer(bytes);
        }

        int type() {
            return options.get(53)[0];
        }

        int xid() {
            return DhcpHeader.xid(buffer(), 0);
        }

        int secs() {
            return DhcpHeader.secs(buffer(), 0);
        }

        int ciaddr() {
            return DhcpHeader.ciaddr(buffer(), 0);
        }

        boolean asksForBroadcast() {
            return DhcpHeader.isBroadcast(buffer(), 0);
        }

        long chaddr() {
            return MacAddress.get(buffer(), 28);
        }

        /** Option 50, or 0. */
        int requested() {
            return options.containsKey(50)
                    ? new UnsafeBuffer(options.get(50)).getInt(0, java.nio.ByteOrder.BIG_ENDIAN)
                    : 0;
        }

        /** Option 54, or 0. */
        int serverIdentifier() {
            return options.containsKey(54)
                    ? new UnsafeBuffer(options.get(54)).getInt(0, java.nio.ByteOrder.BIG_ENDIAN)
                    : 0;
        }

        Reply answer(int type) {
            return new Reply(type, xid(), chaddr());
        }
    }
}
