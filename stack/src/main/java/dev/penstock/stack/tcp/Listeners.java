package dev.penstock.stack.tcp;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.wire.IpAddress;
import java.util.ArrayList;
import org.agrona.collections.Int2ObjectHashMap;

/** All listeners of a stack by their ports. Their number is the caller's to limit. */
final class Listeners {
    private final TcpConfig config;
    private final Int2ObjectHashMap<ArrayList<Listener>> byPort = new Int2ObjectHashMap<>();
    private int count;

    Listeners(TcpConfig config) {
        this.config = config;
    }

    int size() {
        return count;
    }

    /** The one that a segment is for: bound to its destination, or else to the wildcard; or null. */
    Listener find(Segment s) {
        ArrayList<Listener> onPort = byPort.get(s.localPort);
        Listener found = null;
        for (int i = 0; onPort != null && i < onPort.size(); i++) {
            Listener l = onPort.get(i);
            if (l.matches(s.localHi, s.localLo)) {
                return l;
            }
            if (l.isWildcard() && (l.localLo() == 0 || IpAddress.isV4(s.localHi, s.localLo))) {
                found = l;
            }
        }
        return found;
    }

    /** Another one has the port, on the same address or on all of them. */
    boolean conflicts(int port, long hi, long lo) {
        ArrayList<Listener> onPort = byPort.get(port);
        if (onPort == null) {
            return false;
        }
        boolean any = IpAddress.isAny(hi, lo);
        return onPort.stream().anyMatch(l -> any || l.isWildcard() || l.matches(hi, lo));
    }

    boolean isUsed(int port) {
        return byPort.containsKey(port);
    }

    /** An ephemeral port that no listener has, or 0. */
    int freePort(RandomSource random) {
        int range = config.ephemeralPortLast - config.ephemeralPortFirst + 1;
        int start = random.nextInt(range);
        for (int i = 0; i < range; i++) {
            int port = config.ephemeralPortFirst + (start + i) % range;
            if (!isUsed(port)) {
                return port;
            }
        }
        return 0;
    }

    void add(Listener l) {
        byPort.computeIfAbsent(l.localPort(), p -> new ArrayList<>(1)).add(l);
        count++;
    }

    void remove(Listener l) {
        ArrayList<Listener> onPort = byPort.get(l.localPort());
        if (onPort != null && onPort.remove(l)) {
            count--;
            if (onPort.isEmpty()) {
                byPort.remove(l.localPort());
            }
        }
    }
}
