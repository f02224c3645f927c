package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.SipHash;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.FramePool;
import dev.penstock.stack.device.DeviceCapabilities;
import dev.penstock.stack.link.EthernetPort;
import dev.penstock.stack.neighbor.Neighbor;
import dev.penstock.stack.neighbor.NeighborCache;
import dev.penstock.stack.timer.DeadlineQueue;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IcmpHeader;
import dev.penstock.stack.wire.Icmpv6Header;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.Wire;
import org.agrona.DirectBuffer;

/**
 * IP of one shard: interfaces, addresses, routes, ARP, neighbour discovery, ICMP; input, output and the loopback. Wired once, then driven:
 *
 * <ol>
 *   <li>{@link #poll}: frames from the ports, and from ourselves, up to the transports;
 *   <li>{@code DeadlineQueue.expire};
 *   <li>the transports' flush;
 *   <li>{@link #flush}: what the stack itself has to say;
 *   <li>sleep, unless {@link #hasPending}.
 * </ol>
 *
 * <p>An interface speaks IPv6 as soon as it has an IPv6 address; until then its packets are counted as {@link
 * DropReason#IPV6_DISABLED}. Shard thread throughout.
 */
public final class IpLayer implements IpOutput {
    /** The largest IP packet, bytes. */
    public static final int MAX_PACKET = 65_535;
    /** The most interfaces. */
    public static final int MAX_INTERFACES = 64;

    private final IpConfig config;
    private final FramePool small;
    private final InterfaceTable interfaces;
    private final Arp[] arps = new Arp[MAX_INTERFACES];
    private final Ndp[] ndps = new Ndp[MAX_INTERFACES];

    private final Counters counters;
    private final RouteTable routes;
    private final LearnedResolvers resolvers;
    private final NeighborCache neighbors;
    private final PathMtuCache pathMtus;
    private final DestinationCache paths;
    private final AddressClaims claims;
    private final LinkStates links;
    private final PendingQueue pending;
    private final LoopbackQueue loopback;
    private final DuplicateDetection duplicates;
    private final InterfaceAddresses addresses;
    private final Redirects redirects;
    private final DeadlineQueue deadlines;
    private final RandomSource random;
    private final FlowLabels flowLabels;
    private final PacketOutput output;
    private final Transports transports;
    private final Ipv4Input input;
    private final Ipv6Input inputV6;
    private final Reassembler reassembler;
    private final IcmpErrors errors;
    private final Icmpv6Errors errorsV6;
    private final EchoRegistry echoes;
    private final EchoOutput echoOutput;
    private IcmpMonitor icmpMonitor = (protocol, error, nowNs) -> {};
    private final Multicast multicast;
    private final RawPackets raw;
    private final UnaddressedHosts unaddressed;
    private final AddressListeners addressListeners = new AddressListeners();
    private int changes;

