package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.neighbor.Neighbor;
import dev.penstock.stack.neighbor.NeighborCache;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.timer.DeadlineQueue;
import dev.penstock.stack.wire.Icmpv6Header;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.Ipv6Header;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.NdpMessage;
import dev.penstock.stack.wire.NdpOption;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;

/**
 * Router discovery of a host on one interface (RFC 4861, section 6.3): asks for routers and takes over what they advertise:
 * default routes and others with their preferences (RFC 4191), prefixes on link, addresses (RFC 4862, section 5.5), MTU, hop
 * limit, timers, name servers (RFC 8106). Does nothing until it is started. Shard thread.
 *
 * <p>Whatever is advertised is bounded, see {@link AdvertisedConfiguration}. Values that no sane router advertises are not
 * taken over and counted as {@link DropReason#NDP_BAD_PARAMETER}.
 */
public final class RouterDiscovery extends Deadline {
    /** RFC 4861, section 10: MAX_RTR_SOLICITATION_DELAY. */
    private static final long MAX_DELAY_NS = IpConfig.SECOND;
    /** RFC 7559, section 2: IRT, the first interval; then each is twice the one before. */
    private static final long FIRST_INTERVAL_NS = 4 * IpConfig.SECOND;
    /** RFC 7559, section 2: MRT. */
    private static final long LONGEST_INTERVAL_NS = 3600 * IpConfig.SECOND;

    private static final long SHORTEST_RETRANS_MS = 100;
    private static final long LONGEST_RETRANS_MS = 60_000;
    private static final long SHORTEST_REACHABLE_MS = 1_000;
    /** RFC 4861, section 6.2.1: AdvReachableTime "MUST be no greater than 3,600,000 milliseconds". */
    private static final long LONGEST_REACHABLE_MS = 3_600_000;

    /** Is told what routers say beside routes, addresses and name servers. Shard thread. */
    public interface Listener {
        /** RFC 4861, 4.2: addresses ({@code managed}) or other things ({@code other}) are to be had from DHCPv6. */
        default void onFlags(IpInterface nic, boolean managed, boolean other, long nowNs) {}

        /** The MTU of the link, for IPv6, bytes. */
        default void onMtu(IpInterface nic, int mtu, long nowNs) {}
    }

    private final IpLayer layer;
    private final IpInterface nic;
    private final IpConfig config;
    private final NeighborCache neighbors;
    private final DeadlineQueue deadlines;
    private final RandomSource random;
    private final Counters counters;
    private final AdvertisedConfiguration advertised;
    private Listener listener = new Listener() {};
    private boolean running;
    private long intervalNs;
    private int solicitsSent;
    private boolean managed;
    private boolean other;
    /** What routers say, in nanoseconds; 0 while they do not. */
    private long retransTimerNs;

    private long reachableTimeNs;

    RouterDiscovery(
            IpLayer layer,
            IpInterface nic,
            IpConfig config,
            NeighborCache neighbors,
            DeadlineQueue deadlines,
            RandomSource random,
            Counters counters) {
        this.layer = layer;
        this.nic = nic;
        this.config = config;
        this.neighbors = neighbors;
        this.deadlines = deadlines;
        this.random = random;
        this.counters = counters;
        this.advertised = new AdvertisedConfiguration(layer, nic, neighbors, counters);
    }

    /** Sets who is told; one at a time. */
    public void setListener(Listener newListener) {
        listener = newListener;
    }

    /**
     * Begins: the interface gets a link-local address if it has none, and asks for routers, within a second. Idempotent.
     *
     * @throws IllegalArgumentException when the MTU is below the 1280 bytes that IPv6 needs
     */
    public void start(long nowNs) {
        if (nic.mtu() < Ipv6Header.MIN_LINK_MTU) {
            throw new IllegalArgumentException(
                    "IPv6 needs an MTU of " + Ipv6Header.MIN_LINK_MTU + " bytes, the interface has " + nic.mtu());
        }
        if (!running) {
            running = true;
            layer.addresses().enable(nic, nowNs);
            // RFC 4861, 6.3.7: "a host SHOULD delay the transmission for a random amount of time between 0 and
            // MAX_RTR_SOLICITATION_DELAY. This serves to alleviate congestion when many hosts start up".
            deadlines.schedule(this, nowNs + (long) (random.nextDouble() * MAX_DELAY_NS));
        }
    }

