package dev.penstock.stack.dhcp;

import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a DHCP server lent: an address and what goes with it. All of it was checked: the address is one that a host can have,
 * routers and gateways are neighbours, names are names. Immutable; any thread.
 *
 * @param address with the length of its network's prefix
 * @param server the server's identifier
 * @param leaseSeconds for how long, from the request on; {@link #INFINITE}
 * @param renewSeconds T1: when the server is asked to prolong it; {@link #INFINITE}
 * @param rebindSeconds T2: when any server is asked; {@link #INFINITE}
 * @param routes to other networks, the first of a destination before the others: of option 121 (RFC 3442) if there was one,
 *     else the default routes of option 3
 * @param nameServers option 6
 * @param searchDomains option 119 (RFC 3397), without dots at their ends
 * @param domainName option 15, or null
 * @param ntpServers option 42
 * @param mtu option 26, bytes; 0 if there was none
 * @param broadcast option 28, or null; told only: the stack's own is that of the prefix
 */
public record DhcpLease(
        IpPrefix address,
        IpAddress server,
        long leaseSeconds,
        long renewSeconds,
        long rebindSeconds,
        List<Route> routes,
        List<IpAddress> nameServers,
        List<String> searchDomains,
        String domainName,
        List<IpAddress> ntpServers,
        int mtu,
        IpAddress broadcast) {
    /** A time that never comes (RFC 2131, section 3.3). */
    public static final long INFINITE = 0xffff_ffffL;

    private static final int LONGEST_TEXT = 16_384;

    /**
     * A way to a network.
     *
     * @param destination host bits zero; of length 0 for the default route
     * @param gateway the next hop, or null when the destinations are neighbours themselves
     */
    public record Route(IpPrefix destination, IpAddress gateway) {
        @Override
        public String toString() {
            return destination + " " + (gateway == null ? "link" : gateway.toString());
        }
    }

    /** Copies the lists. */
    public DhcpLease {
        routes = List.copyOf(routes);
        nameServers = List.copyOf(nameServers);
        searchDomains = List.copyOf(searchDomains);
        ntpServers = List.copyOf(ntpServers);
    }

    /** True when it never ends. */
    public boolean isInfinite() {
        return leaseSeconds == INFINITE;
    }

    /** The default routers, the preferred one first. */
    public List<IpAddress> routers() {
        return routes.stream()
                .filter(r -> r.destination().length() == 0 && r.gateway() != null)
                .map(Route::gateway)
                .toList();
    }

    /**
     * As text, a line {@code key value} for each item: for a file, from which {@link #parse} reads it after a restart. The times
     * are those that the server told; when the lease began is the application's to keep.
     */
    public String toText() {
        StringBuilder out = new StringBuilder();
        line(out, "address", address);
        line(out, "server", server);
        line(out, "lease", leaseSeconds);
        line(out, "renew", renewSeconds);
        line(out, "rebind", rebindSeconds);
        line(out, "routes", join(routes));
        line(out, "name-servers", join(nameServers));
        line(out, "search", join(searchDomains));
        line(out, "domain", domainName);
        line(out, "ntp-servers", join(ntpServers));
        line(out, "mtu", mtu == 0 ? "" : mtu);
        line(out, "broadcast", broadcast);
        return out.toString();
    }

    private static String join(List<?> list) {
        return list.stream().map(Object::toString).collect(Collectors.joining(", "));
    }

    private static void line(StringBuilder out, String key, Object value) {
        if (value != null && !value.toString().isEmpty()) {
            out.append(key).append(' ').append(value).append('\n');
        }
    }

    /**
     * Reads what {@link #toText} wrote.
     *
     * @throws IllegalArgumentException naming the line that is wrong
     */
    public static DhcpLease parse(String text) {
        if (text.length() > LONGEST_TEXT) {
            throw new IllegalArgumentException("not a lease: " + text.length() + " characters");
        }
        Map<String, String> items = new LinkedHashMap<>();
        for (String line : text.split("\\R", -1)) {
            int space = line.indexOf(' ');
            if (!line.isBlank()
                    && (space < 1 || items.put(line.substring(0, space), line.substring(space + 1)) != null)) {
                throw new IllegalArgumentException("not a line of a lease: '" + line + "'");
            }
        }
        try {
            List<Route> routes = new ArrayList<>();
            for (String route : list(items.remove("routes"))) {
                String[] words = route.split(" ", -1);
                IpAddress gateway = words[1].equals("link") ? null : IpAddress.parse(words[1]);
                routes.add(new Route(IpPrefix.parse(words[0]).network(), gateway));
            }
            DhcpLease lease = new DhcpLease(
                    IpPrefix.parse(required(items, "address")),
                    IpAddress.parse(required(items, "server")),
                    seconds(items, "lease"),
                    seconds(items, "renew"),
                    seconds(items, "rebind"),
                    routes,
                    addresses(items.remove("name-servers")),
                    list(items.remove("search")),
                    items.remove("domain"),
                    addresses(items.remove("ntp-servers")),
                    (int) Math.min(65_535, number(items.getOrDefault("mtu", "0"))),
                    items.containsKey("broadcast") ? IpAddress.parse(items.get("broadcast")) : null);
            items.remove("mtu");
            items.remove("broadcast");
            if (!items.isEmpty() || !ReplyReader.isForHost(lease.address)) {
                throw new IllegalArgumentException(items.isEmpty() ? "no host's address" : items.toString());
            }
            return lease;
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("not a lease: " + e.getMessage(), e);
        }
    }

    private static String required(Map<String, String> items, String key) {
        String value = items.remove(key);
        if (value == null) {
            throw new IllegalArgumentException("the line '" + key + "' is missing");
        }
        return value;
    }

    private static long seconds(Map<String, String> items, String key) {
        return number(required(items, key));
    }

    private static long number(String text) {
        if (!text.matches("[0-9]{1,10}") || Long.parseLong(text) > INFINITE) {
            throw new IllegalArgumentException("not a number: '" + text + "'");
        }
        return Long.parseLong(text);
    }

    private static List<String> list(String text) {
        return text == null ? List.of() : List.of(text.split(", ", -1));
    }

    private static List<IpAddress> addresses(String text) {
        return list(text).stream().map(IpAddress::parse).toList();
    }

    /** One line for people: {@code 192.0.2.7/24 from 192.0.2.1 for 3600 s}. */
    public String summary() {
        return String.format(
                Locale.ROOT, "%s from %s for %s", address, server, isInfinite() ? "ever" : leaseSeconds + " s");
    }
}