    /**
     * @param config read here, not kept in step
     * @param small frames for packets up to the MTU: at least {@code mtu} bytes each, and more of them than
     *     {@code config.maxFragments}
     * @param large frames of 65,535 bytes, for echo replies, reassembled packets and the loopback
     */
    public IpLayer(
            IpConfig config,
            DeadlineQueue deadlines,
            RandomSource random,
            Counters counters,
            FramePool small,
            FramePool large) {
        if (large.frameCapacity() < MAX_PACKET) {
            throw new IllegalArgumentException("large frames must hold " + MAX_PACKET + " bytes");
        }
        this.config = config;
        this.deadlines = deadlines;
        this.random = random;
        this.counters = counters;
        this.interfaces = new InterfaceTable(config.hostModel, MAX_INTERFACES);
        this.small = small;
        SipHash hash = SipHash.keyedFrom(random);
        neighbors = new NeighborCache(config.neighbors, deadlines, random, counters);
        routes = new RouteTable(this, deadlines, counters);
        resolvers = new LearnedResolvers(deadlines, counters);
        links = new LinkStates(this, counters);
        redirects = new Redirects(this, counters, config.maxRedirects);
        neighbors.setListener(new FirstHops(routes, redirects));
        pathMtus = new PathMtuCache(config, deadlines, counters);
        paths = new DestinationCache(this, config.maxDestinations, hash);
        claims = new AddressClaims(this, config, deadlines, random, counters);
        pending = new PendingQueue(config, counters, small, large);
        loopback = new LoopbackQueue(config.maxLoopback, small, large);
        flowLabels = new FlowLabels(derived(hash, 1));
        output = new PacketOutput(counters, new IpIdentifiers(random), flowLabels, loopback, pending, small);
        pending.setOutput(output);
        IcmpLimits limits = new IcmpLimits(config, counters, hash);
        errors = new IcmpErrors(this, config, counters, pending, limits);
        errorsV6 = new Icmpv6Errors(this, config, counters, pending, limits);
        reassembler = new Reassembler(this, config, counters, deadlines, hash, small, large, errors, errorsV6);
        transports = new Transports(counters);
        input = new Ipv4Input(this, counters, transports, reassembler, errors);
        inputV6 = new Ipv6Input(this, counters, transports, reassembler, errorsV6);
        echoes = new EchoRegistry(random);
        echoOutput = new EchoOutput(pending, output, counters, config.defaultTtl);
        GroupTimers groupTimers = new GroupTimers(deadlines, random);
        multicast = new Multicast(this, config.multicast, counters, pending, output, loopback, flowLabels, groupTimers);
        raw = new RawPackets(this, counters, pending);
        transports.set(IpProtocol.IGMP, new Igmp(this, counters));
        unaddressed = new UnaddressedHosts(pending, counters, config.defaultTtl);
        transports.set(IpProtocol.ICMP, new Icmpv4(this, counters, pending, echoes));
        transports.set(IpProtocol.ICMPV6, new Icmpv6(this, counters, pending, echoes, limits));
        duplicates = new DuplicateDetection(this, config, deadlines, random, counters, derived(hash, 3));
        long[] secret = config.stableSecret;
        SipHash stable = secret == null ? derived(hash, 2) : new SipHash(secret[0], secret[1]);
        InterfaceIdentifiers identifiers = new InterfaceIdentifiers(stable);
        addresses = new InterfaceAddresses(this, config, deadlines, counters, claims, duplicates, identifiers);
    }

    /** A hash with a key of its own, which the first one's key does not follow from. */
    private static SipHash derived(SipHash hash, long use) {
        return new SipHash(hash.hash(use, 0), hash.hash(use, 1));
    }

    // Wiring.

    /** As {@link #addInterface(String, EthernetPort)}, named {@code eth0} and so on. */
    public IpInterface addInterface(EthernetPort port) {
        return addInterface("eth" + interfaces.count(), port);
    }

    /**
     * Takes a port into use. Its interface has no address yet.
     *
     * @param name by which people know it, and the zone of link-local addresses: {@code fe80::1%eth0}
     */
    public IpInterface addInterface(String name, EthernetPort port) {
        if (interfaceNamed(name) != null) {
            throw new IllegalArgumentException("there is an interface " + name + " already");
        }
        int interfaceCount = interfaces.count();
        if (interfaceCount == MAX_INTERFACES) {
            throw new IllegalStateException("at most " + MAX_INTERFACES + " interfaces");
        }
        if (Math.min(port.mtu(), MAX_PACKET) > small.frameCapacity()) {
            throw new IllegalArgumentException("the MTU, " + port.mtu() + ", is larger than a small frame");
        }
        IpInterface nic = new IpInterface(interfaceCount, name, port);
        Arp arp = new Arp(nic, neighbors, claims, pending, counters, config);
        multicast.attach(nic);
        interfaces.add(nic);
        arps[interfaceCount] = arp;
        RouterDiscovery discovery = new RouterDiscovery(this, nic, config, neighbors, deadlines, random, counters);
        nic.setDiscovery(discovery);
        ndps[interfaceCount] = new Ndp(nic, neighbors, duplicates, discovery, redirects, pending, counters, config);
        port.setHandler(EthernetHeader.TYPE_ARP, arp);
        port.setHandler(
                EthernetHeader.TYPE_IPV4,
                (from, frame, offset, length, mac, toGroup, nowNs) ->
                        input.onPacket(nic, frame, offset, length, toGroup, nowNs));
        port.setHandler(
                EthernetHeader.TYPE_IPV6,
                (from, frame, offset, length, mac, toGroup, nowNs) ->
                        inputV6.onPacket(nic, frame, offset, length, mac, toGroup, nowNs));
        return nic;
    }