    /** RFC 4861, 6.3.7: solicitations are sent, too, when "the interface is reinitialized after a temporary interface failure". */
    void onLinkUp(long nowNs) {
        if (running) {
            solicitsSent = 0;
            deadlines.schedule(this, nowNs + (long) (random.nextDouble() * MAX_DELAY_NS));
        }
    }

    /** True once it was started. */
    public boolean isRunning() {
        return running;
    }

    /** The last advertisement told that addresses are to be had from DHCPv6. */
    public boolean isManaged() {
        return managed;
    }

    /** The last advertisement told that other configuration is to be had from DHCPv6. */
    public boolean isOtherConfig() {
        return other;
    }

    /** The default routers that there are, the preferred ones first. */
    public List<IpAddress> routers() {
        List<IpAddress> routers = new ArrayList<>();
        for (int i = 0; i < layer.routes().size(); i++) {
            RouteEntry entry = layer.routes().at(i);
            if (entry.origin == Origin.SLAAC
                    && entry.route.nic() == nic
                    && entry.route.gateway() != null
                    && entry.route.destination().length() == 0) {
                routers.add(entry.route.gateway());
            }
        }
        return routers;
    }

    /** Router solicitations sent since the start or the last answer. */
    public int solicitsSent() {
        return solicitsSent;
    }

    /** Between two solicitations of neighbours here, nanoseconds. */
    long retransTimerNs(long configured) {
        return retransTimerNs != 0 ? retransTimerNs : configured;
    }

    /** How long a confirmation holds here, nanoseconds. */
    long reachableTimeNs(long configured) {
        return reachableTimeNs != 0 ? reachableTimeNs : configured;
    }

    void close() {
        deadlines.cancel(this);
    }

    @Override
    protected void onDeadline(long nowNs) {
        layer.ndp(nic).solicitRouters();
        // RFC 7559, 2: "RT = 2*RTprev + RAND*RTprev", of which RAND is between -0.1 and 0.1, up to MRT, without end:
        // the link may come to work, or a router be plugged in, at any time.
        double spread = random.nextDouble() * 0.2 - 0.1;
        intervalNs = solicitsSent++ == 0
                ? (long) (FIRST_INTERVAL_NS * (1 + spread))
                : (long) (Math.min(2 * intervalNs, LONGEST_INTERVAL_NS) * (1 + spread));
        deadlines.schedule(this, nowNs + intervalNs);
    }

    /** A router advertisement came, its hop limit, checksum, code and lengths right. Null, or why it is not heeded. */
    DropReason onAdvertisement(IpPacket packet, long nowNs) {
        counters.count(StackCounter.NDP_ROUTER_ADVERTS_IN);
        if (!running) {
            return DropReason.NDP_ROUTER_IGNORED;
        }
        // RFC 4861, 6.1.2: "IP Source Address is a link-local address. Routers must use their link-local address as the
        // source for Router Advertisement and Redirect messages so that hosts can uniquely identify routers."
        if (!IpAddress.isLinkLocalV6(packet.srcHi)) {
            return DropReason.NDP_MALFORMED;
        }
        DirectBuffer buffer = packet.buffer;
        int at = packet.payloadOffset;
        int options = at + NdpMessage.fixedLength(Icmpv6Header.ROUTER_ADVERTISEMENT);
        int end = at + packet.payloadLength;
        IpAddress router = new IpAddress(packet.srcHi, packet.srcLo);
        long mac = NdpOption.linkAddress(buffer, options, end, NdpOption.SOURCE_LINK_ADDRESS);
        if (mac == nic.port().mac()) {
            return DropReason.NDP_MALFORMED;
        }
        long lifetime = NdpMessage.routerLifetime(buffer, at);
        if (lifetime > 0 && isScheduled()) {
            // RFC 4861, 6.3.7: "Once the host sends a Router Solicitation, and receives a valid Router Advertisement
            // with a non-zero Router Lifetime, the host MUST desist from sending additional solicitations".
            deadlines.cancel(this);
            solicitsSent = 0;
        }
        takeParameters(buffer, at, nowNs);
        advertised.begin(router, mac, nowNs);
        advertised.onRouter(lifetime, NdpMessage.routerPreference(buffer, at));
        for (int o = options; o < end; o += NdpOption.length(buffer, o)) {
            takeOption(buffer, o, nowNs);
        }
        learnRouter(router, mac, nowNs);
        return null;
    }

