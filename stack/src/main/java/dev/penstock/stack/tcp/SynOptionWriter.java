package dev.penstock.stack.tcp;

import dev.penstock.stack.wire.Wire;
import org.agrona.concurrent.UnsafeBuffer;

/** The options of a SYN or SYN-ACK, in the order that {@link TcpSynOptions} says. */
final class SynOptionWriter {
    private static final int EOL = 0;
    private static final int NOP = 1;
    /** Kind 2, length 4. */
    private static final int MSS_HEAD = 0x02040000;
    /** Kind 3, length 3. */
    private static final int WINDOW_SCALE_HEAD = 0x0303;
    /** Kind 4, length 2 (RFC 2018, section 2). */
    private static final int SACK_PERMITTED = 0x0402;
    /** Kind 8, length 10 (RFC 7323, appendix A). */
    private static final int TIMESTAMP_HEAD = 0x080a;

    private final TcpSynOptions order;

    SynOptionWriter(TcpSynOptions order) {
        this.order = order;
    }

    /** Bytes of options, a multiple of 4. */
    int length(boolean timestamps, boolean sack, boolean scale) {
        if (order == TcpSynOptions.BSD) {
            int n = 4 + (scale ? 4 : 0) + (sack ? 2 : 0);
            n = timestamps ? alignedToTwoOfFour(n) + 10 : n;
            return n + 3 & ~3;
        }
        return 4 + (timestamps ? SegmentWriter.TIMESTAMP_BYTES : sack ? 4 : 0) + (scale ? 4 : 0);
    }

    private static int alignedToTwoOfFour(int n) {
        return n + (2 - n & 3);
    }

    /**
     * Writes as many bytes as {@link #length} says.
     *
     * @param scale the window scale, or negative for none
     */
    void put(UnsafeBuffer b, int offset, int mss, boolean timestamps, int tsVal, int tsEcr, boolean sack, int scale) {
        Wire.u32(b, offset, MSS_HEAD | mss);
        int at = offset + 4;
        if (order == TcpSynOptions.BSD) {
            putBsd(b, offset, at, timestamps, tsVal, tsEcr, sack, scale);
            return;
        }
        if (timestamps || sack) {
            // SACK-permitted in the place of the two NOPs that align the timestamps; without those, behind two NOPs.
            int first = sack && timestamps ? SACK_PERMITTED : NOP << 8 | NOP;
            Wire.u16(b, at, first);
            at += 2;
            if (timestamps) {
                at = putTimestamps(b, at, tsVal, tsEcr);
            } else {
                Wire.u16(b, at, SACK_PERMITTED);
                at += 2;
            }
        }
        if (scale >= 0) {
            putScale(b, at, scale);
        }
    }

    private static void putBsd(
            UnsafeBuffer b, int start, int offset, boolean timestamps, int tsVal, int tsEcr, boolean sack, int scale) {
        int at = offset;
        if (scale >= 0) {
            at = putScale(b, at, scale);
        }
        if (sack) {
            Wire.u16(b, at, SACK_PERMITTED);
            at += 2;
        }
        if (timestamps) {
            while ((at - start & 3) != 2) {
                Wire.u8(b, at++, NOP);
            }
            at = putTimestamps(b, at, tsVal, tsEcr);
        }
        while ((at - start & 3) != 0) {
            Wire.u8(b, at++, EOL);
        }
    }

    private static int putScale(UnsafeBuffer b, int at, int scale) {
        Wire.u8(b, at, NOP);
        Wire.u16(b, at + 1, WINDOW_SCALE_HEAD);
        Wire.u8(b, at + 3, scale);
        return at + 4;
    }

    private static int putTimestamps(UnsafeBuffer b, int at, int tsVal, int tsEcr) {
        Wire.u16(b, at, TIMESTAMP_HEAD);
        Wire.u32(b, at + 2, tsVal);
        Wire.u32(b, at + 6, tsEcr);
        return at + 10;
    }
}
