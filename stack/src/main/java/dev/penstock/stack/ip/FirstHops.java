package dev.penstock.stack.ip;

import dev.penstock.stack.neighbor.Neighbor;
import dev.penstock.stack.neighbor.NeighborListener;

/** Has ways found anew when a neighbour that may be a first hop ceases to answer, or answers again. */
final class FirstHops implements NeighborListener {
    private final RouteTable routes;
    private final Redirects redirects;

    FirstHops(RouteTable routes, Redirects redirects) {
        this.routes = routes;
        this.redirects = redirects;
    }

    @Override
    public void onReachability(Neighbor neighbor, boolean reachable, long nowNs) {
        routes.onReachability(neighbor.interfaceIndex(), neighbor.hi(), neighbor.lo(), reachable);
        if (!reachable) {
            redirects.onFailed(neighbor.interfaceIndex(), neighbor.hi(), neighbor.lo());
        }
    }
}
