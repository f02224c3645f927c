package dev.penstock.apps.cli;

import dev.penstock.stack.ip.AddressListener;
import dev.penstock.stack.ip.IpInterface;
import dev.penstock.stack.ip.IpLayer;
import dev.penstock.stack.ip.LearnedResolvers;
import dev.penstock.stack.ip.Origin;
import dev.penstock.stack.ip.Route;
import dev.penstock.stack.ip.RouterDiscovery;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.MacAddress;
import java.util.function.Consumer;

/** Says in words what routers advertise, and what becomes of the stack's IPv6 addresses. */
final class RouterPrinter implements AddressListener, LearnedResolvers.Listener, RouterDiscovery.Listener {
    private final Consumer<String> out;

    /** @param out takes lines on the stack's thread, and must not block */
    RouterPrinter(Consumer<String> out) {
        this.out = out;
    }

    /** Begins to listen, on the stack's thread. */
    void attach(IpLayer ip) {
        ip.addAddressListener(this);
        ip.resolvers().setListener(this);
        ip.routes().setListener(this::onRoute);
        for (int i = 0; i < ip.interfaceCount(); i++) {
            ip.routerDiscovery(ip.interfaceAt(i)).setListener(this);
        }
    }

    private void onRoute(Route route, Origin origin, boolean added) {
        if (origin == Origin.SLAAC) {
            String way = route.gateway() == null ? "on link" : "via " + route.gateway();
            String what = route.destination().length() == 0 ? "default route" : "route to " + route.destination();
            out.accept("ipv6: " + what + " " + way + (added ? "" : ", gone"));
        }
    }

    @Override
    public void onUsable(IpInterface nic, IpAddress address, long nowNs) {
        if (!address.isV4()) {
            out.accept("ipv6: using " + address);
        }
    }

    @Override
    public void onConflict(IpInterface nic, IpAddress address, long mac, boolean lost, long nowNs) {
        if (!address.isV4()) {
            out.accept("ipv6: " + address + " is claimed by " + MacAddress.format(mac)
                    + (lost ? ", too: not used" : ", too: kept"));
        }
    }

    @Override
    public void onDeprecated(IpInterface nic, IpAddress address, long nowNs) {
        out.accept(family(address) + address + " is deprecated: not for new connections");
    }

    @Override
    public void onPreferred(IpInterface nic, IpAddress address, long nowNs) {
        out.accept(family(address) + address + " is preferred again");
    }

    private static String family(IpAddress address) {
        return address.isV4() ? "ipv4: " : "ipv6: ";
    }

    @Override
    public void onRemoved(IpInterface nic, IpAddress address, Origin origin, long nowNs) {
        if (!address.isV4()) {
            out.accept("ipv6: " + address + " is no longer in use");
        }
    }

    @Override
    public void onAutoconfigurationFailed(IpInterface nic, IpAddress network, long nowNs) {
        out.accept("ipv6: no address of " + network + "/64: others claim each that was tried; another attempt later");
    }

    @Override
    public void onServer(LearnedResolvers.Server server, boolean added, long nowNs) {
        if (server.origin() == Origin.SLAAC) {
            out.accept("ipv6: name server " + server.address() + (added ? "" : ", gone"));
        }
    }

    @Override
    public void onDomain(LearnedResolvers.Domain domain, boolean added, long nowNs) {
        if (domain.origin() == Origin.SLAAC) {
            out.accept("ipv6: search domain " + domain.name() + (added ? "" : ", gone"));
        }
    }

    @Override
    public void onFlags(IpInterface nic, boolean managed, boolean other, long nowNs) {
        out.accept("ipv6: routers say that "
                + (managed ? "addresses are" : other ? "other configuration is" : "nothing is")
                + " to be had from DHCPv6, which is not spoken here");
    }

    @Override
    public void onMtu(IpInterface nic, int mtu, long nowNs) {
        out.accept("ipv6: mtu " + mtu);
    }
}
