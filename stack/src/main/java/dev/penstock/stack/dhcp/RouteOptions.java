package dev.penstock.stack.dhcp;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import java.util.ArrayList;
import java.util.List;

/** The routes of a lease: those of option 121 (RFC 3442) or, without it, those by the routers of option 3. */
final class RouteOptions {
    private final IpPrefix address;
    private final Counters counters;
    private final List<DhcpLease.Route> routes = new ArrayList<>();

    RouteOptions(IpPrefix address, Counters counters) {
        this.address = address;
        this.counters = counters;
    }

    List<DhcpLease.Route> routes(OptionReader options, List<IpAddress> routers) {
        byte[] classless = options.value(DhcpOption.CLASSLESS_ROUTES);
        // RFC 3442, "DHCP Client Behavior": "If the DHCP server returns both a Classless Static Routes option and a
        // Router option, the DHCP client MUST ignore the Router option."
        if (classless != null && readClassless(classless)) {
            keepReachable();
            return routes;
        }
        routes.clear();
        for (IpAddress router : routers) {
            byRouter(router);
        }
        return routes;
    }

    private void byRouter(IpAddress router) {
        IpPrefix any = new IpPrefix(IpAddress.ANY_V4, 0);
        if (isNeighbour(router)) {
            routes.add(new DhcpLease.Route(any, router));
        } else if (address.length() == 32 && !router.equals(address.address())) {
            // Clouds lend single addresses: the router is a neighbour without being in a common network.
            routes.add(new DhcpLease.Route(new IpPrefix(router, 32), null));
            routes.add(new DhcpLease.Route(any, router));
        } else {
            counters.drop(DropReason.DHCP_BAD_ROUTE);
        }
    }

    /** In the network of our address, and neither ours nor one of its two special ones. */
    private boolean isNeighbour(IpAddress gateway) {
        return address.length() < 32
                && address.contains(gateway.hi(), gateway.lo())
                && ReplyReader.isForHost(new IpPrefix(gateway, address.length()))
                && !gateway.equals(address.address());
    }

    /** False, with nothing learnt for certain, when the option is malformed. */
    private boolean readClassless(byte[] value) {
        int at = 0;
        while (at < value.length) {
            int length = value[at++] & 0xff;
            int significant = (length + 7) / 8;
            if (length > 32 || value.length - at < significant + 4) {
                counters.count(StackCounter.DHCP_OPTIONS_IGNORED);
                return false;
            }
            int network = 0;
            for (int i = 0; i < significant; i++) {
                network |= (value[at + i] & 0xff) << (24 - 8 * i);
            }
            at += significant;
            // RFC 3442 has clients clear the host bits that a server has set.
            IpPrefix destination = new IpPrefix(IpAddress.ofV4(network), length).network();
            IpAddress gateway = IpAddress.ofV4(ReplyReader.i32(value, at));
            at += 4;
            if (routes.size() == ReplyReader.MAX_ROUTES) {
                counters.drop(DropReason.DHCP_BAD_ROUTE);
            } else {
                // RFC 3442, "Local Subnet Routes": a router of 0.0.0.0 says that the network is on the link.
                routes.add(new DhcpLease.Route(destination, gateway.isAny() ? null : gateway));
            }
        }
        return !routes.isEmpty();
    }

    /** A gateway is a neighbour by our address's network, or by a route of the same option that says so. */
    private void keepReachable() {
        List<DhcpLease.Route> all = List.copyOf(routes);
        routes.removeIf(route -> {
            IpAddress to = route.destination().address();
            boolean good = route.destination().length() == 0 || ReplyReader.isHost(to.v4Bits());
            IpAddress gateway = route.gateway();
            good &= gateway == null
                    || isNeighbour(gateway)
                    || (ReplyReader.isHost(gateway.v4Bits())
                            && all.stream()
                                    .anyMatch(r -> r.gateway() == null
                                            && r.destination().contains(gateway.hi(), gateway.lo())));
            if (!good) {
                counters.drop(DropReason.DHCP_BAD_ROUTE);
            }
            return !good;
        });
    }
}
