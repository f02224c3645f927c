package dev.penstock.conformance.matrix;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Chooses cells of the matrix, from a seed. One thread. */
public final class CellChoice {
    private static final int CANDIDATES = 40;

    private final Random random;
    private final int bytes;
    private final int[] sizes;

    /**
     * @param seed decides everything
     * @param bytes how many each sender sends
     */
    public CellChoice(long seed, int bytes) {
        this.random = new Random(seed);
        this.bytes = bytes;
        Dimension[] dimensions = Dimension.values();
        sizes = new int[dimensions.length];
        for (Dimension d : dimensions) {
            sizes[Cell.index(d)] = d.values.size();
        }
    }

    /** Cells in which each value of each dimension meets each value of each other one at least once; greedily few. */
    public List<Cell> pairwise() {
        Set<Long> open = new HashSet<>();
        for (int a = 0; a < sizes.length; a++) {
            for (int b = a + 1; b < sizes.length; b++) {
                for (int i = 0; i < sizes[a] * sizes[b]; i++) {
                    open.add(pair(a, i % sizes[a], b, i / sizes[a]));
                }
            }
        }
        List<Cell> cells = new ArrayList<>();
        while (!open.isEmpty()) {
            int[] best = null;
            int most = -1;
            for (int c = 0; c < CANDIDATES; c++) {
                int[] candidate = candidate(open);
                int covered = 0;
                for (int a = 0; a < sizes.length; a++) {
                    for (int b = a + 1; b < sizes.length; b++) {
                        covered += open.contains(pair(a, candidate[a], b, candidate[b])) ? 1 : 0;
                    }
                }
                if (covered > most) {
                    most = covered;
                    best = candidate;
                }
            }
            for (int a = 0; a < sizes.length; a++) {
                for (int b = a + 1; b < sizes.length; b++) {
                    open.remove(pair(a, best[a], b, best[b]));
                }
            }
            cells.add(new Cell(best, bytes, random.nextInt(1_000_000)));
        }
        return cells;
    }

    /** Any levels that hold one pair which is still open. */
    private int[] candidate(Set<Long> open) {
        int[] levels = levels();
        long first = open.iterator().next();
        levels[(int) (first >>> 48)] = (int) (first >>> 32) & 0xffff;
        levels[(int) (first >>> 16) & 0xffff] = (int) first & 0xffff;
        return levels;
    }

    private int[] levels() {
        int[] levels = new int[sizes.length];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = random.nextInt(sizes[i]);
        }
        return levels;
    }

    private static long pair(int a, int i, int b, int j) {
        return (long) a << 48 | (long) i << 32 | (long) b << 16 | j;
    }

    /** Any cell. */
    public Cell any() {
        return new Cell(levels(), bytes, random.nextInt(1_000_000));
    }

    /** All combinations. */
    public static long combinations() {
        long n = 1;
        for (Dimension d : Dimension.values()) {
            n *= d.values.size();
        }
        return n;
    }
}
