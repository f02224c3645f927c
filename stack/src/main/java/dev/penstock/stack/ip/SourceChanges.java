package dev.penstock.stack.ip;

import java.util.Arrays;

/** The sources of a group that were allowed or blocked, and in how many more reports each is to be told. */
final class SourceChanges {
    private final SourceSet sources = new SourceSet();
    private int[] left = new int[4];

    /** To be told so often from now on. */
    void mark(long hi, long lo, int times) {
        if (sources.add(hi, lo)) {
            if (sources.size() > left.length) {
                left = Arrays.copyOf(left, left.length * 2);
            }
            int at = indexOf(hi, lo);
            System.arraycopy(left, at, left, at + 1, sources.size() - 1 - at);
            left[at] = times;
        } else {
            left[indexOf(hi, lo)] = times;
        }
    }

    private int indexOf(long hi, long lo) {
        int i = 0;
        while (sources.lo(i) != lo || sources.hi(i) != hi) {
            i++;
        }
        return i;
    }

    boolean isEmpty() {
        return sources.isEmpty();
    }

    void clear() {
        sources.clear();
    }

    /** Those that are now wanted, or those that are not. */
    void select(GroupFilter state, boolean wanted, SourceSet into) {
        into.clear();
        for (int i = 0; i < sources.size(); i++) {
            if (state.accepts(sources.hi(i), sources.lo(i)) == wanted) {
                into.add(sources.hi(i), sources.lo(i));
            }
        }
    }

    /** They were told once more. */
    void told() {
        for (int i = sources.size() - 1; i >= 0; i--) {
            if (--left[i] <= 0) {
                System.arraycopy(left, i + 1, left, i, sources.size() - 1 - i);
                sources.remove(sources.hi(i), sources.lo(i));
            }
        }
    }
}
