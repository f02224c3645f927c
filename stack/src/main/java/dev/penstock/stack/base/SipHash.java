package dev.penstock.stack.base;

/**
 * SipHash-2-4 over 64-bit words (Aumasson and Bernstein, 2012): the keyed hash behind initial sequence numbers
 * (RFC 6528), ephemeral ports (RFC 6056), IP identifications and table look-ups. Not thread-safe: it keeps its working
 * state in fields, so that hashing allocates nothing. One per shard.
 */
public final class SipHash {
    private final long k0;
    private final long k1;
    private long v0;
    private long v1;
    private long v2;
    private long v3;

    public SipHash(long k0, long k1) {
        this.k0 = k0;
        this.k1 = k1;
    }

    /** A hash with a key drawn from {@code random}. */
    public static SipHash keyedFrom(RandomSource random) {
        return new SipHash(random.nextLong(), random.nextLong());
    }

    /** The hash of the 16-byte message that the two words make in little-endian order. */
    public long hash(long a, long b) {
        begin();
        absorb(a);
        absorb(b);
        return finish(16);
    }

    /** The hash of the 40-byte message that the five words make in little-endian order. */
    public long hash(long a, long b, long c, long d, long e) {
        begin();
        absorb(a);
        absorb(b);
        absorb(c);
        absorb(d);
        absorb(e);
        return finish(40);
    }

    private void begin() {
        v0 = k0 ^ 0x736f6d6570736575L;
        v1 = k1 ^ 0x646f72616e646f6dL;
        v2 = k0 ^ 0x6c7967656e657261L;
        v3 = k1 ^ 0x7465646279746573L;
    }

    private void absorb(long word) {
        v3 ^= word;
        round();
        round();
        v0 ^= word;
    }

    private long finish(int messageLength) {
        absorb((long) messageLength << 56);
        v2 ^= 0xff;
        round();
        round();
        round();
        round();
        return v0 ^ v1 ^ v2 ^ v3;
    }

    private void round() {
        v0 += v1;
        v1 = Long.rotateLeft(v1, 13) ^ v0;
        v0 = Long.rotateLeft(v0, 32);
        v2 += v3;
        v3 = Long.rotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = Long.rotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = Long.rotateLeft(v1, 17) ^ v2;
        v2 = Long.rotateLeft(v2, 32);
    }
}
