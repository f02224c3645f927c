package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.neighbor.Neighbor;
import dev.penstock.stack.neighbor.NeighborCache;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.NdpOption;
import org.agrona.DirectBuffer;

/**
 * Routes, prefixes, addresses and name servers out of router advertisements, on one interface.
 *
 * <p>Anybody on the link can advertise, so there are limits: {@link #MAX_ROUTERS} default routers, {@link #MAX_ROUTES} other
 * routes, {@link #MAX_PREFIXES} prefixes on link, {@link #MAX_ADDRESSES} addresses. What comes when a table is full is refused
 * and counted ({@link DropReason#NDP_TABLE_FULL}), so that a flood pushes out nothing that works. Lest a flood that came
 * first shut out the true router, a router that answers us (its neighbour entry was verified) takes the place of what one
 * told that does not; who is refused is asked, once a second at most, so that the next advertisement finds it verified.
 */
final class AdvertisedConfiguration {
    static final int MAX_ROUTERS = 16;
    static final int MAX_ROUTES = 32;
    static final int MAX_PREFIXES = 16;
    static final int MAX_ADDRESSES = 16;

    /** Of a route of medium preference; routes that others told have smaller ones, and go before it. */
    static final int METRIC = 1024;

    private static final int PREFERENCE_STEP = 64;
    private static final IpPrefix EVERYTHING = new IpPrefix(IpAddress.ANY, 0);

    private final IpLayer layer;
    private final IpInterface nic;
    private final NeighborCache neighbors;
    private final Counters counters;
    private final AutonomousAddresses autonomous;

    // The advertisement that is being read.
    private IpAddress router;
    private long mac;
    private long nowNs;

    private long askedNs;
    private boolean asked;

    AdvertisedConfiguration(IpLayer layer, IpInterface nic, NeighborCache neighbors, Counters counters) {
        this.layer = layer;
        this.nic = nic;
        this.neighbors = neighbors;
        this.counters = counters;
        this.autonomous = new AutonomousAddresses(layer, nic, counters);
    }

    /** What follows is told by {@code newRouter}, whose link address is {@code newMac}, or NONE. */
    void begin(IpAddress newRouter, long newMac, long now) {
        router = newRouter;
        mac = newMac;
        nowNs = now;
    }

    /** The router itself: "If the Router Lifetime is zero, the router is not a default router" (RFC 4861, 4.2). */
    void onRouter(long lifetime, int preference) {
        putRoute(EVERYTHING, preference, nowNs + lifetime * IpConfig.SECOND);
    }

    /** A route option (RFC 4191, section 2.3). */
    void onRoute(DirectBuffer buffer, int option) {
        int preference = NdpOption.routePreference(buffer, option);
        boolean right = NdpOption.isRouteLengthRight(buffer, option);
        if (!right || preference == NdpOption.RESERVED_PREFERENCE) {
            counters.drop(DropReason.NDP_BAD_PARAMETER);
            return;
        }
        IpAddress address =
                new IpAddress(NdpOption.routePrefixHi(buffer, option), NdpOption.routePrefixLo(buffer, option));
        IpPrefix destination = prefix(address, NdpOption.routePrefixLength(buffer, option));
        if (destination == null || !isForRoutes(destination)) {
            counters.drop(DropReason.NDP_BAD_PARAMETER);
            return;
        }
        putRoute(destination, preference, AddressTerms.after(NdpOption.lifetime(buffer, option), nowNs));
    }

    /** The prefix with all other bits zero; null for one that lies in the range of IPv4's addresses. */
    private static IpPrefix prefix(IpAddress address, int length) {
        return address.isV4() ? null : new IpPrefix(address, length).network();
    }

    private static boolean isForRoutes(IpPrefix destination) {
        IpAddress a = destination.address();
        return !(a.isMulticast() || a.isLoopback() || IpAddress.isLinkLocalV6(a.hi()) || a.isV4());
    }

    private void putRoute(IpPrefix destination, int preference, long untilNs) {
        RouteTable routes = layer.routes();
        boolean known = false;
        for (int p = -1; p <= 1; p++) {
            Route route = new Route(destination, router, nic, metric(p));
            if (p == preference) {
                known = routes.has(route, Origin.SLAAC);
            } else {
                known |= routes.remove(route, Origin.SLAAC);
            }
        }
        boolean isDefault = destination.length() == 0;
        if (!known && untilNs > nowNs && !makeRoom(isDefault ? Kind.ROUTER : Kind.ROUTE)) {
            return;
        }
        routes.put(new Route(destination, router, nic, metric(preference)), Origin.SLAAC, router, untilNs, nowNs);
    }

    private static int metric(int preference) {
        return METRIC - PREFERENCE_STEP * preference;
    }

