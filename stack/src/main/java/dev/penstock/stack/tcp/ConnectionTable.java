package dev.penstock.stack.tcp;

import dev.penstock.stack.base.SipHash;
import java.util.function.Consumer;

/**
 * All connections of a shard, or all that is left of those in TIME-WAIT, by their four addresses: open addressing with a
 * keyed hash, so that nobody outside can choose ports that collide. At most half full. Look-ups allocate nothing.
 */
final class ConnectionTable<E extends ConnectionTable.Entry> {
    /** What the table holds. */
    interface Entry {
        long localHi();

        long localLo();

        int localPort();

        long remoteHi();

        long remoteLo();

        int remotePort();

        /** The interface that its segments come in by, -1 for any: see {@link dev.penstock.stack.ip.IpPath#zone}. */
        int zone();

        /** What {@link #tableHash(int)} was told. */
        int tableHash();

        /** Keeps its hash for the table. */
        void tableHash(int hash);
    }

    private static final int FIRST_CAPACITY = 64;

    private final SipHash hash;
    private final int maxSize;
    private E[] slots = array(FIRST_CAPACITY);
    private int size;
    /** The one found last: in a bulk transfer the next segment is for the same. */
    private E last;

    ConnectionTable(SipHash hash, int maxSize) {
        this.hash = hash;
        this.maxSize = maxSize;
    }

    @SuppressWarnings("unchecked")
    private static <E extends Entry> E[] array(int length) {
        return (E[]) new Entry[length];
    }

    int size() {
        return size;
    }

    /**
     * The entry of these addresses, or null.
     *
     * @param by the interface that the segment came in by, -1 for any. It is no part of the hash: connections that differ in
     *     nothing else are rare
     */
    E find(long localHi, long localLo, int localPort, long remoteHi, long remoteLo, int remotePort, int by) {
        E recent = last;
        if (recent != null && matches(recent, localHi, localLo, localPort, remoteHi, remoteLo, remotePort, by)) {
            return recent;
        }
        int mask = slots.length - 1;
        int at = hashOf(localHi, localLo, localPort, remoteHi, remoteLo, remotePort) & mask;
        while (slots[at] != null) {
            if (matches(slots[at], localHi, localLo, localPort, remoteHi, remoteLo, remotePort, by)) {
                last = slots[at];
                return last;
            }
            at = (at + 1) & mask;
        }
        return null;
    }

    /** At the limit: nothing more can be added. */
    boolean isFull() {
        return size >= maxSize;
    }

    /** Adds an entry that is not in the table; false at the limit. */
    boolean add(E c) {
        if (size >= maxSize) {
            return false;
        }
        if (size * 2 >= slots.length) {
            grow();
        }
        c.tableHash(hashOf(c.localHi(), c.localLo(), c.localPort(), c.remoteHi(), c.remoteLo(), c.remotePort()));
        put(c);
        size++;
        return true;
    }

    /** Removes an entry if it is in the table. */
    void remove(E c) {
        int mask = slots.length - 1;
        int at = c.tableHash() & mask;
        while (slots[at] != c) {
            if (slots[at] == null) {
                return;
            }
            at = (at + 1) & mask;
        }
        if (last == c) {
            last = null;
        }
        size--;
        // Backward shift: no tombstones, so look-ups stay short for ever.
        int hole = at;
        int next = (hole + 1) & mask;
        while (slots[next] != null) {
            int home = slots[next].tableHash() & mask;
            if (((next - home) & mask) >= ((next - hole) & mask)) {
                slots[hole] = slots[next];
                hole = next;
            }
            next = (next + 1) & mask;
        }
        slots[hole] = null;
    }

    /** Calls {@code action} for each entry, which may remove it. */
    void forEach(Consumer<E> action) {
        for (E c : slots.clone()) {
            if (c != null) {
                action.accept(c);
            }
        }
    }

    private static boolean matches(
            Entry c, long localHi, long localLo, int localPort, long remoteHi, long remoteLo, int remotePort, int by) {
        return c.remotePort() == remotePort
                && c.localPort() == localPort
                && c.remoteLo() == remoteLo
                && c.localLo() == localLo
                && c.remoteHi() == remoteHi
                && c.localHi() == localHi
                && (c.zone() == by || by < 0 || c.zone() < 0);
    }

    private int hashOf(long localHi, long localLo, int localPort, long remoteHi, long remoteLo, int remotePort) {
        return (int) hash.hash(localHi, localLo, remoteHi, remoteLo, (long) localPort << 16 | remotePort);
    }

    private void put(E c) {
        int mask = slots.length - 1;
        int at = c.tableHash() & mask;
        while (slots[at] != null) {
            at = (at + 1) & mask;
        }
        slots[at] = c;
    }

    private void grow() {
        E[] old = slots;
        slots = array(old.length * 2);
        for (E c : old) {
            if (c != null) {
                put(c);
            }
        }
    }
}
