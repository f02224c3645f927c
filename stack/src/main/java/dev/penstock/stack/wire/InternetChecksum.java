package dev.penstock.stack.wire;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;

/**
 * The Internet checksum (RFC 1071): the ones' complement of the ones' complement sum of 16-bit words.
 *
 * <p>Partial sums are folded to 16 bits, in network order, and not complemented; {@link #add} and {@link #concat} join
 * them, {@link #finish} makes the value for a header field.
 */
public final class InternetChecksum {
    private static final boolean SWAP = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private InternetChecksum() {}

    /** The partial sum of {@code length} bytes; an odd last byte counts as if a zero byte followed. */
    public static int sum(DirectBuffer buffer, int offset, int length) {
        // Words are added in the machine's own order, 32 bits at a time: RFC 1071, section 2(B), "Byte Order
        // Independence": "The sum of 16-bit integers can be computed in either byte order."
        long acc = 0;
        int i = offset;
        int end8 = offset + (length & ~7);
        for (; i < end8; i += 8) {
            long w = buffer.getLong(i);
            acc += (w & 0xffffffffL) + (w >>> 32);
        }
        if ((length & 4) != 0) {
            acc += buffer.getInt(i) & 0xffffffffL;
            i += 4;
        }
        if ((length & 2) != 0) {
            acc += buffer.getShort(i) & 0xffff;
            i += 2;
        }
        if ((length & 1) != 0) {
            int b = buffer.getByte(i) & 0xff;
            acc += SWAP ? b : b << 8;
        }
        int folded = fold(acc);
        return SWAP ? swap(folded) : folded;
    }

    /** The sum of two partial sums of blocks that both begin at an even offset of the message. */
    public static int add(int a, int b) {
        int s = a + b;
        return (s & 0xffff) + (s >>> 16);
    }

    /** The sum of a message of {@code lengthA} bytes with sum {@code a}, followed by one with sum {@code b}. */
    public static int concat(int a, int lengthA, int b) {
        return add(a, (lengthA & 1) == 0 ? b : swap(b));
    }

    /** The value for a checksum field: the complement. */
    public static int finish(int sum) {
        return ~sum & 0xffff;
    }

    /** True when the sum over a message that holds its own checksum says that it arrived as it was sent. */
    public static boolean isValid(int sum) {
        return sum == 0xffff;
    }

    /**
     * The checksum field after one 16-bit word of the message changed: HC' = ~(~HC + ~m + m') (RFC 1624, equation 3).
     */
    public static int update(int checksum, int oldWord, int newWord) {
        int s = (~checksum & 0xffff) + (~oldWord & 0xffff) + newWord;
        s = (s & 0xffff) + (s >>> 16);
        return finish((s & 0xffff) + (s >>> 16));
    }

    /**
     * The partial sum of the pseudo-header of TCP and UDP: RFC 9293, section 3.1, over IPv4, and RFC 8200, section 8.1,
     * over IPv6, whichever family the addresses are of.
     *
     * @param length transport header and payload, bytes
     */
    public static int pseudoHeader(long srcHi, long srcLo, long dstHi, long dstLo, int protocol, int length) {
        long acc = (long) protocol + (length & 0xffff) + (length >>> 16);
        if (IpAddress.isV4(srcHi, srcLo)) {
            acc += (srcLo & 0xffff) + ((srcLo >>> 16) & 0xffff) + (dstLo & 0xffff) + ((dstLo >>> 16) & 0xffff);
        } else {
            acc += words(srcHi) + words(srcLo) + words(dstHi) + words(dstLo);
        }
        return fold(acc);
    }

    private static long words(long w) {
        return (w & 0xffffffffL) + (w >>> 32);
    }

    private static int fold(long acc) {
        long s = (acc & 0xffffffffL) + (acc >>> 32);
        s = (s & 0xffff) + (s >>> 16);
        s = (s & 0xffff) + (s >>> 16);
        return (int) ((s & 0xffff) + (s >>> 16));
    }

    private static int swap(int s) {
        return ((s & 0xff) << 8) | (s >>> 8);
    }
}
