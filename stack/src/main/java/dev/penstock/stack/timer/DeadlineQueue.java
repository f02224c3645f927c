package dev.penstock.stack.timer;

import dev.penstock.stack.base.Invariant;
import java.util.Arrays;

/**
 * The deadlines of a shard: a four-ary heap that knows each element's place, so that moving one costs O(log n) and the
 * next one is exact. Ties fall in the order in which they were scheduled, whatever the history: runs are
 * reproducible. Allocates only to grow. Shard thread.
 */
public final class DeadlineQueue {
    private Deadline[] heap = new Deadline[64];
    private int size;
    private long nextOrder;

    /** Sets when {@code deadline} is due, whether it waited or not; {@link Deadline#NEVER} cancels it. */
    public void schedule(Deadline deadline, long atNs) {
        if (atNs == Deadline.NEVER) {
            cancel(deadline);
            return;
        }
        if (deadline.index >= 0 && deadline.atNs == atNs) {
            return;
        }
        checkOwned(deadline);
        boolean earlier = deadline.index < 0 || atNs < deadline.atNs;
        deadline.atNs = atNs;
        deadline.order = nextOrder++;
        if (deadline.index < 0) {
            if (size == heap.length) {
                heap = Arrays.copyOf(heap, size * 2);
            }
            deadline.index = size++;
            heap[deadline.index] = deadline;
        }
        if (earlier) {
            siftUp(deadline);
        } else {
            siftDown(deadline);
        }
    }

    /** Makes {@code deadline} wait no longer; nothing happens if it does not wait. */
    public void cancel(Deadline deadline) {
        int at = deadline.index;
        deadline.atNs = Deadline.NEVER;
        if (at < 0) {
            return;
        }
        checkOwned(deadline);
        deadline.index = -1;
        Deadline last = heap[--size];
        heap[size] = null;
        if (last != deadline) {
            heap[at] = last;
            last.index = at;
            siftUp(last);
            siftDown(last);
        }
    }

    /** When the next one is due, {@link Deadline#NEVER} if none waits. */
    public long nextDeadlineNs() {
        return size == 0 ? Deadline.NEVER : heap[0].atNs;
    }

    /**
     * Fires, in order, what is due at {@code nowNs}, at most {@code limit} of it.
     *
     * @return how many fired
     */
    public int expire(long nowNs, int limit) {
        int fired = 0;
        while (fired < limit && size > 0 && heap[0].atNs <= nowNs) {
            Deadline due = heap[0];
            cancel(due);
            due.onDeadline(nowNs);
            fired++;
        }
        return fired;
    }

    /** How many wait. */
    public int size() {
        return size;
    }

    private void checkOwned(Deadline d) {
        Invariant.check(d.index < 0 || (d.index < size && heap[d.index] == d), "a deadline belongs to one queue");
    }

    private static boolean before(Deadline a, Deadline b) {
        return a.atNs < b.atNs || (a.atNs == b.atNs && a.order < b.order);
    }

    private void siftUp(Deadline d) {
        int at = d.index;
        while (at > 0) {
            int parent = (at - 1) >> 2;
            if (!before(d, heap[parent])) {
                break;
            }
            place(heap[parent], at);
            at = parent;
        }
        place(d, at);
    }

    private void siftDown(Deadline d) {
        int at = d.index;
        while (true) {
            int first = (at << 2) + 1;
            if (first >= size) {
                break;
            }
            int least = first;
            int end = Math.min(first + 4, size);
            for (int child = first + 1; child < end; child++) {
                if (before(heap[child], heap[least])) {
                    least = child;
                }
            }
            if (!before(heap[least], d)) {
                break;
            }
            place(heap[least], at);
            at = least;
        }
        place(d, at);
    }

    private void place(Deadline d, int at) {
        heap[at] = d;
        d.index = at;
    }
}
