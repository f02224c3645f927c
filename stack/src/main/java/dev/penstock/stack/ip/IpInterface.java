package dev.penstock.stack.ip;

import dev.penstock.stack.link.EthernetPort;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;

/** One interface: a port and the addresses that the stack has on it. Made by {@link IpLayer#addInterface}. */
public final class IpInterface {
    /** The most addresses of one interface. */
    public static final int MAX_ADDRESSES = 64;

    private final int index;
    private final String name;
    private final EthernetPort port;
    private final LocalAddress[] addresses = new LocalAddress[MAX_ADDRESSES];
    private int count;
    private int countV6;
    private InterfaceGroups groupsV4;
    private InterfaceGroups groupsV6;
    private boolean expectingConfiguration;

    /** What routers say; 0 while they do not. */
    private int mtuV4;

    private int mtuV6;

    private int hopLimit;
    private RouterDiscovery discovery;

    IpInterface(int index, String name, EthernetPort port) {
        if (!name.matches("[^\\s%/:\\[\\]]{1,15}") || name.matches("[0-9]+")) {
            throw new IllegalArgumentException("not a name for an interface: '" + name
                    + "' (1 .. 15 characters, no space or any of % / : [ ], not a number)");
        }
        this.index = index;
        this.name = name;
        this.port = port;
    }

    /** 0 for the first. */
    public int index() {
        return index;
    }

    /** By which people know it: {@code eth0}. */
    public String name() {
        return name;
    }

    /** The number of its zone in text, {@code fe80::1%1}: 1 for the first; 0 is "the default zone" (RFC 4007, section 6). */
    public int zoneId() {
        return index + 1;
    }

    public EthernetPort port() {
        return port;
    }

    /**
     * While on, datagrams to the port of DHCP clients come in that are for this station by its MAC address, whatever IPv4 address
     * they are for: that is how a server lends one.
     */
    public void expectConfiguration(boolean on) {
        expectingConfiguration = on;
    }

    boolean isExpectingConfiguration() {
        return expectingConfiguration;
    }

    /** The largest IP packet, bytes. */
    public int mtu() {
        return port.mtu();
    }

    /** The largest IPv4 packet, bytes: what a DHCP server says (RFC 2132, section 5.1), or as {@link #mtu}. */
    public int mtuV4() {
        return mtuV4 != 0 ? Math.min(mtuV4, mtu()) : mtu();
    }

    void setMtuV4(int bytes) {
        mtuV4 = bytes;
    }

    /** The largest IPv6 packet, bytes: what routers say (RFC 4861, section 4.6.4), or as {@link #mtu}. */
    public int mtuV6() {
        return mtuV6 != 0 ? Math.min(mtuV6, mtu()) : mtu();
    }

    void setMtuV6(int bytes) {
        mtuV6 = bytes;
    }

    /** Asks for routers here. */
    RouterDiscovery discovery() {
        return discovery;
    }

    void setDiscovery(RouterDiscovery newDiscovery) {
        discovery = newDiscovery;
    }

    /** The hop limit that routers say to send with here (RFC 4861, section 4.2), 0 while they do not. */
    public int hopLimit() {
        return hopLimit;
    }

    void setHopLimit(int limit) {
        hopLimit = limit;
    }

    /** How many addresses there are, those not usable yet included. */
    public int addressCount() {
        return count;
    }

    /** The address number {@code i} and its prefix. */
    public IpPrefix address(int i) {
        return addresses[i].prefix;
    }

    /** True when address number {@code i} is in use: not being probed and not given up. */
    public boolean isUsable(int i) {
        return addresses[i].usable;
    }

    LocalAddress local(int i) {
        return addresses[i];
    }

    boolean add(LocalAddress address) {
        if (count == MAX_ADDRESSES) {
            return false;
        }
        addresses[count++] = address;
        countV6 += address.v4 ? 0 : 1;
        return true;
    }

    void remove(LocalAddress address) {
        for (int i = 0; i < count; i++) {
            if (addresses[i] == address) {
                System.arraycopy(addresses, i + 1, addresses, i, count - i - 1);
                addresses[--count] = null;
                countV6 -= address.v4 ? 0 : 1;
                return;
            }
        }
    }

    /** True when there is an IPv6 address, usable or not: only then IPv6 is spoken here. */
    boolean hasV6() {
        return countV6 > 0;
    }

    void setGroups(InterfaceGroups v4, InterfaceGroups v6) {
        groupsV4 = v4;
        groupsV6 = v6;
    }

    InterfaceGroups groups(boolean v4) {
        return v4 ? groupsV4 : groupsV6;
    }

    /** Becomes a member of an IPv6 group; each call needs its {@link #leaveGroup}. False at the limit. */
    boolean joinGroup(long hi, long lo) {
        return groupsV6.joinOwn(hi, lo);
    }

    void leaveGroup(long hi, long lo) {
        groupsV6.leaveOwn(hi, lo);
    }

    /** True for the groups that were joined here, by whomever. */
    boolean isInGroup(long hi, long lo) {
        return groups(IpAddress.isV4(hi, lo)).isMember(hi, lo);
    }

    /** Our address here, usable or not, or null. */
    LocalAddress find(long hi, long lo) {
        for (int i = 0; i < count; i++) {
            LocalAddress a = addresses[i];
            if (a.lo == lo && a.hi == hi) {
                return a;
            }
        }
        return null;
    }

    /** Our usable address here, or null. */
    LocalAddress findUsable(long hi, long lo) {
        LocalAddress a = find(hi, lo);
        return a != null && a.usable ? a : null;
    }

    /** True for the directed broadcast address of one of the networks here. */
    boolean isDirectedBroadcast(long hi, long lo) {
        for (int i = 0; i < count; i++) {
            LocalAddress a = addresses[i];
            if (a.usable && a.broadcastLo == lo && hi == 0 && lo != 0) {
                return true;
            }
        }
        return false;
    }

    /** True when the address is in one of the networks here. */
    boolean isOnLink(long hi, long lo) {
        for (int i = 0; i < count; i++) {
            if (addresses[i].usable && addresses[i].prefix.contains(hi, lo)) {
                return true;
            }
        }
        return false;
    }

    /** RFC 3927, 1.9: a routable address is preferred to a link-local one; and both to one that is about to go. */
    private static int rank(LocalAddress a) {
        return a.deprecated ? 0 : a.v4 && IpAddress.isLinkLocalV4((int) a.lo) ? 1 : 2;
    }

    /** The address to send from towards a next hop: that of the narrowest network with it, or else the first. */
    LocalAddress sourceFor(long nextHopHi, long nextHopLo) {
        boolean v4 = IpAddress.isV4(nextHopHi, nextHopLo);
        LocalAddress best = null;
        LocalAddress first = null;
        for (int i = 0; i < count; i++) {
            LocalAddress a = addresses[i];
            if (!a.usable || a.v4 != v4) {
                continue;
            }
            first = first == null || rank(a) > rank(first) ? a : first;
            if (a.prefix.contains(nextHopHi, nextHopLo)
                    && (best == null
                            || rank(a) > rank(best)
                            || (rank(a) == rank(best) && a.prefix.length() > best.prefix.length()))) {
                best = a;
            }
        }
        return best != null ? best : first;
    }
}
