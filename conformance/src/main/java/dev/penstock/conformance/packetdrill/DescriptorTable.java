package dev.penstock.conformance.packetdrill;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The file descriptors of the program under test, by the numbers that the script gives them, and the calls that wait. */
final class DescriptorTable {
    private static final int FIRST = 3;
    private static final int MOST = 1_024;

    final Host host;
    private final Map<Integer, Descriptor> open = new TreeMap<>();
    private final List<PosixCall> waiting = new ArrayList<>();
    /** Ports that sockets are bound to, listening or not. */
    final List<StreamDescriptor> bound = new ArrayList<>();

    private boolean trying;
    private boolean tryAgain;
    /** The socket that a call was last made about, if it had a connection. */
    private StreamDescriptor current;

    DescriptorTable(Host host) {
        this.host = host;
    }

    /** Null if there is none. */
    Descriptor get(long fd) {
        Descriptor d = fd >= 0 && fd <= Integer.MAX_VALUE ? open.get((int) fd) : null;
        if (d instanceof StreamDescriptor s && s.connection() != null) {
            current = s;
        }
        return d;
    }

    StreamDescriptor current() {
        return current;
    }

    /**
     * Gives {@code d} a number.
     *
     * @param wanted the number that the script gives it; -1 for the least that is free
     * @return -1 if that is taken, or there are too many
     */
    int install(Descriptor d, long wanted) {
        int fd = wanted >= 0 && wanted <= Integer.MAX_VALUE ? (int) wanted : leastFree();
        if (open.containsKey(fd) || open.size() >= MOST) {
            return -1;
        }
        open.put(fd, d);
        d.references++;
        // What was just accepted is what the script is about.
        get(fd);
        return fd;
    }

    private int leastFree() {
        int fd = FIRST;
        while (open.containsKey(fd)) {
            fd++;
        }
        return fd;
    }

    /** Takes the number away; the descriptor if it was the last one, null if there are others. */
    Descriptor remove(int fd) {
        Descriptor d = open.remove(fd);
        return --d.references == 0 ? d : null;
    }

    void closeAll() {
        waiting.forEach(PosixCall::forget);
        waiting.clear();
        for (Integer fd : List.copyOf(open.keySet())) {
            Descriptor d = remove(fd);
            if (d != null) {
                d.close();
            }
        }
    }

    /** Whoever waits for room or for news on a socket is told, and tries again. */
    boolean observe() {
        boolean news = false;
        for (Descriptor d : List.copyOf(open.values())) {
            news |= d instanceof StreamDescriptor s && s.observe();
        }
        if (news) {
            retry();
        }
        return news;
    }

    // --- calls that wait ---

    void await(PosixCall call) {
        waiting.add(call);
    }

    /** Something has happened: whoever waits tries again. */
    void retry() {
        tryAgain = true;
        if (trying) {
            return;
        }
        trying = true;
        while (tryAgain) {
            tryAgain = false;
            for (PosixCall call : List.copyOf(waiting)) {
                call.attempt(false);
            }
            waiting.removeIf(PosixCall::isOver);
        }
        trying = false;
    }
}
