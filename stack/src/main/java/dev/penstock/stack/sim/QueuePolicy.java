package dev.penstock.stack.sim;

/**
 * How a queue in front of a transmitter is managed: how much may wait, and what is dropped or marked. Immutable; each
 * method answers a new one.
 *
 * <pre>{@code
 * QueuePolicy.dropTail(256_000)                     // bytes
 * QueuePolicy.dropTailPackets(100)
 * QueuePolicy.dropTail(256_000).marking(64_000)     // CE above 64,000 bytes
 * QueuePolicy.codel()                               // RFC 8289: 5 ms, 100 ms
 * QueuePolicy.codel().withEcn()
 * }</pre>
 *
 * @param maxBytes the most bytes that wait, 0 .. 2^40; a packet that finds no room for the whole of it is dropped
 * @param maxPackets the most packets that wait, 0 .. 2^20
 * @param markingBytes packets that are ECN-capable are marked when, with them, more than so many bytes wait; a step, as
 *     RFC 8257, section 3.1 describes it; {@link Long#MAX_VALUE} for never
 * @param codelTargetNs CoDel's target, the standing delay that is accepted; 0 for no CoDel
 * @param codelIntervalNs CoDel's interval, about the longest usual round-trip time
 * @param codelEcn CoDel marks packets that are ECN-capable in the place of dropping them (RFC 8289, section 3)
 */
public record QueuePolicy(
        long maxBytes, int maxPackets, long markingBytes, long codelTargetNs, long codelIntervalNs, boolean codelEcn) {
    private static final long MAX_BYTES = 1L << 40;
    private static final int MAX_PACKETS = 1 << 20;
    private static final long MS = 1_000_000;

    /** Checks the ranges. */
    public QueuePolicy {
        if (maxBytes < 0 || maxBytes > MAX_BYTES || maxPackets < 0 || maxPackets > MAX_PACKETS) {
            throw new IllegalArgumentException("a queue of " + maxBytes + " B, " + maxPackets + " packets");
        }
        if (markingBytes < 0 || codelTargetNs < 0 || codelIntervalNs < codelTargetNs) {
            throw new IllegalArgumentException("marking above " + markingBytes + " B; CoDel with a target of "
                    + codelTargetNs + " ns and an interval of " + codelIntervalNs + " ns");
        }
    }

    /** At the limit the newest packet is dropped. */
    public static QueuePolicy dropTail(long bytes) {
        return new QueuePolicy(bytes, MAX_PACKETS, Long.MAX_VALUE, 0, 0, false);
    }

    /** At the limit the newest packet is dropped. */
    public static QueuePolicy dropTailPackets(int packets) {
        return new QueuePolicy(MAX_BYTES, packets, Long.MAX_VALUE, 0, 0, false);
    }

    /** RFC 8289 with its target of 5 ms and its interval of 100 ms; at most 1,000 packets wait. */
    public static QueuePolicy codel() {
        return codel(5 * MS, 100 * MS);
    }

    /** RFC 8289; at most 1,000 packets wait. */
    public static QueuePolicy codel(long targetNs, long intervalNs) {
        if (targetNs < 1) {
            throw new IllegalArgumentException("a target of " + targetNs + " ns");
        }
        return new QueuePolicy(MAX_BYTES, 1000, Long.MAX_VALUE, targetNs, intervalNs, false);
    }

    /** The same with another limit of packets. */
    public QueuePolicy packets(int most) {
        return new QueuePolicy(maxBytes, most, markingBytes, codelTargetNs, codelIntervalNs, codelEcn);
    }

    /** The same with another limit of bytes. */
    public QueuePolicy bytes(long most) {
        return new QueuePolicy(most, maxPackets, markingBytes, codelTargetNs, codelIntervalNs, codelEcn);
    }

    /** The same, marking when more than {@code bytes} wait. */
    public QueuePolicy marking(long bytes) {
        return new QueuePolicy(maxBytes, maxPackets, bytes, codelTargetNs, codelIntervalNs, codelEcn);
    }

    /** The same; CoDel marks what is ECN-capable and drops the rest. */
    public QueuePolicy withEcn() {
        return new QueuePolicy(maxBytes, maxPackets, markingBytes, codelTargetNs, codelIntervalNs, true);
    }

    boolean isCodel() {
        return codelTargetNs > 0;
    }
}