    /** Sets who takes the packets of {@code protocol}, one of {@link IpProtocol}; ICMP is taken already. */
    public void setTransport(int protocol, TransportHandler handler) {
        if (protocol == IpProtocol.ICMP || protocol == IpProtocol.ICMPV6 || protocol == IpProtocol.IGMP) {
            throw new IllegalArgumentException("ICMP and IGMP are parts of IP");
        }
        transports.set(protocol, handler);
    }

    /** One more who is told of addresses; at most 16. */
    public void addAddressListener(AddressListener listener) {
        addressListeners.add(listener);
    }

    /** Shows each ARP packet of the interface to {@code monitor}; null ends it. */
    public void setArpMonitor(IpInterface nic, ArpMonitor monitor) {
        arps[nic.index()].setMonitor(monitor);
    }

    /** Shows each ICMP error about a packet of ours to {@code monitor}; null ends it. */
    public void setIcmpMonitor(IcmpMonitor monitor) {
        icmpMonitor = monitor == null ? (protocol, error, nowNs) -> {} : monitor;
    }

    IcmpMonitor icmpMonitor() {
        return icmpMonitor;
    }

    /**
     * Gives the interface one more address; its network is on link. In use at once or, with {@code config.probe}, when
     * nobody else turned out to have it: see {@link AddressListener}. With the first IPv6 address comes a link-local one.
     *
     * @throws IllegalArgumentException if no single host can have it, or it is ours already, or it is of IPv6 and the MTU
     *     below 1280
     */
    public void addAddress(IpInterface nic, IpPrefix prefix, long nowNs) {
        addresses.add(nic, prefix, nowNs);
    }

    /** Gives an address back; nothing happens if it is not there. */
    public void removeAddress(IpInterface nic, IpAddress address, long nowNs) {
        addresses.remove(nic, address, nowNs);
    }

    /** The addresses, with their lifetimes. */
    public InterfaceAddresses addresses() {
        return addresses;
    }

    /** False when the route is there already, or the table is full. */
    public boolean addRoute(Route route) {
        return routes.add(route);
    }

    /** False when there is no such route. */
    public boolean removeRoute(Route route) {
        return routes.remove(route);
    }

    /** The routes, with their lifetimes. */
    public RouteTable routes() {
        return routes;
    }

    /** Name servers and search domains, as others told them. */
    public LearnedResolvers resolvers() {
        return resolvers;
    }

    /** Routers and what they advertise; start it, or set {@link IpConfig#autoconfigure}. */
    public RouterDiscovery routerDiscovery(IpInterface nic) {
        return nic.discovery();
    }

    public int interfaceCount() {
        return interfaces.count();
    }

    public IpInterface interfaceAt(int i) {
        return interfaces.at(i);
    }

    /** The interface of this name, or of this number, counted from 1 (RFC 4007, section 11.2); null if there is none. */
    public IpInterface interfaceNamed(String nameOrNumber) {
        return interfaces.named(nameOrNumber);
    }

    /** Groups: joining them, and sending to them. */
    public Multicast multicast() {
        return multicast;
    }

    /** Has {@code listener} told when interfaces go down and come up. */
    public void addLinkListener(LinkListener listener) {
        links.addListener(listener);
    }

    /** Raw IP, for tools. */
    public RawPackets raw() {
        return raw;
    }

    /** For displays. */
    public NeighborCache neighbors() {
        return neighbors;
    }

    // The duty cycle.

    /**
     * Takes in what has come on all ports and from ourselves.
     *
     * @param limit at most this many frames from each
     * @return how many there were
     */
    public int poll(int limit, long nowNs) {
        links.look(nowNs);
        int work = pollLoopback(limit, nowNs);
        for (int i = 0; i < interfaces.count(); i++) {
            work += interfaces.at(i).port().poll(limit, nowNs);
        }
        return work;
    }

    /** Takes in at most {@code limit} packets from ourselves; part of {@link #poll}. */
    public int pollLoopback(int limit, long nowNs) {
        int work = 0;
        while (work < limit) {
            Frame frame = loopback.poll();
            if (frame == null) {
                break;
            }
            if (Wire.u8(frame.buffer(), frame.start()) >>> 4 == 4) {
                input.onLoopback(frame, loopback.zone(), nowNs);
            } else {
                inputV6.onLoopback(frame, loopback.zone(), nowNs);
            }
            frame.release();
            work++;
        }
        return work;
    }

