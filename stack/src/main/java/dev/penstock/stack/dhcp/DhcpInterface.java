package dev.penstock.stack.dhcp;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.ip.AddressListener;
import dev.penstock.stack.ip.AddressTerms;
import dev.penstock.stack.ip.IpInterface;
import dev.penstock.stack.ip.IpLayer;
import dev.penstock.stack.ip.LearnedResolvers;
import dev.penstock.stack.ip.Origin;
import dev.penstock.stack.ip.Route;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.timer.DeadlineQueue;
import dev.penstock.stack.udp.UdpEndpoint;
import dev.penstock.stack.udp.UdpHandler;
import dev.penstock.stack.udp.UdpLayer;
import dev.penstock.stack.wire.DhcpHeader;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.UdpHeader;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * DHCP on one interface, and a link-local address when no server answers: the client's port to IP and UDP. Made by {@link
 * DhcpLayer#start}. Shard thread.
 */
public final class DhcpInterface implements ClientPort, AddressListener {
    /** Behind static routes, before those of nobody; each further router of a lease is one behind the one before. */
    private static final int METRIC = 100;

    private static final int HEADROOM = UdpHeader.LENGTH;
    private static final IpPrefix LINK_LOCAL = IpPrefix.parse("169.254.0.0/16");

    private final IpLayer ip;
    private final UdpLayer udp;
    private final IpInterface nic;
    private final int metric;
    private final DhcpConfig config;
    private final DeadlineQueue deadlines;
    private final UdpHandler receiver;
    private final DhcpClient client;
    private final LinkLocalV4 linkLocal;
    private final UnsafeBuffer packet = new UnsafeBuffer(new byte[HEADROOM + 2048]);
    private final List<Route> routes = new ArrayList<>();
    private final Deadline noAnswer = new Deadline() {
        @Override
        protected void onDeadline(long nowNs) {
            linkLocal.start(nowNs);
        }
    };
    /** Bound to the lease's address, for what goes to its server alone; null without a lease. */
    private UdpEndpoint endpoint;

    private IpAddress leased;
    private boolean up;

    DhcpInterface(
            DhcpConfig config,
            IpInterface nic,
            int metric,
            IpLayer ip,
            UdpLayer udp,
            DeadlineQueue deadlines,
            RandomSource random,
            Counters counters,
            UdpHandler receiver) {
        this.config = config;
        this.nic = nic;
        this.metric = METRIC + metric;
        this.ip = ip;
        this.udp = udp;
        this.deadlines = deadlines;
        this.receiver = receiver;
        this.client = new DhcpClient(config, this, new Told(), deadlines, random, counters);
        this.linkLocal = new LinkLocalV4(ip, nic, deadlines, counters, config.listener);
    }

    // For users.

    public IpInterface nic() {
        return nic;
    }

    public DhcpState state() {
        return client.state();
    }

    /** The lease in use, or null. */
    public DhcpLease lease() {
        return client.lease();
    }

    /** When the lease in use ends, on the stack's clock; {@link Deadline#NEVER}. */
    public long leaseEndNs() {
        return client.leaseEndNs();
    }

    /** The link-local address in use (RFC 3927), or null. */
    public IpAddress linkLocalAddress() {
        return linkLocal.address();
    }

    // For the layer.

    void start(long nowNs) {
        up = nic.port().isUp();
        nic.expectConfiguration(true);
        // RFC 3927, 2.6.2: to a destination of 169.254/16 "the sender MUST ARP for the destination address and then
        // send its packet directly ... This MUST be done whether the interface is configured with a Link-Local or a
        // routable IPv4 address."
        Route neighbours = new Route(LINK_LOCAL, null, nic, metric);
        ip.routes().put(neighbours, Origin.DHCP, AddressTerms.FOREVER, nowNs);
        client.start(nowNs);
    }

    /** Looks whether the link came or went. */
    void watchLink(long nowNs) {
        boolean now = nic.port().isUp();
        if (now == up) {
            return;
        }
        up = now;
        if (now) {
            client.onLinkUp(nowNs);
        } else {
            client.onLinkDown(nowNs);
        }
    }

