package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.timer.DeadlineQueue;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.Ipv6Header;
import java.util.ArrayList;
import java.util.List;

/**
 * Gives interfaces addresses and takes them back, with what belongs to them: the route to their network, the groups of
 * IPv6 (RFC 4291, section 2.8), the link-local address, their lifetimes (RFC 4862, section 5.5.4). Shard thread.
 */
public final class InterfaceAddresses {
    private static final IpPrefix LINK_LOCAL = new IpPrefix(new IpAddress(0xfe80L << 48, 0), 64);

    private final IpLayer layer;
    private final IpConfig config;
    private final DeadlineQueue deadlines;
    private final Counters counters;
    private final AddressLife claims;
    private final AddressLife duplicates;
    private final MadeAddresses made;

    InterfaceAddresses(
            IpLayer layer,
            IpConfig config,
            DeadlineQueue deadlines,
            Counters counters,
            AddressLife claims,
            AddressLife duplicates,
            InterfaceIdentifiers identifiers) {
        this.layer = layer;
        this.config = config;
        this.deadlines = deadlines;
        this.counters = counters;
        this.claims = claims;
        this.duplicates = duplicates;
        this.made = new MadeAddresses(this, layer, config, deadlines, counters, identifiers);
    }

    /** See {@link IpLayer#addAddress}. */
    void add(IpInterface nic, IpPrefix prefix, long nowNs) {
        IpAddress address = prefix.address();
        if (!isForHost(prefix)) {
            throw new IllegalArgumentException("not an address for a host: " + prefix);
        }
        if (!address.isV4() && nic.mtu() < Ipv6Header.MIN_LINK_MTU) {
            throw new IllegalArgumentException("IPv6 needs an MTU of " + Ipv6Header.MIN_LINK_MTU
                    + " bytes, the interface" + " has " + nic.mtu() + ": " + prefix);
        }
        if (isTaken(nic, address)) {
            throw new IllegalArgumentException("the address is ours already: " + address);
        }
        if (!put(nic, prefix, AddressTerms.permanent(Origin.STATIC), nowNs)) {
            throw new IllegalArgumentException("at most " + IpInterface.MAX_ADDRESSES + " addresses");
        }
    }

    /**
     * Gives the interface an address that the network told, on the terms that it told; an address of the same origin that is
     * there gets the new terms. Nothing is trusted.
     *
     * @return false when no host can have it here, it is ours by another origin, or there is no room ({@link
     *     DropReason#ADDRESS_TABLE_FULL})
     */
    public boolean put(IpInterface nic, IpPrefix prefix, AddressTerms terms, long nowNs) {
        return put(nic, prefix, terms, config.probe, nowNs);
    }

    /**
     * As {@link #put(IpInterface, IpPrefix, AddressTerms, long)}, for an address of IPv4.
     *
     * @param probe use it only when ARP has found nobody else who has it (RFC 5227, section 2.1), which takes 4 to 7 seconds
     */
    public boolean put(IpInterface nic, IpPrefix prefix, AddressTerms terms, boolean probe, long nowNs) {
        IpAddress address = prefix.address();
        LocalAddress there = nic.find(address.hi(), address.lo());
        if (there != null && there.terms.origin() == terms.origin()) {
            there.terms = terms;
            applyTerms(there, nowNs);
            return true;
        }
        boolean fits = isForHost(prefix) && (address.isV4() || nic.mtu() >= Ipv6Header.MIN_LINK_MTU);
        if (!fits || isTaken(nic, address) || terms.validUntilNs() <= nowNs) {
            return false;
        }
        if (!address.isV4() && !IpAddress.isLinkLocalV6(address.hi())) {
            enable(nic, nowNs);
        }
        LocalAddress local = create(nic, prefix, terms);
        local.probe = probe;
        return assign(local, nowNs);
    }

    /** An address that is not assigned yet. */
    LocalAddress create(IpInterface nic, IpPrefix prefix, AddressTerms terms) {
        return new LocalAddress(prefix.address().isV4() ? claims : duplicates, this, nic, prefix, terms);
    }

    /** Makes an address of an advertised prefix of 64 bits, unless all that can be made are taken. */
    void make(IpInterface nic, IpPrefix prefix, AddressTerms terms, IpAddress router, long nowNs) {
        LocalAddress local = made.make(nic, prefix.address().hi(), terms, router, 0);
        if (local != null) {
            assign(local, nowNs);
        }
    }

    private boolean isTaken(IpInterface nic, IpAddress address) {
        for (int i = 0; i < layer.interfaceCount(); i++) {
            // A link-local address is of one link only: another interface may have the same.
            boolean same = !IpAddress.isLinkLocalV6(address.hi()) || layer.interfaceAt(i) == nic;
            if (same && layer.interfaceAt(i).find(address.hi(), address.lo()) != null) {
                return true;
            }
        }
        return false;
    }

    /**
     * Prolongs or shortens the life of an address.
     *
     * @param preferredUntilNs until when it serves new connections; the past deprecates it now
     * @param validUntilNs when it is removed; the past removes it now
     * @return false when there is no such address
     */
    public boolean setLifetimes(
            IpInterface nic, IpAddress address, long preferredUntilNs, long validUntilNs, long nowNs) {
        LocalAddress local = nic.find(address.hi(), address.lo());
        if (local != null) {
            local.terms = new AddressTerms(local.terms.origin(), preferredUntilNs, validUntilNs, local.terms.onLink());
            applyTerms(local, nowNs);
        }
        return local != null;
    }

