package dev.penstock.stack.base;

/**
 * Where the stack's randomness comes from. The core never draws its own, so that one seed reproduces a whole run.
 *
 * <p>A stack on a real network is given a source seeded from the operating system's entropy; a simulation is given
 * {@link #seeded(long)}. Used from the thread of its shard only.
 */
public interface RandomSource {

    /** The next 64 uniformly distributed bits. */
    long nextLong();

    /** The next 32 uniformly distributed bits. */
    default int nextInt() {
        return (int) (nextLong() >>> 32);
    }

    /** A value in {@code [0, bound)}; {@code bound} must be positive. */
    default int nextInt(int bound) {
        if (bound <= 0) {
            throw new IllegalArgumentException("bound must be positive: " + bound);
        }
        return (int) (((nextLong() >>> 32) * bound) >>> 32);
    }

    /** A value in {@code [0, 1)} with 53 random bits. */
    default double nextDouble() {
        return (nextLong() >>> 11) * 0x1.0p-53;
    }

    /** A deterministic source (SplitMix64): equal seeds give equal sequences. Not for secrets on a real network. */
    static RandomSource seeded(long seed) {
        return new SplitMix(seed);
    }

    /** Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014. */
    final class SplitMix implements RandomSource {
        private long state;

        SplitMix(long seed) {
            this.state = seed;
        }

        @Override
        public long nextLong() {
            state += 0x9E3779B97F4A7C15L;
            long z = state;
            z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
            z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
            return z ^ (z >>> 31);
        }
    }
}
