package dev.penstock.stack.udp;

import dev.penstock.stack.ip.GroupMembership;
import dev.penstock.stack.ip.IpInterface;
import dev.penstock.stack.ip.IpLayer;
import dev.penstock.stack.ip.IpOutput;
import dev.penstock.stack.wire.IpAddress;
import java.util.Arrays;

/**
 * The groups that one endpoint is in, with the calls of RFC 3678, section 4, and how it sends to groups. Datagrams to groups come
 * in as {@link UdpHandler#onDatagram} once the group is joined; closing the endpoint leaves its groups. Shard thread.
 *
 * <p>What is joined holds for this endpoint alone: without it, datagrams to a group do not come in although others on this host
 * have joined it, see {@link #setAll}.
 */
public final class UdpMulticast {
    /** {@link #join}: not a multicast address. */
    public static final int NOT_A_GROUP = -12;
    /** {@link #join}: it is in the group there already, or has this source. */
    public static final int ALREADY_MEMBER = -13;
    /** {@link #leave} and the like: it is not in the group there, or the source is not listed. */
    public static final int NOT_MEMBER = -14;
    /** What is for a membership of listed sources: but this one is of any source. */
    public static final int ANY_SOURCE_MEMBER = -15;
    /** {@link #block}: what is for a membership of any source: but this one is of listed sources. */
    public static final int SOURCE_MEMBER = -16;
    /** Not the address of one host, or not of the group's family. */
    public static final int BAD_SOURCE = -17;
    /** {@link #join}, {@link #block}: too many groups or sources, here or on the interface. */
    public static final int LIMIT = -18;

    /** The most groups that an endpoint is in. */
    public static final int MAX_MEMBERSHIPS = 64;

    private static final GroupMembership[] NONE = {};

    private final UdpEndpoint endpoint;
    private final IpLayer ip;
    private GroupMembership[] memberships = NONE;
    private int count;
    private int interfaceIndex = IpOutput.ANY_INTERFACE;
    private int ttl = 1;
    private boolean loop = true;
    private boolean all;

    UdpMulticast(UdpEndpoint endpoint, IpLayer ip) {
        this.endpoint = endpoint;
        this.ip = ip;
    }

    // How datagrams to groups are sent.

    /** The interface by which datagrams to groups leave (IP_MULTICAST_IF); -1 for the one that the routes tell. */
    public void setInterface(int index) {
        interfaceIndex = index;
        endpoint.leavePath();
    }

    /** See {@link #setInterface}. */
    public int interfaceIndex() {
        return interfaceIndex;
    }

    /** TTL of datagrams to groups (IP_MULTICAST_TTL), 0 .. 255; 1 unless told. With 0 they never leave this host. */
    public void setTtl(int newTtl) {
        if (newTtl < 0 || newTtl > 255) {
            throw new IllegalArgumentException("a TTL of multicasts is 0 .. 255: " + newTtl);
        }
        ttl = newTtl;
    }

    /** See {@link #setTtl}. */
    public int ttl() {
        return ttl;
    }

    /** Whether members on this host receive what is sent to groups from here (IP_MULTICAST_LOOP); true unless told. */
    public void setLoop(boolean on) {
        loop = on;
    }

    /** See {@link #setLoop}. */
    public boolean loop() {
        return loop;
    }

    // What comes in.

    /**
     * Whether datagrams come in, too, that were sent to groups that others on this host have joined (IP_MULTICAST_ALL). False
     * unless told, as the JDK has it for all its sockets; a socket of Linux begins with true.
     */
    public void setAll(boolean on) {
        all = on;
    }

    private IpInterface nic(long hi, long lo, int index, long nowNs) {
        if (index < 0) {
            return ip.multicast().defaultInterface(hi, lo, nowNs);
        }
        return index < ip.interfaceCount() ? ip.interfaceAt(index) : null;
    }

    /**
     * Which interface a call about the group means.
     *
     * @param index the interface, or -1 for where the routes lead
     * @return its index, or -1 when there is none
     */
    public int resolve(long hi, long lo, int index, long nowNs) {
        IpInterface nic = nic(hi, lo, index, nowNs);
        return nic == null ? -1 : nic.index();
    }

    private GroupMembership find(long hi, long lo, int index) {
        for (int i = 0; i < count; i++) {
            GroupMembership m = memberships[i];
            if (m.isOf(index < 0 ? m.nic().index() : index, hi, lo)) {
                return m;
            }
        }
        return null;
    }

    /**
     * Joins a group (MCAST_JOIN_GROUP): its datagrams come in from now on, whoever sends them.
     *
     * @param index where, {@link IpInterface#index}; -1 where the routes lead to it
     * @return {@link UdpEndpoint#OK}, {@link #NOT_A_GROUP}, {@link UdpEndpoint#NO_ROUTE} (no such interface), {@link
     *     #ALREADY_MEMBER}, {@link #LIMIT}, {@link UdpEndpoint#CLOSED}
     */
    public int join(long hi, long lo, int index, long nowNs) {
        if (endpoint.isClosed()) {
            return UdpEndpoint.CLOSED;
        }
        if (!IpAddress.isMulticast(hi, lo)) {
            return NOT_A_GROUP;
        }
        IpInterface nic = nic(hi, lo, index, nowNs);
        if (nic == null) {
            return UdpEndpoint.NO_ROUTE;
        }
        return find(hi, lo, nic.index()) != null
                ? ALREADY_MEMBER
                : open(nic, hi, lo, true) == null ? LIMIT : UdpEndpoint.OK;
    }