    private void takeOption(DirectBuffer buffer, int option, long nowNs) {
        int type = Byte.toUnsignedInt(buffer.getByte(option));
        int length = NdpOption.length(buffer, option);
        switch (type) {
            case NdpOption.PREFIX -> {
                if (length == NdpOption.PREFIX_BYTES) {
                    advertised.onPrefix(buffer, option);
                } else {
                    counters.drop(DropReason.NDP_BAD_PARAMETER);
                }
            }
            case NdpOption.MTU -> takeMtu(length == 8 ? NdpOption.mtu(buffer, option) : 0, nowNs);
            case NdpOption.ROUTE -> advertised.onRoute(buffer, option);
            case NdpOption.NAME_SERVERS -> advertised.onNameServers(buffer, option);
            case NdpOption.SEARCH_DOMAINS -> advertised.onSearchDomains(buffer, option);
            // RFC 4861, 4.6: "Receivers MUST silently ignore any options they do not recognize".
            default -> {}
        }
    }

    private void takeMtu(long mtu, long nowNs) {
        // RFC 4861, 6.3.4: "If the MTU option is present, hosts SHOULD copy the option's value into LinkMTU so long as
        // the value is greater than or equal to the minimum link MTU and does not exceed the maximum LinkMTU value".
        if (mtu < Ipv6Header.MIN_LINK_MTU || mtu > nic.mtu()) {
            counters.drop(DropReason.NDP_BAD_PARAMETER);
        } else if (mtu != nic.mtuV6()) {
            nic.setMtuV6((int) mtu);
            layer.onRoutesChanged();
            listener.onMtu(nic, (int) mtu, nowNs);
        }
    }

    /** RFC 4861, 6.3.4: zero is "unspecified", and what is known stays. */
    private void takeParameters(DirectBuffer buffer, int at, long nowNs) {
        boolean nowManaged = NdpMessage.isManaged(buffer, at);
        boolean nowOther = NdpMessage.isOtherConfig(buffer, at);
        if (nowManaged != managed || nowOther != other) {
            managed = nowManaged;
            other = nowOther;
            listener.onFlags(nic, managed, other, nowNs);
        }
        int hopLimit = NdpMessage.curHopLimit(buffer, at);
        if (hopLimit >= config.minHopLimit) {
            nic.setHopLimit(hopLimit);
        } else if (hopLimit != 0) {
            // Who lowers it cuts us off from all that is farther away.
            counters.drop(DropReason.NDP_BAD_PARAMETER);
        }
        long retrans = NdpMessage.retransTimer(buffer, at);
        if (retrans >= SHORTEST_RETRANS_MS && retrans <= LONGEST_RETRANS_MS) {
            retransTimerNs = retrans * IpConfig.MILLISECOND;
        } else if (retrans != 0) {
            counters.drop(DropReason.NDP_BAD_PARAMETER);
        }
        long reachable = NdpMessage.reachableTime(buffer, at);
        if (reachable >= SHORTEST_REACHABLE_MS && reachable <= LONGEST_REACHABLE_MS) {
            reachableTimeNs = reachable * IpConfig.MILLISECOND;
        } else if (reachable != 0) {
            counters.drop(DropReason.NDP_BAD_PARAMETER);
        }
    }

    /** RFC 4861, 6.3.4: the link address of a router goes into the cache, as STALE; of one that we made no use of, it does not. */
    private void learnRouter(IpAddress router, long mac, long nowNs) {
        Neighbor known = neighbors.find(nic.index(), router.hi(), router.lo());
        if (mac != MacAddress.NONE && (known != null || advertised.isTeller(router))) {
            neighbors.learn(layer.ndp(nic), nic.index(), router.hi(), router.lo(), mac, nowNs);
            known = neighbors.find(nic.index(), router.hi(), router.lo());
        }
        if (known != null) {
            known.setRouter(true);
        }
    }

    /** A neighbour that was a router says that it is one no longer (RFC 4861, section 7.2.5). */
    void onNoRouter(long hi, long lo, long nowNs) {
        advertised.removeRouter(new IpAddress(hi, lo));
    }
}