    /** True when the lease was given back, or there is none. */
    boolean release(long nowNs) {
        return client.release(nowNs);
    }

    void stop(long nowNs) {
        client.stop(nowNs);
        linkLocal.stop(nowNs);
        deadlines.cancel(noAnswer);
        nic.expectConfiguration(false);
        ip.routes().remove(new Route(LINK_LOCAL, null, nic, metric), Origin.DHCP);
    }

    /** Timers and memory, without a word to anyone. */
    void close() {
        deadlines.cancel(noAnswer);
        deadlines.cancel(client);
        deadlines.cancel(linkLocal);
        closeEndpoint();
    }

    DropReason onMessage(DirectBuffer buffer, int offset, int length, long nowNs) {
        return client.onMessage(buffer, offset, length, nowNs);
    }

    void checkInvariants() {
        client.checkInvariants();
    }

    // What the client does.

    @Override
    public boolean isUp() {
        return nic.port().isUp();
    }

    @Override
    public long mac() {
        return nic.port().mac();
    }

    @Override
    public void broadcast(int source, DirectBuffer message, int length, long nowNs) {
        int total = UdpHeader.LENGTH + length;
        packet.putBytes(HEADROOM, message, 0, length);
        UdpHeader.put(packet, 0, DhcpHeader.CLIENT_PORT, DhcpHeader.SERVER_PORT, total, 0);
        int pseudo = InternetChecksum.pseudoHeader(
                0, IpAddress.v4(source), 0, IpAddress.BROADCAST_V4.lo(), IpProtocol.UDP, total);
        int sum = InternetChecksum.finish(InternetChecksum.add(pseudo, InternetChecksum.sum(packet, 0, total)));
        // RFC 768: "If the computed checksum is zero, it is transmitted as all ones".
        UdpHeader.put(packet, 0, DhcpHeader.CLIENT_PORT, DhcpHeader.SERVER_PORT, total, sum == 0 ? 0xffff : sum);
        ip.broadcastV4(nic, source, IpProtocol.UDP, packet, 0, total);
    }

    @Override
    public boolean unicast(int source, int server, DirectBuffer message, int length, long nowNs) {
        if (endpoint == null) {
            return true;
        }
        int sent = endpoint.send(0, IpAddress.v4(server), DhcpHeader.SERVER_PORT, message, 0, length, nowNs);
        return sent != UdpEndpoint.UNRESOLVED && sent != UdpEndpoint.WOULD_BLOCK;
    }

    @Override
    public void claim(DhcpLease lease, long endNs, boolean probe, long nowNs) {
        leased = lease.address().address();
        AddressTerms terms = new AddressTerms(Origin.DHCP, endNs, endNs, true);
        if (!ip.addresses().put(nic, lease.address(), terms, probe, nowNs)) {
            // Ours by another origin, or there is no room: not from this server, then.
            leased = null;
            client.onConflict(nowNs);
        }
    }

    @Override
    public void apply(DhcpLease lease, long endNs, long nowNs) {
        ip.addresses().setLifetimes(nic, leased, endNs, endNs, nowNs);
        List<Route> wanted = new ArrayList<>();
        for (DhcpLease.Route route : lease.routes()) {
            wanted.add(new Route(route.destination(), route.gateway(), nic, metric + wanted.size()));
        }
        for (Route old : routes) {
            if (!wanted.contains(old)) {
                ip.routes().remove(old, Origin.DHCP);
            }
        }
        routes.clear();
        for (Route route : wanted) {
            if (ip.routes().put(route, Origin.DHCP, endNs, nowNs)) {
                routes.add(route);
            }
        }
        learnResolvers(lease, endNs, nowNs);
        ip.setMtuV4(nic, config.takeMtu && lease.mtu() >= DhcpConfig.MIN_MTU ? lease.mtu() : 0);
        openEndpoint();
    }