    /** The addresses of an interface, those not usable yet included. */
    public List<AddressInfo> list(IpInterface nic) {
        List<AddressInfo> all = new ArrayList<>();
        for (int i = 0; i < nic.addressCount(); i++) {
            LocalAddress a = nic.local(i);
            all.add(new AddressInfo(a.prefix, a.terms, a.usable, a.tentative, a.deprecated));
        }
        return all;
    }

    /** RFC 4862, 5.5.4: "A preferred address becomes deprecated when its preferred lifetime expires." */
    void onTermsEnded(LocalAddress local, long nowNs) {
        applyTerms(local, nowNs);
    }

    private void applyTerms(LocalAddress local, long nowNs) {
        AddressTerms terms = local.terms;
        if (terms.validUntilNs() <= nowNs) {
            // "An address (and its association with an interface) becomes invalid when its valid lifetime expires."
            remove(local, nowNs);
            return;
        }
        boolean deprecated = terms.preferredUntilNs() <= nowNs;
        deadlines.schedule(local.expiry, deprecated ? terms.validUntilNs() : terms.preferredUntilNs());
        if (deprecated != local.deprecated) {
            local.deprecated = deprecated;
            layer.onAddressChanged();
            if (deprecated) {
                layer.addressListener().onDeprecated(local.nic, local.prefix.address(), nowNs);
            } else {
                layer.addressListener().onPreferred(local.nic, local.prefix.address(), nowNs);
            }
        }
    }

    private static boolean isForHost(IpPrefix prefix) {
        return prefix.address().isV4() ? isForHostV4(prefix) : isForHostV6(prefix);
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

    /** Has an interface speak IPv6: with the first address comes a link-local one. */
    void enable(IpInterface nic, long nowNs) {
        if (!nic.hasV6()) {
            makeLinkLocal(nic, nowNs);
        }
    }

    void makeLinkLocal(IpInterface nic, long nowNs) {
        AddressTerms terms = AddressTerms.permanent(Origin.LINK_LOCAL);
        LocalAddress local = made.make(nic, LINK_LOCAL.address().hi(), terms, null, 0);
        if (local != null && nic.find(local.hi, local.lo) == null) {
            assign(local, nowNs);
        }
    }

    private boolean assign(LocalAddress local, long nowNs) {
        IpInterface nic = local.nic;
        boolean first = !local.v4 && !nic.hasV6();
        if (!nic.add(local)) {
            counters.drop(DropReason.ADDRESS_TABLE_FULL);
            return false;
        }
        if (first) {
            nic.joinGroup(IpAddress.ALL_NODES.hi(), IpAddress.ALL_NODES.lo());
        }
        if (!local.v4) {
            nic.joinGroup(IpAddress.SOLICITED_NODE_HI, IpAddress.solicitedNodeLo(local.lo));
        }
        if (local.terms.onLink()) {
            layer.routes().put(network(local), local.terms.origin(), AddressTerms.FOREVER, nowNs);
        }
        applyTerms(local, nowNs);
        local.life.start(local, nowNs);
        return true;
    }

    private static Route network(LocalAddress local) {
        return new Route(local.prefix.network(), null, local.nic, 0);
    }

    /** An address that we made is taken, and was removed. */
    void renew(LocalAddress taken, long nowNs) {
        LocalAddress next = made.next(taken, nowNs);
        if (next != null) {
            assign(next, nowNs);
        }
    }

    /**
     * Gives an address back. Connections that are bound to it end, as neither side of them can be reached any more; its
     * listeners and sockets stay, and work when it comes again.
     *
     * @return false when it is not there
     */
    public boolean remove(IpInterface nic, IpAddress address, long nowNs) {
        LocalAddress local = nic.find(address.hi(), address.lo());
        if (local != null) {
            remove(local, nowNs);
        }
        return local != null;
    }

    void remove(LocalAddress local, long nowNs) {
        detach(local);
        layer.onAddressRemoved(local, nowNs);
    }

    /** The stack is being closed: nobody is told. */
    void close(LocalAddress local) {
        detach(local);
    }

    /** No more timers. */
    void close() {
        made.close();
    }

    private void detach(LocalAddress local) {
        IpInterface nic = local.nic;
        local.life.stop(local);
        deadlines.cancel(local.expiry);
        local.usable = false;
        nic.remove(local);
        Origin origin = local.terms.origin();
        boolean shared = false;
        for (int i = 0; i < nic.addressCount(); i++) {
            LocalAddress other = nic.local(i);
            shared |= other.terms.onLink()
                    && other.terms.origin() == origin
                    && other.prefix.network().equals(local.prefix.network());
        }
        if (local.terms.onLink() && !shared) {
            layer.routes().remove(network(local), origin);
        }
        if (!local.v4) {
            nic.leaveGroup(IpAddress.SOLICITED_NODE_HI, IpAddress.solicitedNodeLo(local.lo));
            if (!nic.hasV6()) {
                nic.leaveGroup(IpAddress.ALL_NODES.hi(), IpAddress.ALL_NODES.lo());
            }
        }
    }
}
