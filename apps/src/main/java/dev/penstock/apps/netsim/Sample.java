package dev.penstock.apps.netsim;

import java.util.ArrayList;
import java.util.List;

/**
 * How much is measured for a cell of the table. What a response function tells is an average over many losses: of a transfer
 * with five of them one learns whether they came early or late. So there are to be about {@link #LOSSES} in all, by a
 * transfer long enough if its length is free, by several of the given length if not; a longer one has slow start, which is
 * above the average, only once. Without loss, or without congestion control, one transfer tells all.
 *
 * @param bytes of each transfer
 * @param runs how many, with seeds one apart, at least 1
 */
public record Sample(long bytes, int runs) {
    /** So many losses are wished for. */
    public static final int LOSSES = 200;
    /** Where losses are frequent, more of them are as cheap: so many segments are sent at least, if the length is free. */
    private static final int LEAST_SEGMENTS = 25_000;
    /** What is sent at least, if the length is free. */
    public static final long LEAST_BYTES = 10L << 20;
    /** What is sent at most, if the length is free: it takes some seconds to compute. */
    public static final long MOST_BYTES = 320L << 20;
    /** No more transfers of a given length than these, and together no more than {@link #MOST_BYTES}. */
    public static final int MOST_RUNS = 32;

    private static final int FULL_SEGMENT = 1448;
    private static final long MIB = 1L << 20;

    /**
     * What to measure.
     *
     * @param spec but for its bytes
     * @param bytes what the user wants, or null
     * @param runs what the user wants, or null
     */
    public static Sample of(TransferSpec spec, Long bytes, Integer runs) {
        boolean averaged = ResponseFunction.of(spec.congestion()) != ResponseFunction.NONE && spec.loss() > 0;
        int segment = spec.buffer() == TransferSpec.AUTO ? FULL_SEGMENT : Math.min(FULL_SEGMENT, spec.buffer());
        double wanted = averaged ? LOSSES / spec.loss() * segment : 0;
        long amount;
        if (bytes != null) {
            amount = bytes;
        } else {
            double free = averaged ? Math.max(wanted, (double) LEAST_SEGMENTS * segment) : 0;
            long rounded = (long) Math.ceil(Math.min(free, (double) MOST_BYTES) / MIB) * MIB;
            amount = Math.max(LEAST_BYTES, rounded);
        }
        if (runs != null) {
            return new Sample(amount, runs);
        }
        double most = Math.min(MOST_RUNS, Math.max(1, MOST_BYTES / amount));
        return new Sample(amount, bytes == null ? 1 : (int) Math.max(1, Math.min(most, Math.ceil(wanted / amount))));
    }

    /** The transfers: {@code spec} with this length, and with its seed, the next, and so on. */
    public List<TransferSpec> transfers(TransferSpec spec) {
        List<TransferSpec> transfers = new ArrayList<>();
        for (int i = 0; i < runs; i++) {
            transfers.add(spec.with(bytes, spec.seed() + i));
        }
        return transfers;
    }
}
