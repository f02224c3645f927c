package dev.penstock.stack.ip;

import java.util.Arrays;

/** A set of source addresses, sorted. Bounded by whoever adds to it; allocates only to grow. */
final class SourceSet {
    private static final long[] NONE = {};

    private long[] his = NONE;
    private long[] los = NONE;
    private int size;

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    long hi(int i) {
        return his[i];
    }

    long lo(int i) {
        return los[i];
    }

    boolean contains(long hi, long lo) {
        return find(hi, lo) >= 0;
    }

    /** Its place, or the complement of where it would be. */
    private int find(long hi, long lo) {
        int from = 0;
        int to = size - 1;
        while (from <= to) {
            int middle = (from + to) >>> 1;
            int c = compare(his[middle], los[middle], hi, lo);
            if (c == 0) {
                return middle;
            }
            if (c < 0) {
                from = middle + 1;
            } else {
                to = middle - 1;
            }
        }
        return ~from;
    }

    private static int compare(long hiA, long loA, long hiB, long loB) {
        int c = Long.compareUnsigned(hiA, hiB);
        return c != 0 ? c : Long.compareUnsigned(loA, loB);
    }

    /** False when it was there already. */
    boolean add(long hi, long lo) {
        int i = find(hi, lo);
        if (i >= 0) {
            return false;
        }
        int at = ~i;
        if (size == his.length) {
            his = Arrays.copyOf(his, Math.max(4, size * 2));
            los = Arrays.copyOf(los, his.length);
        }
        System.arraycopy(his, at, his, at + 1, size - at);
        System.arraycopy(los, at, los, at + 1, size - at);
        his[at] = hi;
        los[at] = lo;
        size++;
        return true;
    }

    /** False when it was not there. */
    boolean remove(long hi, long lo) {
        int at = find(hi, lo);
        if (at < 0) {
            return false;
        }
        size--;
        System.arraycopy(his, at + 1, his, at, size - at);
        System.arraycopy(los, at + 1, los, at, size - at);
        return true;
    }

    void clear() {
        size = 0;
    }

    void addAll(SourceSet other) {
        for (int i = 0; i < other.size; i++) {
            add(other.his[i], other.los[i]);
        }
    }

    void removeAll(SourceSet other) {
        for (int i = 0; i < other.size; i++) {
            remove(other.his[i], other.los[i]);
        }
    }

    /** Keeps what the other set has, too. */
    void retainAll(SourceSet other) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (other.contains(his[i], los[i])) {
                his[kept] = his[i];
                los[kept++] = los[i];
            }
        }
        size = kept;
    }

    void copyFrom(SourceSet other) {
        if (his.length < other.size) {
            his = new long[other.size];
            los = new long[other.size];
        }
        System.arraycopy(other.his, 0, his, 0, other.size);
        System.arraycopy(other.los, 0, los, 0, other.size);
        size = other.size;
    }
}
