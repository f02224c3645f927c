package dev.penstock.conformance.fuzz;

import java.util.Arrays;

/**
 * A fuzzer's bytes, read from the front as choices; beyond their end everything is 0. Each choice takes its own bytes, so that a
 * change of one byte changes one choice, which is what coverage-guided mutation lives on.
 */
public final class FuzzInput {
    private final byte[] bytes;
    private int at;

    public FuzzInput(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Nothing is left. */
    public boolean isEmpty() {
        return at >= bytes.length;
    }

    /** How many bytes are left. */
    public int remaining() {
        return bytes.length - at;
    }

    /** 0 .. 255. */
    public int u8() {
        return at < bytes.length ? bytes[at++] & 0xff : 0;
    }

    /** 0 .. 65,535, two bytes. */
    public int u16() {
        return u8() << 8 | u8();
    }

    /** Any int, four bytes. */
    public int i32() {
        return u16() << 16 | u16();
    }

    /** 0 .. {@code n - 1}: one byte if {@code n} is at most 256, else two. */
    public int below(int n) {
        return (n <= 256 ? u8() : u16()) % n;
    }

    /** One bit, one byte. */
    public boolean flag() {
        return (u8() & 1) != 0;
    }

    /** The next {@code most} bytes, or what there is. */
    public byte[] bytes(int most) {
        int n = Math.min(most, remaining());
        byte[] taken = Arrays.copyOfRange(bytes, at, at + n);
        at += n;
        return taken;
    }

    /** All that is left. */
    public byte[] rest() {
        return bytes(remaining());
    }

    /**
     * A distance: mostly a few bytes or segments either way, at times up to the half of the sequence space, where errors of
     * wrapping live. One, three or five bytes.
     */
    public int distance() {
        int kind = u8();
        if (kind < 0x80) {
            return kind - 0x40;
        }
        if (kind < 0xc0) {
            return (kind - 0xa0) * 536;
        }
        return kind < 0xf0 ? (short) u16() : i32();
    }

    /** A time, nanoseconds: 1 us .. 20 minutes, one byte, in steps of about 8.5 per cent. */
    public long time() {
        return (long) (1_000 * Math.exp(u8() * 0.0821));
    }
}
