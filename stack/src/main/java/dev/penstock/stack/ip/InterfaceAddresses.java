package dev.penstock.stack.ip;

import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.Ipv6Header;

/**
 * Gives interfaces addresses and takes them back, with what belongs to them: the route to their network, the groups of
 * IPv6 (RFC 4291, section 2.8), the link-local address.
 */
final class InterfaceAddresses {
    private static final IpPrefix LINK_LOCAL = new IpPrefix(new IpAddress(0xfe80L << 48, 0), 64);

    private final IpLayer layer;
    private final IpConfig config;
    private final AddressLife claims;
    private final AddressLife duplicates;
    private final InterfaceIdentifiers identifiers;

    InterfaceAddresses(
            IpLayer layer,
            IpConfig config,
            AddressLife claims,
            AddressLife duplicates,
            InterfaceIdentifiers identifiers) {
        this.layer = layer;
        this.config = config;
        this.claims = claims;
        this.duplicates = duplicates;
        this.identifiers = identifiers;
    }

    /** See {@link IpLayer#addAddress}. */
    void add(IpInterface nic, IpPrefix prefix, long nowNs) {
        IpAddress address = prefix.address();
        if (!(address.isV4() ? isForHostV4(prefix) : isForHostV6(prefix))) {
            throw new IllegalArgumentException("not an address for a host: " + prefix);
        }
        if (!address.isV4() && nic.mtu() < Ipv6Header.MIN_LINK_MTU) {
            throw new IllegalArgumentException("IPv6 needs an MTU of " + Ipv6Header.MIN_LINK_MTU
                    + " bytes, the interface" + " has " + nic.mtu() + ": " + prefix);
        }
        for (int i = 0; i < layer.interfaceCount(); i++) {
            if (layer.interfaceAt(i).find(address.hi(), address.lo()) != null) {
                throw new IllegalArgumentException("the address is ours already: " + address);
            }
        }
        if (!address.isV4() && !nic.hasV6()) {
            enableV6(nic, address, nowNs);
        }
        assign(new LocalAddress(address.isV4() ? claims : duplicates, nic, prefix), nowNs);
    }

    private static boolean isForHostV4(IpPrefix prefix) {
        IpAddress address = prefix.address();
        int first = address.v4Bits() >>> 24;
        return first != 0
                && first != 127
                && first < 224
                && prefix.length() > 0
                && (prefix.length() >= 31
                        || (address.lo() != prefix.broadcastLo()
                                && address.lo() != prefix.network().address().lo()));
    }

    private static boolean isForHostV6(IpPrefix prefix) {
        IpAddress address = prefix.address();
        // The first address of a network is that of its routers (RFC 4291, section 2.6.1; not of /127: RFC 6164).
        boolean anycast = prefix.length() < 127 && prefix.network().address().equals(address);
        return !address.isAny() && !address.isMulticast() && !address.isLoopback() && !anycast && prefix.length() > 0;
    }

    /** The first IPv6 address of an interface: it joins the group of all nodes and gets a link-local address. */
    private void enableV6(IpInterface nic, IpAddress first, long nowNs) {
        nic.joinGroup(IpAddress.ALL_NODES.hi(), IpAddress.ALL_NODES.lo());
        if (!IpAddress.isLinkLocalV6(first.hi())) {
            assign(linkLocal(nic, 0), nowNs);
        }
    }

    private LocalAddress linkLocal(IpInterface nic, int dadCounter) {
        long hi = LINK_LOCAL.address().hi();
        long mac = nic.port().mac();
        long lo = config.eui64 ? InterfaceIdentifiers.eui64(mac) : identifiers.stable(hi, mac, dadCounter);
        LocalAddress local = new LocalAddress(duplicates, nic, new IpPrefix(new IpAddress(hi, lo), 64));
        local.dadCounter = dadCounter;
        return local;
    }

    private void assign(LocalAddress local, long nowNs) {
        IpInterface nic = local.nic;
        if (!nic.add(local)) {
            throw new IllegalArgumentException("at most " + IpInterface.MAX_ADDRESSES + " addresses");
        }
        if (!local.v4) {
            nic.joinGroup(IpAddress.SOLICITED_NODE_HI, IpAddress.solicitedNodeLo(local.lo));
        }
        layer.routes().add(new Route(local.prefix.network(), null, nic, 0));
        local.life.start(local, nowNs);
    }

    /** A link-local address that we made is taken: RFC 7217, section 6: another is made, a few times. */
    void renew(LocalAddress taken, long nowNs) {
        if (!config.eui64 && taken.dadCounter < InterfaceIdentifiers.RETRIES && taken.nic.hasV6()) {
            assign(linkLocal(taken.nic, taken.dadCounter + 1), nowNs);
        }
    }

    /** Gives an address back. */
    void remove(LocalAddress local) {
        IpInterface nic = local.nic;
        local.life.stop(local);
        local.usable = false;
        nic.remove(local);
        boolean shared = false;
        for (int i = 0; i < nic.addressCount(); i++) {
            shared |= nic.address(i).network().equals(local.prefix.network());
        }
        if (!shared) {
            layer.routes().remove(new Route(local.prefix.network(), null, nic, 0));
        }
        if (!local.v4) {
            nic.leaveGroup(IpAddress.SOLICITED_NODE_HI, IpAddress.solicitedNodeLo(local.lo));
            if (!nic.hasV6()) {
                nic.leaveGroup(IpAddress.ALL_NODES.hi(), IpAddress.ALL_NODES.lo());
            }
        }
        layer.onAddressChanged();
    }
}
