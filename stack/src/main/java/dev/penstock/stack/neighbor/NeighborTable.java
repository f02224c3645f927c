package dev.penstock.stack.neighbor;

import dev.penstock.stack.base.SipHash;

/** The entries by interface and address: open addressing with a keyed hash, at most half full, never grows. */
final class NeighborTable {
    private final Neighbor[] slots;
    private final int mask;
    private final SipHash hash;
    private int size;

    NeighborTable(int maxEntries, SipHash hash) {
        int capacity = Integer.highestOneBit(Math.max(8, maxEntries * 2 - 1)) << 1;
        this.slots = new Neighbor[capacity];
        this.mask = capacity - 1;
        this.hash = hash;
    }

    private int home(int interfaceIndex, long hi, long lo) {
        return (int) hash.hash(hi ^ (long) interfaceIndex << 40, lo) & mask;
    }

    Neighbor find(int interfaceIndex, long hi, long lo) {
        for (int i = home(interfaceIndex, hi, lo); ; i = (i + 1) & mask) {
            Neighbor n = slots[i];
            if (n == null || (n.lo == lo && n.hi == hi && n.interfaceIndex == interfaceIndex)) {
                return n;
            }
        }
    }

    void add(Neighbor neighbor) {
        int i = home(neighbor.interfaceIndex, neighbor.hi, neighbor.lo);
        while (slots[i] != null) {
            i = (i + 1) & mask;
        }
        slots[i] = neighbor;
        size++;
    }

    void remove(Neighbor neighbor) {
        int hole = home(neighbor.interfaceIndex, neighbor.hi, neighbor.lo);
        while (slots[hole] != neighbor) {
            hole = (hole + 1) & mask;
        }
        // Backward-shift deletion (Knuth, vol. 3, 6.4, algorithm R): no tombstones, so that look-ups stay short.
        int i = hole;
        while (true) {
            i = (i + 1) & mask;
            Neighbor n = slots[i];
            if (n == null) {
                break;
            }
            int home = home(n.interfaceIndex, n.hi, n.lo);
            if (((i - home) & mask) >= ((i - hole) & mask)) {
                slots[hole] = n;
                hole = i;
            }
        }
        slots[hole] = null;
        size--;
    }

    int size() {
        return size;
    }

    int capacity() {
        return slots.length;
    }

    /** The entry in a slot, or null. */
    Neighbor at(int slot) {
        return slots[slot];
    }
}
