package dev.penstock.stack.ip;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.SipHash;

/**
 * Identifications for packets that may be fragmented: unique for as long as possible for each source, destination and
 * protocol, as RFC 6864, section 4.3 asks, and not to be guessed from those sent elsewhere (RFC 7739, section 5.3):
 * a keyed hash of the three, plus one of many counters that the hash chooses.
 */
final class IpIdentifiers {
    private static final int COUNTERS = 2048;

    private final SipHash hash;
    private final short[] counters = new short[COUNTERS];
    private final int[] countersV6 = new int[COUNTERS];

    IpIdentifiers(RandomSource random) {
        this.hash = SipHash.keyedFrom(random);
        for (int i = 0; i < COUNTERS; i++) {
            counters[i] = (short) random.nextInt();
        }
    }

    /** The first of {@code count} consecutive identifications. */
    int next(long srcLo, long dstLo, int protocol, int count) {
        long h = hash.hash((srcLo << 32) | protocol, dstLo);
        int i = (int) (h >>> 48) & (COUNTERS - 1);
        int id = (int) h + counters[i];
        counters[i] = (short) (counters[i] + count);
        return id & 0xffff;
    }

    /**
     * An identification of 32 bits for the fragments of an IPv6 packet. RFC 7739, section 5.3: a counter that a keyed hash
     * of the addresses chooses, plus that hash.
     */
    int nextV6(long srcHi, long srcLo, long dstHi, long dstLo) {
        long h = hash.hash(srcHi, srcLo, dstHi, dstLo, 6);
        return (int) h + countersV6[(int) (h >>> 48) & (COUNTERS - 1)]++;
    }
}
