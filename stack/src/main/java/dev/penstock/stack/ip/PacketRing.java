package dev.penstock.stack.ip;

/** A bounded first-in-first-out queue of {@link PendingPacket}s that are made once. */
final class PacketRing {
    private final PendingPacket[] slots;
    private int head;
    private int size;

    PacketRing(int limit) {
        slots = new PendingPacket[limit];
        for (int i = 0; i < limit; i++) {
            slots[i] = new PendingPacket();
        }
    }

    boolean isFull() {
        return size == slots.length;
    }

    int size() {
        return size;
    }

    /** The slot behind the last, which now is the last; the ring must not be full. */
    PendingPacket add() {
        int at = head + size++;
        return slots[at < slots.length ? at : at - slots.length];
    }

    PendingPacket first() {
        return slots[head];
    }

    /** The first is taken out, its contents gone already. */
    void removeFirst() {
        head = head + 1 == slots.length ? 0 : head + 1;
        size--;
    }

    /** The first becomes the last. */
    void rotate() {
        if (isFull()) {
            head = head + 1 == slots.length ? 0 : head + 1;
        } else {
            PendingPacket first = first();
            add().take(first);
            removeFirst();
        }
    }
}
