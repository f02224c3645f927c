package dev.penstock.stack.tcp;

import dev.penstock.stack.base.SipHash;
import java.util.function.Consumer;

/**
 * All connections of a shard by their four addresses: open addressing with a keyed hash, so that nobody outside can
 * choose ports that collide. At most half full. Look-ups allocate nothing.
 */
final class ConnectionTable {
    private static final int FIRST_CAPACITY = 64;

    private final SipHash hash;
    private final int maxSize;
    private Connection[] slots = new Connection[FIRST_CAPACITY];
    private int size;
    /** The one found last: in a bulk transfer the next segment is for the same. */
    private Connection last;

    ConnectionTable(SipHash hash, int maxSize) {
        this.hash = hash;
        this.maxSize = maxSize;
    }

    int size() {
        return size;
    }

    Connection find(long localHi, long localLo, int localPort, long remoteHi, long remoteLo, int remotePort) {
        Connection recent = last;
        if (recent != null && matches(recent, localHi, localLo, localPort, remoteHi, remoteLo, remotePort)) {
            return recent;
        }
        int mask = slots.length - 1;
        int at = hashOf(localHi, localLo, localPort, remoteHi, remoteLo, remotePort) & mask;
        while (slots[at] != null) {
            if (matches(slots[at], localHi, localLo, localPort, remoteHi, remoteLo, remotePort)) {
                last = slots[at];
                return last;
            }
            at = (at + 1) & mask;
        }
        return null;
    }

    /** Adds a connection that is not in the table; false at the limit. */
    boolean add(Connection c) {
        if (size >= maxSize) {
            return false;
        }
        if (size * 2 >= slots.length) {
            grow();
        }
        c.tableHash = hashOf(c.localHi(), c.localLo(), c.localPort(), c.remoteHi(), c.remoteLo(), c.remotePort());
        put(c);
        size++;
        return true;
    }

    /** Removes a connection if it is in the table. */
    void remove(Connection c) {
        int mask = slots.length - 1;
        int at = c.tableHash & mask;
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
            int home = slots[next].tableHash & mask;
            if (((next - home) & mask) >= ((next - hole) & mask)) {
                slots[hole] = slots[next];
                hole = next;
            }
            next = (next + 1) & mask;
        }
        slots[hole] = null;
    }

    /** Calls {@code action} for each connection, which may remove it. */
    void forEach(Consumer<Connection> action) {
        for (Connection c : slots.clone()) {
            if (c != null) {
                action.accept(c);
            }
        }
    }

    private static boolean matches(
            Connection c, long localHi, long localLo, int localPort, long remoteHi, long remoteLo, int remotePort) {
        return c.remotePort() == remotePort
                && c.localPort() == localPort
                && c.remoteLo() == remoteLo
                && c.localLo() == localLo
                && c.remoteHi() == remoteHi
                && c.localHi() == localHi;
    }

    private int hashOf(long localHi, long localLo, int localPort, long remoteHi, long remoteLo, int remotePort) {
        return (int) hash.hash(localHi, localLo, remoteHi, remoteLo, (long) localPort << 16 | remotePort);
    }

    private void put(Connection c) {
        int mask = slots.length - 1;
        int at = c.tableHash & mask;
        while (slots[at] != null) {
            at = (at + 1) & mask;
        }
        slots[at] = c;
    }

    private void grow() {
        Connection[] old = slots;
        slots = new Connection[old.length * 2];
        for (Connection c : old) {
            if (c != null) {
                put(c);
            }
        }
    }
}