    private void learnResolvers(DhcpLease lease, long endNs, long nowNs) {
        LearnedResolvers resolvers = ip.resolvers();
        for (LearnedResolvers.Server server : resolvers.servers()) {
            if (server.nic() == nic
                    && server.origin() == Origin.DHCP
                    && !lease.nameServers().contains(server.address())) {
                resolvers.addServer(nic, server.address(), Origin.DHCP, nowNs, nowNs);
            }
        }
        List<String> names = searched(lease);
        for (LearnedResolvers.Domain domain : resolvers.domains()) {
            if (domain.nic() == nic && domain.origin() == Origin.DHCP && !names.contains(domain.name())) {
                resolvers.addDomain(nic, domain.name(), Origin.DHCP, nowNs, nowNs);
            }
        }
        for (IpAddress server : lease.nameServers()) {
            resolvers.addServer(nic, server, Origin.DHCP, endNs, nowNs);
        }
        for (String name : names) {
            resolvers.addDomain(nic, name, Origin.DHCP, endNs, nowNs);
        }
    }

    /** RFC 3397 has the search list of option 119 take the place of the domain name of option 15. */
    private static List<String> searched(DhcpLease lease) {
        if (!lease.searchDomains().isEmpty() || lease.domainName() == null) {
            return lease.searchDomains();
        }
        return List.of(lease.domainName());
    }

    @Override
    public void withdraw(DhcpLease lease, long nowNs) {
        closeEndpoint();
        for (Route route : routes) {
            ip.routes().remove(route, Origin.DHCP);
        }
        routes.clear();
        ip.resolvers().removeOf(nic, Origin.DHCP, nowNs);
        ip.setMtuV4(nic, 0);
        IpAddress address = leased;
        leased = null;
        if (address != null) {
            ip.addresses().remove(nic, address, nowNs);
        }
    }

    private void openEndpoint() {
        if (endpoint != null) {
            return;
        }
        UdpEndpoint opened = udp.open(receiver);
        // Without one, at the limit of endpoints, the lease is prolonged by broadcasts once T2 has come.
        if (opened != null && opened.bind(leased.hi(), leased.lo(), DhcpHeader.CLIENT_PORT) == UdpEndpoint.OK) {
            endpoint = opened;
        } else if (opened != null) {
            opened.close();
        }
    }

    private void closeEndpoint() {
        if (endpoint != null) {
            endpoint.close();
            endpoint = null;
        }
    }

    // What becomes of addresses.

    @Override
    public void onUsable(IpInterface at, IpAddress address, long nowNs) {
        if (at == nic && address.equals(leased)) {
            client.onUsable(nowNs);
        } else if (at == nic && linkLocal.isOurs(address)) {
            linkLocal.onUsable(nowNs);
        }
    }

    @Override
    public void onConflict(IpInterface at, IpAddress address, long mac, boolean lost, long nowNs) {
        if (at != nic || !lost) {
            return;
        }
        if (address.equals(leased)) {
            leased = null;
            client.onConflict(nowNs);
        } else if (IpAddress.isLinkLocalV4(address.v4Bits())) {
            linkLocal.onConflict(nowNs);
        }
    }

    @Override
    public void onRemoved(IpInterface at, IpAddress address, Origin origin, long nowNs) {
        if (at == nic && origin == Origin.LINK_LOCAL && linkLocal.isOurs(address)) {
            linkLocal.onRemoved(nowNs);
        }
    }

    // What the client tells.

    private final class Told implements DhcpClient.ClientListener {
        @Override
        public void onState(DhcpState before, DhcpState now, long nowNs) {
            boolean searching = now == DhcpState.INIT || now == DhcpState.SELECTING || now == DhcpState.INIT_REBOOT;
            if (searching && config.linkLocal && !noAnswer.isScheduled()) {
                deadlines.schedule(noAnswer, nowNs + config.linkLocalAfterNs);
            }
            config.listener.onState(nic, before, now, nowNs);
        }

        @Override
        public void onLease(DhcpLease lease, boolean renewed, long nowNs) {
            deadlines.cancel(noAnswer);
            linkLocal.retire(config.linkLocalGraceNs, nowNs);
            config.listener.onLease(nic, lease, renewed, nowNs);
        }

        @Override
        public void onLeaseLost(DhcpLease lease, DhcpListener.Loss why, long nowNs) {
            config.listener.onLeaseLost(nic, lease, why, nowNs);
        }
    }
}
