package dev.penstock.stack.ip;

import dev.penstock.stack.timer.Deadline;

/** A route in the {@link RouteTable}; its deadline is its end. */
final class RouteEntry extends Deadline {
    private final RouteTable table;
    final Route route;
    final Origin origin;

    RouteEntry(RouteTable table, Route route, Origin origin) {
        this.table = table;
        this.route = route;
        this.origin = origin;
    }

    @Override
    protected void onDeadline(long nowNs) {
        table.onExpired(this);
    }
}
