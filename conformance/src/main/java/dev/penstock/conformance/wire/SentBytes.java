package dev.penstock.conformance.wire;

import java.util.Arrays;

/** The bytes that a sender has sent, by position: what is sent again must be the same. */
final class SentBytes {
    /** What lies beyond is not remembered. */
    private static final int MOST = 1 << 23;

    private byte[] bytes = new byte[1024];
    private final Ranges known = new Ranges();

    /** Compares what {@code s} carries at {@code position} with what was there before, and remembers the rest. */
    boolean isSame(SegmentView s, long position) {
        if (s.length == 0 || position < 0 || position + s.length > MOST) {
            return true;
        }
        int from = (int) position;
        if (from + s.length > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(from + s.length, bytes.length * 2));
        }
        boolean same = true;
        for (int i = 0; i < s.length; i++) {
            byte b = s.bytes.getByte(s.payload + i);
            if (known.contains(from + i)) {
                same &= bytes[from + i] == b;
            }
            bytes[from + i] = b;
        }
        known.add(from, from + s.length);
        return same;
    }
}
