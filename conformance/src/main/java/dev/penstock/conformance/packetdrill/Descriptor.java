package dev.penstock.conformance.packetdrill;

import java.util.ArrayList;
import java.util.List;

/** An open file: what one or, after {@code dup}, several descriptors stand for. */
abstract class Descriptor {
    static final int POLLIN = 0x1;
    static final int POLLPRI = 0x2;
    static final int POLLOUT = 0x4;
    static final int POLLERR = 0x8;
    static final int POLLHUP = 0x10;
    static final int POLLNVAL = 0x20;
    static final int POLLRDNORM = 0x40;
    static final int POLLWRNORM = 0x100;
    static final int POLLRDHUP = 0x2000;

    private final List<Watch> watches = new ArrayList<>();
    /** Descriptors that stand for it. */
    int references;

    boolean nonBlocking;

    /** Who is told that something happened, as Linux's wait queues are. */
    interface Watch {
        /** @param events what became possible, POLL bits; 0 for anything */
        void woken(int events);
    }

    /** What is possible now, Linux's POLL bits. */
    abstract int poll();

    /** The last descriptor is gone. Null if it lasts longer; then it is asked again when something happens. */
    abstract Result close();

    void watch(Watch w) {
        watches.add(w);
    }

    void unwatch(Watch w) {
        watches.remove(w);
    }

    /** Something happened. */
    final void wake(int events) {
        for (Watch w : List.copyOf(watches)) {
            w.woken(events);
        }
    }
}
