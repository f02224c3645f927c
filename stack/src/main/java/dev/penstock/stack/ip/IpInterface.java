package dev.penstock.stack.ip;

import dev.penstock.stack.link.EthernetPort;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.MacAddress;

/** One interface: a port and the addresses that the stack has on it. Made by {@link IpLayer#addInterface}. */
public final class IpInterface {
    /** The most addresses of one interface. */
    public static final int MAX_ADDRESSES = 64;

    /** The most IPv6 groups that an interface is in. */
    static final int MAX_GROUPS = 128;

    private final int index;
    private final String name;
    private final EthernetPort port;
    private final LocalAddress[] addresses = new LocalAddress[MAX_ADDRESSES];
    private int count;
    private int countV6;
    private final long[] groupHi = new long[MAX_GROUPS];
    private final long[] groupLo = new long[MAX_GROUPS];
    private final int[] groupUses = new int[MAX_GROUPS];
    private int groupCount;

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

    /** The largest IP packet, bytes. */
    public int mtu() {
        return port.mtu();
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

    /** Becomes a member of an IPv6 group; each call needs its {@link #leaveGroup}. False at the limit. */
    boolean joinGroup(long hi, long lo) {
        int i = indexOfGroup(hi, lo);
        if (i < 0) {
            if (groupCount == MAX_GROUPS || !port.join(MacAddress.forIpv6Multicast(lo))) {
                return false;
            }
            i = groupCount++;
            groupHi[i] = hi;
            groupLo[i] = lo;
            groupUses[i] = 0;
        }
        groupUses[i]++;
        return true;
    }

    void leaveGroup(long hi, long lo) {
        int i = indexOfGroup(hi, lo);
        if (i >= 0 && --groupUses[i] == 0) {
            groupCount--;
            groupHi[i] = groupHi[groupCount];
            groupLo[i] = groupLo[groupCount];
            groupUses[i] = groupUses[groupCount];
            port.leave(MacAddress.forIpv6Multicast(lo));
        }
    }

    /** True for the IPv6 groups that were joined here. */
    boolean isInGroup(long hi, long lo) {
        return indexOfGroup(hi, lo) >= 0;
    }

    private int indexOfGroup(long hi, long lo) {
        for (int i = 0; i < groupCount; i++) {
            if (groupLo[i] == lo && groupHi[i] == hi) {
                return i;
            }
        }
        return -1;
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
            if (first == null) {
                first = a;
            }
            if (a.prefix.contains(nextHopHi, nextHopLo) && (best == null || a.prefix.length() > best.prefix.length())) {
                best = a;
            }
        }
        return best != null ? best : first;
    }
}