    /**
     * Sends what ARP and ICMP have to say, as far as the devices have room.
     *
     * @return how many packets left the queue
     */
    public int flush(long nowNs) {
        int work = multicast.flush(nowNs);
        return work + pending.flush(nowNs);
    }

    /** True while packets wait for the flush or for {@link #poll}: the shard must not sleep. */
    public boolean hasPending() {
        return loopback.size() > 0 || pending.hasPending() || multicast.hasPending();
    }

    /** Gives frames and timers back; the layer must not be used any more. */
    public void close() {
        for (int i = 0; i < interfaces.count(); i++) {
            for (int a = interfaces.at(i).addressCount(); a > 0; a--) {
                addresses.close(interfaces.at(i).local(0));
            }
            interfaces.at(i).discovery().close();
        }
        multicast.close();
        pending.clear();
        reassembler.clear();
        neighbors.clear();
        pathMtus.close();
        addresses.close();
        routes.close();
        resolvers.close();
        for (Frame frame = loopback.poll(); frame != null; frame = loopback.poll()) {
            frame.release();
        }
    }

    // What transports use.

    @Override
    public IpPath path(long srcHi, long srcLo, long dstHi, long dstLo, int interfaceIndex, long nowNs) {
        return paths.acquire(srcHi, srcLo, dstHi, dstLo, interfaceIndex);
    }

    @Override
    public int send(Frame frame, IpPath path, int protocol, int tos, int ttl, boolean dontFragment, long nowNs) {
        return output.send(frame, (DestinationPath) path, protocol, tos, ttl, dontFragment, nowNs);
    }

    @Override
    public int sendOrHold(Frame frame, IpPath path, int protocol, int tos, int ttl, boolean dontFragment, long nowNs) {
        int taken = send(frame, path, protocol, tos, ttl, dontFragment, nowNs);
        if (taken != UNRESOLVED && taken != 0) {
            return taken;
        }
        DestinationPath way = (DestinationPath) path;
        return pending.addCopy(frame, way, protocol, tos, ttl, dontFragment) ? 1 : taken;
    }

    @Override
    public boolean hold(Frame frame, IpPath path, int protocol, int tos, int ttl, boolean dontFragment) {
        return pending.holdCopy(frame, (DestinationPath) path, protocol, tos, ttl, dontFragment);
    }

    @Override
    public void portUnreachable(IpPacket packet, long nowNs) {
        if (IpAddress.isV4(packet.dstHi, packet.dstLo)) {
            errors.send(packet, IcmpHeader.UNREACHABLE, IcmpHeader.CODE_PORT_UNREACHABLE, 0, nowNs);
        } else {
            errorsV6.send(packet, Icmpv6Header.UNREACHABLE, Icmpv6Header.CODE_PORT_UNREACHABLE, 0, nowNs);
        }
    }

    @Override
    public boolean isLocalAddress(long hi, long lo) {
        return interfaces.isLocal(hi, lo);
    }

    @Override
    public boolean isBroadcast(long hi, long lo) {
        return interfaces.isBroadcast(hi, lo);
    }

    @Override
    public void confirmReachable(IpPath path, long nowNs) {
        Neighbor neighbor = ((DestinationPath) path).neighbor();
        if (neighbor != null) {
            neighbor.confirm(nowNs);
        }
    }

    @Override
    public void doubtReachable(IpPath path, long nowNs) {
        Neighbor neighbor = ((DestinationPath) path).neighbor();
        if (neighbor != null) {
            neighbor.doubt();
        }
    }

    @Override
    public void drop(DropReason reason) {
        transports.drop(reason);
    }

    // Echo and ARP tools.

    /** An identifier for echo requests, whose answers {@code handler} takes; -1 at the limit of 256 pingers. */
    public int openEcho(EchoHandler handler) {
        return echoes.open(handler);
    }

    /** The pinger has gone. */
    public void closeEcho(int identifier) {
        echoes.close(identifier);
    }

    /**
     * Sends an echo request.
     *
     * @param identifier from {@link #openEcho}
     * @param sequence 0 .. 65535
     * @param length bytes of data, 0 .. 65,507 over IPv4, 0 .. 65,527 over IPv6
     * @param ttl 1 .. 255, or 0 for the default
     * @return as {@link #send}: 1, 0 when the device or a pool is full, or a negative constant
     */
    public int sendEcho(
            IpPath path,
            int identifier,
            int sequence,
            DirectBuffer data,
            int offset,
            int length,
            int tos,
            int ttl,
            boolean dontFragment,
            long nowNs) {
        DestinationPath way = (DestinationPath) path;
        return echoOutput.send(way, identifier, sequence, data, offset, length, tos, ttl, dontFragment, nowNs);
    }