    /** A prefix option (RFC 4861, section 6.3.4; RFC 4862, section 5.5.3): on link, for addresses, both or neither. */
    void onPrefix(DirectBuffer buffer, int option) {
        int length = NdpOption.prefixLength(buffer, option);
        IpAddress address = new IpAddress(NdpOption.prefixHi(buffer, option), NdpOption.prefixLo(buffer, option));
        IpPrefix prefix = length > 128 ? null : prefix(address, length);
        if (prefix == null) {
            counters.drop(DropReason.NDP_BAD_PARAMETER);
            return;
        }
        // RFC 4862, 5.5.3, b: "If the prefix is the link-local prefix, silently ignore the Prefix Information option."
        if (IpAddress.isLinkLocalV6(prefix.address().hi())) {
            return;
        }
        if (!isForRoutes(prefix) || length == 0) {
            counters.drop(DropReason.NDP_BAD_PARAMETER);
            return;
        }
        long valid = NdpOption.validLifetime(buffer, option);
        if (NdpOption.isOnLink(buffer, option)) {
            onLink(prefix, AddressTerms.after(valid, nowNs));
        }
        if (NdpOption.isAutonomous(buffer, option)) {
            boolean room = autonomous.knows(prefix) || valid == 0 || makeRoom(Kind.ADDRESS);
            if (room) {
                autonomous.onPrefix(prefix, router, NdpOption.preferredLifetime(buffer, option), valid, nowNs);
            }
        }
    }

    private void onLink(IpPrefix prefix, long untilNs) {
        Route route = new Route(prefix, null, nic, METRIC);
        if (layer.routes().has(route, Origin.SLAAC) || (untilNs > nowNs && makeRoom(Kind.PREFIX))) {
            layer.routes().put(route, Origin.SLAAC, router, untilNs, nowNs);
        }
    }

    /** RFC 8106, section 5.1. */
    void onNameServers(DirectBuffer buffer, int option) {
        int n = NdpOption.nameServers(buffer, option);
        long untilNs = AddressTerms.after(NdpOption.lifetime(buffer, option), nowNs);
        if (n == 0) {
            counters.drop(DropReason.NDP_BAD_PARAMETER);
        }
        for (int i = 0; i < n; i++) {
            IpAddress server =
                    new IpAddress(NdpOption.nameServerHi(buffer, option, i), NdpOption.nameServerLo(buffer, option, i));
            if (server.isV4() || server.isLoopback()) {
                counters.drop(DropReason.NDP_BAD_PARAMETER);
            } else {
                layer.resolvers().addServer(nic, server, Origin.SLAAC, untilNs, nowNs);
            }
        }
    }

    /** RFC 8106, section 5.2. */
    void onSearchDomains(DirectBuffer buffer, int option) {
        long untilNs = AddressTerms.after(NdpOption.lifetime(buffer, option), nowNs);
        for (String name : NdpOption.searchDomains(buffer, option)) {
            if (!LearnedResolvers.isDomain(name)) {
                counters.drop(DropReason.NDP_BAD_PARAMETER);
            } else {
                layer.resolvers().addDomain(nic, name, Origin.SLAAC, untilNs, nowNs);
            }
        }
    }

    /** What there are limits for. */
    private enum Kind {
        ROUTER(MAX_ROUTERS),
        ROUTE(MAX_ROUTES),
        PREFIX(MAX_PREFIXES),
        ADDRESS(MAX_ADDRESSES);

        private final int limit;

        Kind(int limit) {
            this.limit = limit;
        }

        boolean includes(Route route) {
            if (route.gateway() == null) {
                return this == PREFIX;
            }
            return this == (route.destination().length() == 0 ? ROUTER : ROUTE);
        }
    }

    /** True when there is room for one more, perhaps made by taking back what a router told that does not answer. */
    private boolean makeRoom(Kind kind) {
        RouteEntry doubtful = null;
        int n = kind == Kind.ADDRESS ? autonomous.count() : 0;
        for (int i = 0; i < layer.routes().size(); i++) {
            RouteEntry entry = layer.routes().at(i);
            if (entry.origin == Origin.SLAAC && entry.route.nic() == nic && kind.includes(entry.route)) {
                n++;
                doubtful = isVerified(entry.teller) ? doubtful : entry;
            }
        }
        if (n < kind.limit) {
            return true;
        }
        if (isVerified(router)) {
            if (kind == Kind.ADDRESS && autonomous.removeOneUnless(this::isVerified, nowNs)) {
                return true;
            }
            if (doubtful != null) {
                layer.routes().remove(doubtful);
                return true;
            }
        } else {
            ask();
        }
        counters.drop(DropReason.NDP_TABLE_FULL);
        return false;
    }

    private boolean isVerified(IpAddress teller) {
        Neighbor n = neighbors.find(nic.index(), teller.hi(), teller.lo());
        return n != null && n.isVerified();
    }

    private void ask() {
        if (!asked || nowNs - askedNs >= IpConfig.SECOND) {
            asked = true;
            askedNs = nowNs;
            if (mac != MacAddress.NONE) {
                neighbors.learn(layer.ndp(nic), nic.index(), router.hi(), router.lo(), mac, nowNs);
            }
            layer.probeNeighbor(nic, router.hi(), router.lo(), nowNs);
        }
    }

    /** True when something is here that this router told. */
    boolean isTeller(IpAddress address) {
        for (int i = 0; i < layer.routes().size(); i++) {
            RouteEntry entry = layer.routes().at(i);
            if (entry.route.nic() == nic && address.equals(entry.teller)) {
                return true;
            }
        }
        return false;
    }

    /** Takes back the routes by way of a router that is one no longer; its prefixes stay. */
    void removeRouter(IpAddress address) {
        for (int i = layer.routes().size() - 1; i >= 0; i--) {
            RouteEntry entry = layer.routes().at(i);
            if (entry.origin == Origin.SLAAC && entry.route.nic() == nic && address.equals(entry.route.gateway())) {
                layer.routes().remove(entry);
            }
        }
    }
}
