package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.neighbor.Neighbor;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.timer.DeadlineQueue;
import dev.penstock.stack.wire.IpAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * The routes, in the order in which they are to be tried: longest prefix first, then smallest metric, then oldest.
 * Looked at once per destination, see {@link DestinationCache}, hence plain. A route that two origins told is there twice, so
 * that one can take it back and the other has it still. Shard thread.
 */
public final class RouteTable {
    /** The most routes. */
    public static final int MAX_ROUTES = 256;
    /** Between two questions whether a gateway that is passed over is there. */
    static final long PROBE_INTERVAL_NS = 60 * IpConfig.SECOND;

    private static final int VERIFIED = 0;
    private static final int UNVERIFIED = 1;
    private static final int FAILED = 2;

    private final IpLayer layer;
    private final DeadlineQueue deadlines;
    private final Counters counters;
    private final List<RouteEntry> routes = new ArrayList<>();
    private RouteListener listener = (route, origin, added) -> {};
    private RouteEntry avoided;
    private long choices;

    RouteTable(IpLayer layer, DeadlineQueue deadlines, Counters counters) {
        this.layer = layer;
        this.deadlines = deadlines;
        this.counters = counters;
    }

    /** Sets who is told; one at a time. */
    public void setListener(RouteListener newListener) {
        listener = newListener;
    }

    /**
     * Adds a route, or prolongs or shortens the life of one that the same origin told before.
     *
     * @param untilNs when it is removed; {@link AddressTerms#FOREVER}; {@code nowNs} or before: at once
     * @return false when the table is full, counted as {@link DropReason#ROUTE_TABLE_FULL}
     */
    public boolean put(Route route, Origin origin, long untilNs, long nowNs) {
        return put(route, origin, null, untilNs, nowNs);
    }

    /** As {@link #put(Route, Origin, long, long)}; {@code teller} is the router that told a new route, or null. */
    boolean put(Route route, Origin origin, IpAddress teller, long untilNs, long nowNs) {
        RouteEntry entry = entry(route, origin);
        if (untilNs <= nowNs) {
            if (entry != null) {
                remove(entry);
            }
            return true;
        }
        if (entry == null) {
            if (routes.size() == MAX_ROUTES) {
                counters.drop(DropReason.ROUTE_TABLE_FULL);
                return false;
            }
            entry = new RouteEntry(this, route, origin, teller);
            int at = 0;
            while (at < routes.size() && !goesAfter(routes.get(at).route, route)) {
                at++;
            }
            routes.add(at, entry);
            layer.onRoutesChanged();
            listener.onRoute(route, origin, true);
        }
        deadlines.schedule(entry, untilNs);
        return true;
    }

    private static boolean goesAfter(Route there, Route added) {
        int byLength = added.destination().length() - there.destination().length();
        return byLength > 0 || (byLength == 0 && there.metric() > added.metric());
    }

    /** Takes a route back. False when this origin told none such. */
    public boolean remove(Route route, Origin origin) {
        RouteEntry entry = entry(route, origin);
        if (entry != null) {
            remove(entry);
        }
        return entry != null;
    }

    /** Takes back all routes of an interface that one origin told. */
    public void removeOf(IpInterface nic, Origin origin) {
        for (int i = routes.size() - 1; i >= 0; i--) {
            RouteEntry entry = routes.get(i);
            if (entry.route.nic() == nic && entry.origin == origin) {
                remove(entry);
            }
        }
    }

    /** All routes, the better ones first, with their ends; a copy. */
    public List<RouteInfo> list() {
        List<RouteInfo> all = new ArrayList<>();
        for (RouteEntry entry : routes) {
            all.add(new RouteInfo(entry.route, entry.origin, entry.isScheduled() ? entry.atNs() : Deadline.NEVER));
        }
        return all;
    }

    /** False when some origin told it already, or the table is full. */
    boolean add(Route route) {
        for (RouteEntry entry : routes) {
            if (entry.route.equals(route)) {
                return false;
            }
        }
        return put(route, Origin.STATIC, AddressTerms.FOREVER, 0);
    }

    /** Takes a route back, whoever told it. False when there is none such. */
    boolean remove(Route route) {
        boolean found = false;
        for (Origin origin : Origin.values()) {
            found |= remove(route, origin);
        }
        return found;
    }

    private RouteEntry entry(Route route, Origin origin) {
        for (int i = 0; i < routes.size(); i++) {
            RouteEntry entry = routes.get(i);
            if (entry.origin == origin && entry.route.equals(route)) {
                return entry;
            }
        }
        return null;
    }

