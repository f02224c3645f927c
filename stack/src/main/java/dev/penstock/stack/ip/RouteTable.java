package dev.penstock.stack.ip;

import java.util.ArrayList;
import java.util.List;

/**
 * The routes, in the order in which they are to be tried: longest prefix first, then smallest metric, then oldest.
 * Looked at once per destination, see {@link DestinationCache}, hence plain.
 */
final class RouteTable {
    /** The most routes. */
    static final int MAX_ROUTES = 256;

    private final List<Route> routes = new ArrayList<>();

    /** False when it is there already or the table is full. */
    boolean add(Route route) {
        if (routes.size() == MAX_ROUTES || routes.contains(route)) {
            return false;
        }
        int at = 0;
        while (at < routes.size() && !goesAfter(routes.get(at), route)) {
            at++;
        }
        routes.add(at, route);
        return true;
    }

    private static boolean goesAfter(Route there, Route added) {
        int byLength = added.destination().length() - there.destination().length();
        return byLength > 0 || (byLength == 0 && there.metric() > added.metric());
    }

    boolean remove(Route route) {
        return routes.remove(route);
    }

    void removeOf(IpInterface nic) {
        routes.removeIf(r -> r.nic() == nic);
    }

    /** The best route whose interface is up, or null. */
    Route find(long hi, long lo) {
        for (int i = 0; i < routes.size(); i++) {
            Route route = routes.get(i);
            if (route.destination().contains(hi, lo) && route.nic().port().isUp()) {
                return route;
            }
        }
        return null;
    }

    List<Route> list() {
        return List.copyOf(routes);
    }
}
