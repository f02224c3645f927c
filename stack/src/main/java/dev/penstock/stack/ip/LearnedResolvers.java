package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.timer.DeadlineQueue;
import dev.penstock.stack.wire.IpAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * The name servers and search domains that routers (RFC 8106) and DHCP servers (RFC 2132) told, until they expire. The stack
 * itself asks no name server; applications do, and get what is here.
 *
 * <p>Bounded: {@link #LIMIT} name servers and as many domains of each {@link Origin} on each interface, so that nobody who
 * floods one crowds out the other; what comes when they are full is refused, and counted as {@link
 * DropReason#RESOLVER_TABLE_FULL}. Shard thread.
 */
public final class LearnedResolvers extends Deadline {
    /** Name servers of one origin on one interface, and domains; RFC 8106, section 5.3.1, asks for three at least. */
    public static final int LIMIT = 8;
    /** Characters of a domain name (RFC 1035, section 2.3.4), without the last dot. */
    public static final int LONGEST_DOMAIN = 253;

    /**
     * A name server.
     *
     * @param nic where it was told; a link-local address is meant there
     * @param untilNs when it is forgotten; {@link AddressTerms#FOREVER}
     */
    public record Server(IpAddress address, IpInterface nic, Origin origin, long untilNs) {}

    /** A domain to be searched, without a dot at the end. */
    public record Domain(String name, IpInterface nic, Origin origin, long untilNs) {}

    /** Is told what comes and goes, not what is prolonged. Shard thread. */
    public interface Listener {
        default void onServer(Server server, boolean added, long nowNs) {}

        default void onDomain(Domain domain, boolean added, long nowNs) {}
    }

    private final DeadlineQueue deadlines;
    private final Counters counters;
    private final List<Server> servers = new ArrayList<>();
    private final List<Domain> domains = new ArrayList<>();
    private Listener listener = new Listener() {};

    LearnedResolvers(DeadlineQueue deadlines, Counters counters) {
        this.deadlines = deadlines;
        this.counters = counters;
    }

    /** Sets who is told; one at a time. */
    public void setListener(Listener newListener) {
        listener = newListener;
    }

    /** Those that have not expired, the oldest first; a copy. */
    public List<Server> servers() {
        return List.copyOf(servers);
    }

    /** Those that have not expired, the oldest first; a copy. */
    public List<Domain> domains() {
        return List.copyOf(domains);
    }

    /**
     * Learns of a name server, or for how long it is to be used from now on.
     *
     * @param untilNs when it is forgotten; {@code nowNs} or before: at once
     * @return false when it is not an address of one host, or at the limit
     */
    public boolean addServer(IpInterface nic, IpAddress address, Origin origin, long untilNs, long nowNs) {
        if (address.isAny() || address.isMulticast()) {
            return false;
        }
        Server server = new Server(address, nic, origin, untilNs);
        int at = -1;
        int ofOrigin = 0;
        for (int i = 0; i < servers.size(); i++) {
            Server s = servers.get(i);
            if (s.origin() == origin && s.nic() == nic) {
                ofOrigin++;
                at = s.address().equals(address) ? i : at;
            }
        }
        if (untilNs <= nowNs) {
            if (at >= 0) {
                listener.onServer(servers.remove(at), false, nowNs);
            }
        } else if (at >= 0) {
            servers.set(at, server);
        } else if (ofOrigin == LIMIT) {
            counters.drop(DropReason.RESOLVER_TABLE_FULL);
            return false;
        } else {
            servers.add(server);
            listener.onServer(server, true, nowNs);
        }
        reschedule();
        return true;
    }

    /**
     * Learns of a domain to be searched, or for how long from now on.
     *
     * @return false when it is not one, or at the limit
     */
    public boolean addDomain(IpInterface nic, String name, Origin origin, long untilNs, long nowNs) {
        if (!isDomain(name)) {
            return false;
        }
        Domain domain = new Domain(name, nic, origin, untilNs);
        int at = -1;
        int ofOrigin = 0;
        for (int i = 0; i < domains.size(); i++) {
            Domain d = domains.get(i);
            if (d.origin() == origin && d.nic() == nic) {
                ofOrigin++;
                at = d.name().equalsIgnoreCase(name) ? i : at;
            }
        }
        if (untilNs <= nowNs) {
            if (at >= 0) {
                listener.onDomain(domains.remove(at), false, nowNs);
            }
        } else if (at >= 0) {
            domains.set(at, domain);
        } else if (ofOrigin == LIMIT) {
            counters.drop(DropReason.RESOLVER_TABLE_FULL);
            return false;
        } else {
            domains.add(domain);
            listener.onDomain(domain, true, nowNs);
        }
        reschedule();
        return true;
    }

    /** Forgets what one origin told on an interface: its lease ended. */
    public void removeOf(IpInterface nic, Origin origin, long nowNs) {
        for (int i = servers.size() - 1; i >= 0; i--) {
            if (servers.get(i).nic() == nic && servers.get(i).origin() == origin) {
                listener.onServer(servers.remove(i), false, nowNs);
            }
        }
        for (int i = domains.size() - 1; i >= 0; i--) {
            if (domains.get(i).nic() == nic && domains.get(i).origin() == origin) {
                listener.onDomain(domains.remove(i), false, nowNs);
            }
        }
        reschedule();
    }

    /**
     * True for a domain name that may be printed and handed on: labels of 1 to 63 letters, digits, hyphens and underscores.
     * What comes from the network is not trusted to be one.
     */
    public static boolean isDomain(String name) {
        int label = 0;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean plain =
                    c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_';
            if (c == '.' ? label == 0 : !plain || label == 63) {
                return false;
            }
            label = c == '.' ? 0 : label + 1;
        }
        return label > 0 && name.length() <= LONGEST_DOMAIN;
    }

    /** No more timers. */
    void close() {
        deadlines.cancel(this);
    }

    private void reschedule() {
        long next = Deadline.NEVER;
        for (int i = 0; i < servers.size(); i++) {
            next = Math.min(next, servers.get(i).untilNs());
        }
        for (int i = 0; i < domains.size(); i++) {
            next = Math.min(next, domains.get(i).untilNs());
        }
        deadlines.schedule(this, next);
    }

    @Override
    protected void onDeadline(long nowNs) {
        for (int i = servers.size() - 1; i >= 0; i--) {
            if (servers.get(i).untilNs() <= nowNs) {
                listener.onServer(servers.remove(i), false, nowNs);
            }
        }
        for (int i = domains.size() - 1; i >= 0; i--) {
            if (domains.get(i).untilNs() <= nowNs) {
                listener.onDomain(domains.remove(i), false, nowNs);
            }
        }
        reschedule();
    }
}