    private GroupMembership open(IpInterface nic, long hi, long lo, boolean exclude) {
        GroupMembership made = count < MAX_MEMBERSHIPS ? ip.multicast().join(nic, hi, lo, exclude) : null;
        if (made != null) {
            if (count == memberships.length) {
                memberships = Arrays.copyOf(memberships, Math.max(2, count * 2));
            }
            memberships[count++] = made;
        }
        return made;
    }

    /**
     * As {@link #join}, only for what this source sends (MCAST_JOIN_SOURCE_GROUP); once for each source. {@link
     * #ANY_SOURCE_MEMBER} after the other form, {@link #BAD_SOURCE}.
     */
    public int joinSource(long hi, long lo, int index, long srcHi, long srcLo, long nowNs) {
        if (endpoint.isClosed()) {
            return UdpEndpoint.CLOSED;
        }
        if (!IpAddress.isMulticast(hi, lo)) {
            return NOT_A_GROUP;
        }
        IpInterface nic = nic(hi, lo, index, nowNs);
        if (nic == null) {
            return UdpEndpoint.NO_ROUTE;
        }
        GroupMembership membership = find(hi, lo, nic.index());
        if (membership == null) {
            membership = open(nic, hi, lo, false);
        } else if (membership.isExclude()) {
            return ANY_SOURCE_MEMBER;
        }
        if (membership == null) {
            return LIMIT;
        }
        int result = membership.addSource(srcHi, srcLo);
        if (membership.sourceCount() == 0) {
            drop(membership);
        }
        return result(result, ALREADY_MEMBER);
    }

    private static int result(int result, int alreadyThere) {
        return switch (result) {
            case GroupMembership.OK -> UdpEndpoint.OK;
            case GroupMembership.ALREADY_THERE -> alreadyThere;
            case GroupMembership.NOT_THERE -> NOT_MEMBER;
            case GroupMembership.BAD_SOURCE -> BAD_SOURCE;
            default -> LIMIT;
        };
    }

    /**
     * Leaves a group, with all its sources (MCAST_LEAVE_GROUP).
     *
     * @param index where, {@link IpInterface#index}; -1 where it was joined first
     * @return {@link UdpEndpoint#OK}, {@link #NOT_MEMBER}
     */
    public int leave(long hi, long lo, int index) {
        GroupMembership membership = find(hi, lo, index);
        if (membership == null) {
            return NOT_MEMBER;
        }
        drop(membership);
        return UdpEndpoint.OK;
    }

    /** Takes one {@link #joinSource} back (MCAST_LEAVE_SOURCE_GROUP); with the last source, the group is left. */
    public int leaveSource(long hi, long lo, int index, long srcHi, long srcLo) {
        GroupMembership membership = find(hi, lo, index);
        if (membership == null) {
            return NOT_MEMBER;
        }
        if (membership.isExclude()) {
            return ANY_SOURCE_MEMBER;
        }
        int result = membership.removeSource(srcHi, srcLo);
        if (membership.sourceCount() == 0) {
            drop(membership);
        }
        return result(result, NOT_MEMBER);
    }

    /**
     * Of a group joined for any source: no more from this one (MCAST_BLOCK_SOURCE). {@link UdpEndpoint#OK}, also when it was
     * blocked already, {@link #NOT_MEMBER}, {@link #SOURCE_MEMBER}, {@link #BAD_SOURCE}, {@link #LIMIT}.
     */
    public int block(long hi, long lo, int index, long srcHi, long srcLo) {
        return block(hi, lo, index, srcHi, srcLo, true);
    }

    /** Takes {@link #block} back (MCAST_UNBLOCK_SOURCE); {@link #NOT_MEMBER} if the source is not blocked. */
    public int unblock(long hi, long lo, int index, long srcHi, long srcLo) {
        return block(hi, lo, index, srcHi, srcLo, false);
    }

    private int block(long hi, long lo, int index, long srcHi, long srcLo, boolean blocked) {
        GroupMembership membership = find(hi, lo, index);
        if (membership == null) {
            return NOT_MEMBER;
        }
        if (!membership.isExclude()) {
            return SOURCE_MEMBER;
        }
        int result = blocked ? membership.addSource(srcHi, srcLo) : membership.removeSource(srcHi, srcLo);
        return result(result, UdpEndpoint.OK);
    }

    private void drop(GroupMembership membership) {
        membership.leave();
        for (int i = 0; i < count; i++) {
            if (memberships[i] == membership) {
                memberships[i] = memberships[--count];
                memberships[count] = null;
            }
        }
    }

    /** True when a datagram to this group, come in by this interface, is wanted. */
    boolean hears(int index, long srcHi, long srcLo, long hi, long lo) {
        for (int i = 0; i < count; i++) {
            if (memberships[i].isOf(index, hi, lo)) {
                return memberships[i].accepts(srcHi, srcLo);
            }
        }
        return all;
    }

    void leaveAll() {
        for (; count > 0; count--) {
            memberships[count - 1].leave();
            memberships[count - 1] = null;
        }
    }
}
