package dev.penstock.stack.tcp;

/** The {@link SentSegment}s of a stack that no connection uses now: a transfer allocates none once it runs. Bounded. */
final class SentSegmentPool {
    private final int limit;
    private SentSegment free;
    private int count;

    SentSegmentPool(int limit) {
        this.limit = limit;
    }

    SentSegment take() {
        SentSegment e = free;
        if (e == null) {
            return new SentSegment();
        }
        free = e.next;
        e.next = null;
        count--;
        return e;
    }

    /** Those beyond the limit are the garbage collector's. */
    void give(SentSegment e) {
        if (count < limit) {
            e.next = free;
            free = e;
            count++;
        }
    }
}
