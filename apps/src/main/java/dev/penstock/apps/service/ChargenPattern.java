package dev.penstock.apps.service;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * The pattern that RFC 864 calls popular: lines of 72 printing characters and CRLF, each line one character further on
 * than the last, in a ring of the 95 printing characters; it repeats after 95 lines.
 */
final class ChargenPattern {
    private static final int RING = 95;
    private static final int COLUMNS = 72;

    /** Bytes of one whole round. */
    static final int LENGTH = RING * (COLUMNS + 2);

    private static final byte[] ARRAY = make();
    /** One whole round; never written to. */
    static final UnsafeBuffer BYTES = new UnsafeBuffer(ARRAY);

    private ChargenPattern() {}

    private static byte[] make() {
        byte[] out = new byte[LENGTH];
        int n = 0;
        for (int line = 0; line < RING; line++) {
            for (int column = 0; column < COLUMNS; column++) {
                out[n++] = (byte) (' ' + (line + column) % RING);
            }
            out[n++] = '\r';
            out[n++] = '\n';
        }
        return out;
    }
}