    /**
     * The best route whose interface is up, or null; {@link #avoided} then tells what was passed over.
     *
     * <p>The longest prefix decides, then the metric, then age, with two exceptions. A gateway that does not answer is passed
     * over for one that may, of a shorter prefix too if routers told it (RFC 4191, section 3.2: "it first prefers reachable
     * routers over non-reachable routers, second uses the longest-matching-prefix rule, and third uses route preference
     * values"). And of two routers that told their routes themselves, one that has answered us goes before one that has
     * not, until that is asked and answers: who just says to be the better router does not get the traffic for it.
     */
    Route find(long hi, long lo) {
        return find(hi, lo, null);
    }

    /** As {@link #find(long, long)}, by one interface unless that is null. */
    Route find(long hi, long lo, IpInterface nic) {
        RouteEntry best = null;
        RouteEntry first = null;
        int bestRank = 0;
        for (int i = 0; i < routes.size(); i++) {
            RouteEntry entry = routes.get(i);
            Route route = entry.route;
            boolean usable =
                    (nic == null || route.nic() == nic) && route.nic().port().isUp();
            if (!usable || !route.destination().contains(hi, lo)) {
                continue;
            }
            boolean shorter = best != null
                    && route.destination().length() < best.route.destination().length();
            if (shorter && (bestRank < FAILED || best.origin != Origin.SLAAC)) {
                break;
            }
            int rank = rank(entry);
            if (best == null || isBetter(entry, rank, best, bestRank)) {
                best = entry;
                bestRank = rank;
            }
            first = first == null ? entry : first;
        }
        avoided = first == best ? null : first;
        if (best == null) {
            return null;
        }
        if (bestRank == FAILED) {
            // RFC 4861, 6.3.6, 2: "When no routers on the list are known to be reachable or probably reachable, routers
            // SHOULD be selected in a round-robin fashion".
            best.chosen = ++choices;
        }
        return best.route;
    }

    private static boolean isBetter(RouteEntry entry, int rank, RouteEntry best, int bestRank) {
        if (rank == FAILED && bestRank == FAILED) {
            boolean same = entry.route.destination().length()
                    == best.route.destination().length();
            return same && entry.chosen < best.chosen;
        }
        if (rank == FAILED || bestRank == FAILED) {
            return bestRank == FAILED;
        }
        return rank < bestRank && entry.origin == Origin.SLAAC && best.origin == Origin.SLAAC;
    }

    private int rank(RouteEntry entry) {
        IpAddress gateway = entry.route.gateway();
        if (gateway == null) {
            return VERIFIED;
        }
        if (entry.failed) {
            return FAILED;
        }
        Neighbor n = layer.neighbors().find(entry.route.nic().index(), gateway.hi(), gateway.lo());
        return n != null && n.isVerified() ? VERIFIED : UNVERIFIED;
    }

    /** What the last {@link #find} would have chosen, were its gateway known to be there; null if it was chosen. */
    RouteEntry avoided() {
        return avoided;
    }

    void probe(RouteEntry entry, long nowNs) {
        IpAddress gateway = entry.route.gateway();
        layer.probeNeighbor(entry.route.nic(), gateway.hi(), gateway.lo(), nowNs);
    }

    /** A neighbour ceased to answer, or answered: if it is a gateway, ways are to be found anew. */
    void onReachability(int interfaceIndex, long hi, long lo, boolean reachable) {
        for (int i = 0; i < routes.size(); i++) {
            RouteEntry entry = routes.get(i);
            IpAddress gateway = entry.route.gateway();
            if (gateway != null
                    && gateway.lo() == lo
                    && gateway.hi() == hi
                    && entry.route.nic().index() == interfaceIndex) {
                entry.failed = !reachable;
                layer.onRoutesChanged();
            }
        }
    }

    boolean has(Route route, Origin origin) {
        return entry(route, origin) != null;
    }

    int size() {
        return routes.size();
    }

    RouteEntry at(int i) {
        return routes.get(i);
    }

    void remove(RouteEntry entry) {
        deadlines.cancel(entry);
        routes.remove(entry);
        layer.onRoutesChanged();
        listener.onRoute(entry.route, entry.origin, false);
    }

    void onExpired(RouteEntry entry) {
        remove(entry);
    }

    /** No more timers, and nobody is told. */
    void close() {
        for (RouteEntry entry : routes) {
            deadlines.cancel(entry);
        }
    }
}
