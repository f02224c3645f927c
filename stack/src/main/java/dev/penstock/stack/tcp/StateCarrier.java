package dev.penstock.stack.tcp;

import java.util.Arrays;

/**
 * Folds what a connection knows into bytes, as few as it takes, and unfolds it again. Each part names what it has to carry
 * once, in one method for both directions:
 *
 * <pre>
 * void carry(StateCarrier s) {
 *     srttNs = s.number(srttNs);
 *     established = s.flag(established);
 * }
 * </pre>
 *
 * <p>Folding, each call notes the value and answers it; unfolding, it answers what was noted. What is as in one that knows nothing
 * ({@link #learn}) takes a bit, small numbers a byte more, times and sequence numbers what they differ from others. One a
 * stack; allocates only to grow.
 */
final class StateCarrier {
    /** A number and the byte of flags before it take no more. */
    private static final int MOST_OF_ONE = 16;

    private static final int VARINT_BITS = 7;
    private static final int VARINT_MORE = 0x80;
    /** Codes of {@link #time} below this stand for values that are no moments. */
    private static final int TIME_CODES = 4;

    private byte[] bytes = new byte[1024];
    private int at;
    private boolean unfolding;
    private boolean learning;
    /** The codes of what is carried, in the order of the calls, in one that knows nothing. */
    private long[] usual = new long[512];

    private int call;
    /** And the flags among them. */
    private boolean[] usualFlags = new boolean[128];

    private int flagCall;
    /** Unfolding what one knows that knows nothing, from what was learned. */
    private boolean blank;

    private long lastTime;
    /** Where the byte of the last flags is, and its next bit. */
    private int flagsAt;

    private int flagBit;

    /** What is carried next is what one knows that knows nothing: to be folded anew after that. */
    void learn() {
        begin(false);
        learning = true;
    }

    void fold() {
        begin(false);
    }

    /** What is carried next gets what one knows that knows nothing. */
    void clear() {
        begin(true);
        blank = true;
    }

    void unfold(byte[] from) {
        begin(true);
        System.arraycopy(from, 0, bytes, 0, from.length);
    }

    private void begin(boolean unfold) {
        unfolding = unfold;
        learning = false;
        at = 0;
        call = 0;
        flagCall = 0;
        blank = false;
        lastTime = 0;
        flagBit = 0;
    }

    /** What was folded, in {@code reuse} if that is of a fitting size. */
    byte[] folded(byte[] reuse) {
        boolean fits = reuse != null && reuse.length >= at && reuse.length - at <= 64;
        byte[] into = fits ? reuse : new byte[(at + 7) & ~7];
        System.arraycopy(bytes, 0, into, 0, at);
        return into;
    }

    boolean isUnfolding() {
        return unfolding;
    }

    boolean flag(boolean value) {
        if (blank) {
            return usualFlags[flagCall++];
        }
        if (learning) {
            if (flagCall == usualFlags.length) {
                usualFlags = Arrays.copyOf(usualFlags, 2 * flagCall);
            }
            usualFlags[flagCall++] = value;
        }
        return bit(value);
    }

    private boolean bit(boolean value) {
        if (flagBit == 0) {
            flagBit = 1;
            flagsAt = at++;
            if (!unfolding) {
                makeRoom();
                bytes[flagsAt] = 0;
            }
        }
        int bit = flagBit;
        flagBit = bit == 1 << 7 ? 0 : bit << 1;
        if (unfolding) {
            return (bytes[flagsAt] & bit) != 0;
        }
        if (value) {
            bytes[flagsAt] |= (byte) bit;
        }
        return value;
    }

    int number(int value) {
        return (int) number((long) value);
    }

    /** The extremes, which often stand for none, take a byte, too: the codes of the others begin behind theirs. */
    long number(long value) {
        return unfolding ? unzigzag(get() - 2) : put(zigzag(value) + 2, value);
    }

    /** A moment, or one of the values that stand for none: 0, -1, and the least and the greatest. */
    long time(long value) {
        return unfolding ? timeOf(get()) : put(timeCode(value), value);
    }

    private long timeCode(long value) {
        if (value == 0) {
            return 0;
        } else if (value == -1) {
            return 1;
        } else if (value == Long.MIN_VALUE) {
            return 2;
        } else if (value == Long.MAX_VALUE) {
            return 3;
        }
        long code = zigzag(value - lastTime) + TIME_CODES;
        lastTime = value;
        return code;
    }

    private long timeOf(long code) {
        if (code >= 0 && code < TIME_CODES) {
            return code == 0 ? 0 : code == 1 ? -1 : code == 2 ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
        lastTime += unzigzag(code - TIME_CODES);
        return lastTime;
    }

    /** A sequence number that is not far from {@code reference}, which was carried before, unless it is 0, for none. */
    int sequence(int value, int reference) {
        if (unfolding) {
            long code = get();
            return code == 0 ? 0 : reference + (int) unzigzag(code - 1);
        }
        return (int) put(value == 0 ? 0 : zigzag(value - reference) + 1, value);
    }

    /** A whole number of bytes, most of the time. */
    double real(double value) {
        if (unfolding) {
            long code = get();
            return (code & 1) == 0 ? (double) unzigzag(code >>> 1) : Double.longBitsToDouble(read());
        }
        long whole = (long) value;
        boolean isWhole = whole == value && Math.abs(whole) < 1L << 52 && (whole != 0 || 1 / value > 0);
        if (isWhole) {
            put(zigzag(whole) << 1, whole);
        } else {
            put(1, 1);
            write(Double.doubleToRawLongBits(value));
        }
        return value;
    }

    /** One of {@code all}, or null. */
    <E extends Enum<E>> E one(E value, E[] all) {
        int i = number(value == null ? -1 : value.ordinal());
        return i < 0 ? null : all[i];
    }

    private static long zigzag(long value) {
        return value << 1 ^ value >> 63;
    }

    private static long unzigzag(long code) {
        return code >>> 1 ^ -(code & 1);
    }

    private long put(long code, long value) {
        int i = call++;
        if (learning) {
            if (i == usual.length) {
                usual = Arrays.copyOf(usual, 2 * i);
            }
            usual[i] = code;
        } else if (bit(i >= usual.length || code != usual[i])) {
            write(code);
        }
        return value;
    }

    private long get() {
        int i = call++;
        return blank || !bit(false) ? usual[i] : read();
    }

    private void write(long code) {
        makeRoom();
        long rest = code;
        while ((rest & -VARINT_MORE) != 0) {
            bytes[at++] = (byte) (rest | VARINT_MORE);
            rest >>>= VARINT_BITS;
        }
        bytes[at++] = (byte) rest;
    }

    private long read() {
        long code = 0;
        int shift = 0;
        byte b;
        do {
            b = bytes[at++];
            code |= (long) (b & VARINT_MORE - 1) << shift;
            shift += VARINT_BITS;
        } while (b < 0);
        return code;
    }

    private void makeRoom() {
        if (bytes.length - at < MOST_OF_ONE) {
            bytes = Arrays.copyOf(bytes, bytes.length * 2);
        }
    }
}
