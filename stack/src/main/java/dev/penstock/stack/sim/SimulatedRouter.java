package dev.penstock.stack.sim;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.RouterAdvertisement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A router of a {@link SimulatedNetwork}: forwards IPv4 (RFC 1812) and IPv6 (RFC 8200) by the longest prefix, counts down
 * the TTL, fragments IPv4 packets that allow it, and sends the ICMP errors that a sender needs: time exceeded,
 * unreachable, fragmentation needed and packet too big. Resolves its neighbours by ARP and neighbour discovery, and answers
 * pings. It has no delay and no queue of its own; those belong to the links.
 *
 * <pre>{@code
 * SimulatedRouter r = net.newRouter("r");
 * r.plugInto(net.lan(), 1500, "192.0.2.254/24", "2001:db8:1::1/64");
 * r.plugInto(net.newSwitch("other"), 1400, "198.51.100.254/24");
 * r.route("203.0.113.0/24", "198.51.100.1");
 * }</pre>
 */
public final class SimulatedRouter extends SimulatedNode {
    private static final int MAX_ROUTES = 4096;

    private final List<RouterPort> ports = new ArrayList<>();
    /** The longest prefixes first. */
    private final List<Hop> routes = new ArrayList<>();

    private final RouterIpv4 ipv4 = new RouterIpv4(this);
    private final RouterIpv6 ipv6 = new RouterIpv6(this);
    private final long[] drops = new long[RouterDrop.values().length];
    private long forwarded;
    private boolean silent;

    /**
     * A way to go.
     *
     * @param gateway the neighbour to go through; null where the destination itself is one
     */
    record Hop(IpPrefix destination, RouterPort port, IpAddress gateway) {}

    SimulatedRouter(SimulatedNetwork network, String name) {
        super(network, name);
    }

    /**
     * Plugs it into the end of a link, with these addresses there, whose networks are reached directly.
     *
     * @param prefixes {@code "192.0.2.254/24"}, of either family, at least one
     */
    public void plugInto(LinkEnd end, String... prefixes) {
        if (prefixes.length == 0) {
            throw new IllegalArgumentException("router " + name() + " needs an address on each link");
        }
        List<IpPrefix> own = new ArrayList<>();
        for (String prefix : prefixes) {
            own.add(IpPrefix.parse(prefix));
        }
        plugIn(end);
        RouterPort port = new RouterPort(this, end, own);
        ports.add(port);
        for (IpPrefix prefix : own) {
            add(new Hop(prefix.network(), port, null));
        }
    }

    /** Plugs it into a switch, by a new link. */
    public SimulatedLink plugInto(SimulatedSwitch lan, int mtu, String... prefixes) {
        SimulatedLink link = network.link(mtu);
        lan.plugInto(link.b());
        plugInto(link.a(), prefixes);
        return link;
    }

    /**
     * Adds a route.
     *
     * @param destination {@code "198.51.100.0/24"}, {@code "::/0"}
     * @param gateway a neighbour on one of its links
     */
    public void route(String destination, String gateway) {
        IpAddress next = IpAddress.parse(gateway);
        Hop direct = find(next.hi(), next.lo());
        if (direct == null || direct.gateway != null) {
            throw new IllegalArgumentException(gateway + " is no neighbour of router " + name());
        }
        add(new Hop(IpPrefix.parse(destination).network(), direct.port, next));
    }

    /**
     * Advertises it on one of its links, from the link-local address that it must have there.
     *
     * @param link 0 for the first that it was plugged into
     */
    public RouterAdvertiser advertise(int link, RouterAdvertisement content) {
        RouterPort port = ports.get(link);
        IpAddress source = port.linkLocal();
        if (source == null) {
            throw new IllegalStateException("router " + name() + " has no link-local address on link " + link);
        }
        RouterAdvertiser advertiser = new RouterAdvertiser(network, port, source, content);
        port.advertiser = advertiser;
        network.schedule(advertiser, network.nowNs());
        return advertiser;
    }

