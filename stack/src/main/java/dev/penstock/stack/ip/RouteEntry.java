package dev.penstock.stack.ip;

import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.wire.IpAddress;

/** A route in the {@link RouteTable}, with what is known of its gateway; its deadline is its end. */
final class RouteEntry extends Deadline {
    private final RouteTable table;
    final Route route;
    final Origin origin;
    /** Which router told it, or null. */
    final IpAddress teller;
    /** The gateway does not answer, as far as is known. */
    boolean failed;
    /** When it was last chosen although it does not answer, in the order of choices. */
    long chosen;
    /** When the gateway was last asked whether it is there, without being used. */
    private long probedNs;

    private boolean probed;

    RouteEntry(RouteTable table, Route route, Origin origin, IpAddress teller) {
        this.table = table;
        this.route = route;
        this.origin = origin;
        this.teller = teller;
    }

    /**
     * Something is sent that would have gone this way, were its gateway known to be there: RFC 4191, section 3.5: "the host
     * SHOULD probe each such router X's reachability by sending a single Neighbor Solicitation ... rate-limited to no more
     * than one per minute per router".
     */
    void probe(long nowNs) {
        if (!probed || nowNs - probedNs >= RouteTable.PROBE_INTERVAL_NS) {
            probed = true;
            probedNs = nowNs;
            table.probe(this, nowNs);
        }
    }

    @Override
    protected void onDeadline(long nowNs) {
        table.onExpired(this);
    }
}
