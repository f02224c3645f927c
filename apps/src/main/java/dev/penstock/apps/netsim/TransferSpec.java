package dev.penstock.apps.netsim;

/**
 * One transfer over one link: all that determines its outcome.
 *
 * @param rttNs the round-trip time without queueing, nanoseconds
 * @param bytes to send, at least 1
 * @param buffer of both sockets, send and receive, bytes; {@link #AUTO} for the stack's default
 * @param loss probability, in each direction, 0 .. 1
 * @param congestion cubic, reno, bbr or none
 * @param bandwidth of the sender's direction, bits per second of Ethernet frames; 0 for no limit
 * @param queue bytes in front of a limited bandwidth
 * @param reorder probability that a data packet is delayed so that others overtake it, 0 .. 1
 * @param reorderNs by up to how much
 * @param ecn ECN is offered, and the queue marks
 * @param seed all randomness, with the other values: equal specifications have equal outcomes
 */
public record TransferSpec(
        long rttNs,
        long bytes,
        int buffer,
        double loss,
        String congestion,
        long bandwidth,
        long queue,
        double reorder,
        long reorderNs,
        boolean ecn,
        long seed) {
    /** {@link #buffer}: what the stack has by default, growing by itself. */
    public static final int AUTO = 0;

    /** The same with another length and seed. */
    TransferSpec with(long otherBytes, long otherSeed) {
        return new TransferSpec(
                rttNs, otherBytes, buffer, loss, congestion, bandwidth, queue, reorder, reorderNs, ecn, otherSeed);
    }

    /** The seed of this very transfer: the same, whatever others are made beside it. */
    long ownSeed() {
        long h = seed;
        h = mix(h ^ rttNs);
        h = mix(h ^ bytes);
        h = mix(h ^ buffer);
        h = mix(h ^ Double.doubleToLongBits(loss));
        h = mix(h ^ Double.doubleToLongBits(reorder));
        return mix(h ^ bandwidth);
    }

    /** The finalizer of SplitMix64. */
    static long mix(long value) {
        long z = value + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