    /**
     * Sends an ARP request at the next flush; {@link ArpMonitor} sees the answers.
     *
     * @param sender our address, or {@code IpAddress.ANY_V4} for a probe
     * @param unicastMac whom to ask, or {@code MacAddress.NONE} to ask all
     * @return false when there is no room for it
     */
    public boolean sendArpRequest(IpInterface nic, IpAddress sender, IpAddress target, long unicastMac) {
        return arps[nic.index()].request(sender.v4Bits(), target.v4Bits(), unicastMac);
    }

    /**
     * Broadcasts a packet on one link, to 255.255.255.255, at the next flush; also from an interface without an address.
     *
     * @param source 32 bits: an address of ours, or 0 for 0.0.0.0, "this host on this network"
     * @param payload the transport header, checksum included, and data; copied; no more than fits the MTU
     * @return false when there is no room for it
     */
    public boolean broadcastV4(
            IpInterface nic, int source, int protocol, DirectBuffer payload, int offset, int length) {
        return unaddressed.broadcast(nic, source, protocol, payload, offset, length);
    }

    // For the classes of this package.

    IpConfig config() {
        return config;
    }

    DestinationCache paths() {
        return paths;
    }

    PathMtuCache pathMtus() {
        return pathMtus;
    }

    Redirects redirects() {
        return redirects;
    }

    /** Asks once whether a neighbour is there, see {@link NeighborCache#probeOnce}. */
    void probeNeighbor(IpInterface nic, long hi, long lo, long nowNs) {
        int i = nic.index();
        neighbors.probeOnce(IpAddress.isV4(hi, lo) ? arps[i] : ndps[i], i, hi, lo, nowNs);
    }

    FlowLabels flowLabels() {
        return flowLabels;
    }

    Ndp ndp(IpInterface nic) {
        return ndps[nic.index()];
    }

    Arp arp(IpInterface nic) {
        return arps[nic.index()];
    }

    Reassembler reassembler() {
        return reassembler;
    }

    PendingQueue pending() {
        return pending;
    }

    TransportHandler transport(int protocol, boolean v4) {
        return transports.get(protocol, v4);
    }

    AddressListener addressListener() {
        return addressListeners;
    }

    /** Changes whenever a path must be looked up anew. */
    int generation() {
        return changes + pathMtus.generation();
    }

    void onAddressChanged() {
        changes++;
    }

    /**
     * Sets the largest IPv4 packet for an interface, as a server told it (RFC 2132, section 5.1); what comes in may be larger.
     *
     * @param bytes 68 or more; more than the device's counts as that; 0 for the device's
     */
    public void setMtuV4(IpInterface nic, int bytes) {
        if (bytes != 0 && bytes < Ipv4Header.MIN_LINK_MTU) {
            throw new IllegalArgumentException("no MTU of IPv4: " + bytes);
        }
        nic.setMtuV4(bytes);
        onRoutesChanged();
    }

    void onRoutesChanged() {
        changes++;
    }

    void onAddressRemoved(LocalAddress local, long nowNs) {
        changes++;
        transports.onAddressRemoved(local.hi, local.lo, nowNs);
        addressListeners.onRemoved(local.nic, local.prefix.address(), local.terms.origin(), nowNs);
    }

    void onNeighborReady() {
        pending.onNeighborReady();
    }

    Neighbor obtainNeighbor(IpInterface nic, boolean v4, long hi, long lo, long nowNs) {
        return neighbors.obtain(v4 ? arps[nic.index()] : ndps[nic.index()], nic.index(), hi, lo, nowNs);
    }

    InterfaceTable interfaces() {
        return interfaces;
    }

    int gsoMaxLength(IpInterface nic, boolean v4) {
        DeviceCapabilities can = nic.port().capabilities();
        return (v4 ? can.tso4() : can.tso6())
                ? can.gsoMaxLength()
                : Math.min(v4 ? nic.mtuV4() : nic.mtuV6(), can.gsoMaxLength());
    }
}
