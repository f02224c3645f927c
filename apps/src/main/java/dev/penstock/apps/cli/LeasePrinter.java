package dev.penstock.apps.cli;

import dev.penstock.stack.dhcp.DhcpLease;
import dev.penstock.stack.dhcp.DhcpListener;
import dev.penstock.stack.dhcp.DhcpState;
import dev.penstock.stack.ip.IpInterface;
import dev.penstock.stack.wire.IpAddress;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Says in words what becomes of a DHCP client. */
final class LeasePrinter implements DhcpListener {
    private final Consumer<String> out;

    /** @param out takes lines on the stack's thread, and must not block */
    LeasePrinter(Consumer<String> out) {
        this.out = out;
    }

    @Override
    public void onState(IpInterface nic, DhcpState before, DhcpState now, long nowNs) {
        String words =
                switch (now) {
                    case SELECTING -> "looking for a server";
                    case REBOOTING -> "asking for the address of before";
                    case CHECKING -> "looking whether another host has the address";
                    case REBINDING -> "the server does not answer, asking all";
                    case LINK_DOWN -> "the link is down";
                    case WAITING -> "waiting before the next attempt";
                    default -> null;
                };
        if (words != null) {
            out.accept("dhcp: " + words);
        }
    }

    @Override
    public void onLease(IpInterface nic, DhcpLease lease, boolean renewed, long nowNs) {
        StringBuilder line = new StringBuilder("dhcp: ");
        line.append(lease.summary()).append(renewed ? ", renewed" : "");
        if (!renewed) {
            add(line, "routers", lease.routers());
            List<String> others = lease.routes().stream()
                    .filter(r -> r.destination().length() > 0)
                    .map(r -> r.destination() + (r.gateway() == null ? " on link" : " via " + r.gateway()))
                    .toList();
            add(line, "routes", others);
            add(line, "name servers", lease.nameServers());
            add(line, "domain", lease.domainName() == null ? List.of() : List.of(lease.domainName()));
            add(line, "search", lease.searchDomains());
            add(line, "time servers", lease.ntpServers());
            add(line, "mtu", lease.mtu() == 0 ? List.of() : List.of(lease.mtu()));
        }
        out.accept(line.toString());
    }

    private static void add(StringBuilder line, String what, List<?> items) {
        if (!items.isEmpty()) {
            line.append("; ")
                    .append(what)
                    .append(' ')
                    .append(items.stream().map(Object::toString).collect(Collectors.joining(", ")));
        }
    }

    @Override
    public void onLeaseLost(IpInterface nic, DhcpLease lease, Loss why, long nowNs) {
        String reason = why.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        out.accept("dhcp: " + lease.address() + " is no longer in use: " + reason);
    }

    @Override
    public void onLinkLocal(IpInterface nic, IpAddress address, long nowNs) {
        out.accept("no server answers: using the link-local address " + address + "/16");
    }

    @Override
    public void onLinkLocalLost(IpInterface nic, IpAddress address, long nowNs) {
        out.accept("the link-local address " + address + " is not used any more");
    }
}
