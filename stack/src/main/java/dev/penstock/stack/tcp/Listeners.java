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

    /**
     * The one that a segment is for: bound to its destination, or else to the wildcard; of several such, bound to the interface
     * that it came in by, or else to none; or null.
     */
    Listener find(Segment s) {
        ArrayList<Listener> onPort = byPort.get(s.localPort);
        Listener found = null;
        int best = 0;
        for (int i = 0; onPort != null && i < onPort.size(); i++) {
            Listener l = onPort.get(i);
            int score = score(l, s);
            if (score > best) {
                best = score;
                found = l;
            }
        }
        return found;
    }

    private static int score(Listener l, Segment s) {
        int bound = l.boundInterface();
        if (bound >= 0 && s.interfaceIndex >= 0 && bound != s.interfaceIndex) {
            return 0;
        }
        int byInterface = bound >= 0 ? 1 : 0;
        if (l.matches(s.localHi, s.localLo)) {
            return 3 + byInterface;
        }
        boolean wildcard = l.isWildcard() && (l.localLo() == 0 || IpAddress.isV4(s.localHi, s.localLo));
        return wildcard ? 1 + byInterface : 0;
    }

    /** Another one has the port, on the same address or on all of them, by the same interface or one of them by any. */
    boolean conflicts(int port, long hi, long lo, int boundInterface) {
        ArrayList<Listener> onPort = byPort.get(port);
        if (onPort == null) {
            return false;
        }
        boolean any = IpAddress.isAny(hi, lo);
        return onPort.stream()
                .filter(l -> l.boundInterface() < 0 || boundInterface < 0 || l.boundInterface() == boundInterface)
                .anyMatch(l -> any || l.isWildcard() || l.matches(hi, lo));
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
