package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.timer.DeadlineQueue;
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

    private final IpLayer layer;
    private final DeadlineQueue deadlines;
    private final Counters counters;
    private final List<RouteEntry> routes = new ArrayList<>();
    private RouteListener listener = (route, origin, added) -> {};

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
            entry = new RouteEntry(this, route, origin);
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

    private void remove(RouteEntry entry) {
        deadlines.cancel(entry);
        routes.remove(entry);
        layer.onRoutesChanged();
        listener.onRoute(entry.route, entry.origin, false);
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

    /** The best route whose interface is up, or null. */
    Route find(long hi, long lo) {
        for (int i = 0; i < routes.size(); i++) {
            Route route = routes.get(i).route;
            if (route.destination().contains(hi, lo) && route.nic().port().isUp()) {
                return route;
            }
        }
        return null;
    }

    /** The best route by this interface, or null. */
    Route find(long hi, long lo, IpInterface nic) {
        for (int i = 0; i < routes.size(); i++) {
            Route route = routes.get(i).route;
            if (route.nic() == nic
                    && route.destination().contains(hi, lo)
                    && nic.port().isUp()) {
                return route;
            }
        }
        return null;
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
