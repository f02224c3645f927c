package dev.penstock.stack.socket;

/** The sockets of a shard that their applications have not closed. Shard thread. */
public final class OpenSockets {
    private SocketHandle first;
    private int size;

    void add(SocketHandle handle) {
        handle.previous = null;
        handle.next = first;
        if (first != null) {
            first.previous = handle;
        }
        first = handle;
        size++;
    }

    void remove(SocketHandle handle) {
        if (handle.previous != null) {
            handle.previous.next = handle.next;
        } else {
            first = handle.next;
        }
        if (handle.next != null) {
            handle.next.previous = handle.previous;
        }
        handle.next = null;
        handle.previous = null;
        size--;
    }

    /** How many there are. */
    public int size() {
        return size;
    }

    /** The shard ends: every socket lets go of what it holds, and its users learn that it is over. */
    public void endAll(long nowNs) {
        for (SocketHandle h = first; h != null; h = first) {
            remove(h);
            h.onShardEnds(nowNs);
        }
    }
}
