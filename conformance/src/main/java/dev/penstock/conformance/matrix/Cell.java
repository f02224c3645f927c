package dev.penstock.conformance.matrix;

import java.util.Arrays;

/**
 * One combination of the matrix. Its text names it completely: {@code cc=reno,loss=1,...,bytes=1048576,seed=7}; what is
 * not named has the first value of its {@link Dimension}. Immutable.
 */
public final class Cell {
    static final int DEFAULT_BYTES = 1 << 20;

    private final int[] levels;
    private final int bytes;
    private final long seed;

    /**
     * @param levels the index of the value for each dimension
     * @param bytes how many each sender sends
     * @param seed of the impairments
     */
    Cell(int[] levels, int bytes, long seed) {
        this.levels = levels.clone();
        this.bytes = bytes;
        this.seed = seed;
    }

    /** The inverse of {@link #toString}. */
    public static Cell parse(String text) {
        int[] levels = new int[Dimension.values().length];
        int bytes = DEFAULT_BYTES;
        long seed = 1;
        for (String part : text.isBlank() ? new String[0] : text.strip().split(",", -1)) {
            String[] pair = part.split("=", 2);
            if (pair.length != 2) {
                throw new IllegalArgumentException("not NAME=VALUE: '" + part + "'");
            }
            switch (pair[0]) {
                case "bytes" -> bytes = Integer.parseInt(pair[1]);
                case "seed" -> seed = Long.parseLong(pair[1]);
                default -> {
                    Dimension d = Dimension.of(pair[0]);
                    levels[index(d)] = d.values.indexOf(pair[1]);
                    if (levels[index(d)] < 0) {
                        throw new IllegalArgumentException("'" + pair[1] + "' is not one of " + d.values);
                    }
                }
            }
        }
        return new Cell(levels, bytes, seed);
    }

    // The place in an array, never stored.
    @SuppressWarnings("EnumOrdinal")
    static int index(Dimension d) {
        return d.ordinal();
    }

    /** The same, but for one value. */
    Cell with(Dimension d, String value) {
        int[] other = levels.clone();
        other[index(d)] = d.values.indexOf(value);
        if (other[index(d)] < 0) {
            throw new IllegalArgumentException("'" + value + "' is not one of " + d.values);
        }
        return new Cell(other, bytes, seed);
    }

    String get(Dimension d) {
        return d.values.get(levels[index(d)]);
    }

    boolean is(Dimension d, String value) {
        return get(d).equals(value);
    }

    boolean on(Dimension d) {
        return is(d, "1");
    }

    /** A dimension in per cent, as a probability. */
    double probability(Dimension d) {
        return Double.parseDouble(get(d)) / 100;
    }

    /** How many bytes the kernel, or the stack, sends. */
    int bytesOf(Side side) {
        return is(Dimension.SENDER, "both") || is(Dimension.SENDER, side.key) ? bytes : 0;
    }

    long seed() {
        return seed;
    }

    /** Nothing is done to packets but perhaps delaying them. */
    boolean isClean() {
        return is(Dimension.LOSS, "0")
                && is(Dimension.RATE, "0")
                && is(Dimension.REORDER, "0")
                && is(Dimension.DUPLICATE, "0")
                && is(Dimension.CORRUPT, "0");
    }

    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        for (Dimension d : Dimension.values()) {
            if (levels[index(d)] != 0) {
                out.append(d.key).append('=').append(get(d)).append(',');
            }
        }
        return out.append("bytes=").append(bytes).append(",seed=").append(seed).toString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Cell c && Arrays.equals(levels, c.levels) && bytes == c.bytes && seed == c.seed;
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(levels) * 31 + Long.hashCode(seed);
    }
}
