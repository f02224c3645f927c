package dev.penstock.stack.dhcp;

import dev.penstock.stack.wire.DhcpHeader;
import dev.penstock.stack.wire.Wire;
import java.nio.charset.StandardCharsets;
import org.agrona.MutableDirectBuffer;

/** Writes options behind a header, a long value as several of them (RFC 3396). */
final class OptionWriter {
    private static final int LONGEST = 255;

    private final MutableDirectBuffer buffer;
    private int at;

    /** Begins behind the header at {@code offset}. */
    OptionWriter(MutableDirectBuffer buffer, int offset) {
        this.buffer = buffer;
        this.at = offset + DhcpHeader.LENGTH;
    }

    OptionWriter put(int code, byte[] value) {
        int from = 0;
        do {
            int n = Math.min(LONGEST, value.length - from);
            Wire.u8(buffer, at, code);
            Wire.u8(buffer, at + 1, n);
            buffer.putBytes(at + 2, value, from, n);
            at += 2 + n;
            from += n;
        } while (from < value.length);
        return this;
    }

    OptionWriter put8(int code, int value) {
        return put(code, new byte[] {(byte) value});
    }

    OptionWriter put16(int code, int value) {
        return put(code, new byte[] {(byte) (value >>> 8), (byte) value});
    }

    OptionWriter put32(int code, int value) {
        return put(code, new byte[] {(byte) (value >>> 24), (byte) (value >>> 16), (byte) (value >>> 8), (byte) value});
    }

    OptionWriter put(int code, String text) {
        return put(code, text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Writes the end, and pads to the least length of a message. Returns where it ends. */
    int end(int messageOffset) {
        Wire.u8(buffer, at++, DhcpOption.END);
        while (at - messageOffset < DhcpHeader.MIN_MESSAGE) {
            Wire.u8(buffer, at++, DhcpOption.PAD);
        }
        return at;
    }
}