    /** The link address on one of its links; see {@link #advertise}. */
    public long macAddress(int link) {
        return ports.get(link).end().macAddress();
    }

    private void add(Hop hop) {
        if (routes.size() == MAX_ROUTES) {
            throw new IllegalStateException("router " + name() + " has " + MAX_ROUTES + " routes already");
        }
        routes.add(hop);
        routes.sort(Comparator.comparingInt((Hop h) -> -h.destination.length()));
    }

    /** While {@code on}, it sends no ICMP errors: a black hole for those who look for the path MTU. */
    public void silent(boolean on) {
        silent = on;
    }

    boolean isSilent() {
        return silent;
    }

    /** Packets forwarded, a fragmented one counted once. */
    public long forwarded() {
        return forwarded;
    }

    /** Packets not forwarded for that reason. */
    @SuppressWarnings("EnumOrdinal")
    public long count(RouterDrop reason) {
        return drops[reason.ordinal()];
    }

    /** The way to an address, or null. */
    Hop find(long hi, long lo) {
        for (int i = 0; i < routes.size(); i++) {
            Hop hop = routes.get(i);
            if (hop.destination.contains(hi, lo)) {
                return hop;
            }
        }
        return null;
    }

    boolean isOwn(long hi, long lo) {
        for (int i = 0; i < ports.size(); i++) {
            if (ports.get(i).isOwn(hi, lo)) {
                return true;
            }
        }
        return false;
    }

    boolean isBroadcast(long hi, long lo) {
        for (int i = 0; i < ports.size(); i++) {
            if (ports.get(i).isBroadcast(hi, lo)) {
                return true;
            }
        }
        return false;
    }

    RouterIpv4 ipv4() {
        return ipv4;
    }

    RouterIpv6 ipv6() {
        return ipv6;
    }

    /** Sends a packet that has to go to {@code hi, lo}, whose Ethernet header is still to be written, by {@code hop}. */
    void send(Hop hop, long hi, long lo, Frame frame, long nowNs) {
        IpAddress gateway = hop.gateway;
        if (gateway == null) {
            hop.port.send(hi, lo, frame, nowNs);
        } else {
            hop.port.send(gateway.hi(), gateway.lo(), frame, nowNs);
        }
    }

    void countForwarded() {
        forwarded++;
    }

    @SuppressWarnings("EnumOrdinal")
    void drop(RouterDrop reason, RouterPort in, Frame frame, long nowNs) {
        drops[reason.ordinal()]++;
        in.end().incoming().event(LinkEvent.NOT_FORWARDED, frame, nowNs);
    }

    @Override
    void run(long nowNs) {
        long next = Long.MAX_VALUE;
        for (int i = 0; i < ports.size(); i++) {
            RouterPort port = ports.get(i);
            LinkSide in = port.end().incoming();
            Frame frame;
            while ((frame = in.take(nowNs)) != null) {
                try {
                    receive(port, frame, nowNs);
                } finally {
                    frame.release();
                }
            }
            next = Math.min(next, in.nextNs());
        }
        wakeAt(next);
    }

    private void receive(RouterPort port, Frame frame, long nowNs) {
        int length = frame.headLength();
        if (length < EthernetHeader.LENGTH) {
            drop(RouterDrop.MALFORMED, port, frame, nowNs);
            return;
        }
        long destination = EthernetHeader.destination(frame.buffer(), frame.start());
        if (destination != port.end().macAddress() && !MacAddress.isGroup(destination)) {
            return;
        }
        switch (EthernetHeader.type(frame.buffer(), frame.start())) {
            case EthernetHeader.TYPE_ARP -> port.onArp(frame, nowNs);
            case EthernetHeader.TYPE_IPV4 -> ipv4.receive(port, frame, nowNs);
            case EthernetHeader.TYPE_IPV6 -> ipv6.receive(port, frame, nowNs);
            default -> drop(RouterDrop.NOT_FORWARDABLE, port, frame, nowNs);
        }
    }

    @Override
    void close() {
        for (RouterPort port : ports) {
            port.close();
        }
    }
}
