package dev.penstock.stack.ip;

import dev.penstock.stack.wire.IpAddress;

/**
 * One socket's membership of a group on an interface, with its source filter (RFC 3376, section 3.1; RFC 3810, section 4.1):
 * EXCLUDE takes all sources but those listed, INCLUDE only those listed. Made by {@link Multicast#join}. Shard thread.
 */
public final class GroupMembership {
    /** Done. */
    public static final int OK = 1;
    /** The source is in the list already. */
    public static final int ALREADY_THERE = 0;
    /** The source is not in the list. */
    public static final int NOT_THERE = -1;
    /** Too many sources, see {@link MulticastConfig}. */
    public static final int LIMIT = -2;
    /** Not the address of a single host, or of the other family. */
    public static final int BAD_SOURCE = -3;
    /** The group was left. */
    public static final int LEFT = -4;

    final GroupFilter filter = new GroupFilter();
    private final InterfaceGroups groups;
    private final MulticastGroup group;
    private boolean left;

    GroupMembership(InterfaceGroups groups, MulticastGroup group, boolean exclude) {
        this.groups = groups;
        this.group = group;
        filter.exclude = exclude;
    }

    /** Where it is. */
    public IpInterface nic() {
        return groups.nic();
    }

    public long groupHi() {
        return group.hi;
    }

    public long groupLo() {
        return group.lo;
    }

    /** The filter mode: true for EXCLUDE. */
    public boolean isExclude() {
        return filter.exclude;
    }

    /** How many sources are listed. */
    public int sourceCount() {
        return filter.sources.size();
    }

    /** True when a datagram from this source to the group is wanted. */
    public boolean accepts(long srcHi, long srcLo) {
        return filter.accepts(srcHi, srcLo);
    }

    /** True for this interface and this group. */
    public boolean isOf(int interfaceIndex, long hi, long lo) {
        return group.lo == lo && group.hi == hi && groups.nic().index() == interfaceIndex;
    }

    /**
     * Lists a source: in mode EXCLUDE it is blocked, in mode INCLUDE it is wanted from now on.
     *
     * @return {@link #OK} or another of the constants
     */
    public int addSource(long hi, long lo) {
        if (left) {
            return LEFT;
        }
        if (!isSource(hi, lo)) {
            return BAD_SOURCE;
        }
        if (filter.sources.contains(hi, lo)) {
            return ALREADY_THERE;
        }
        if (!groups.hasRoomForSource(this, group)) {
            return LIMIT;
        }
        filter.sources.add(hi, lo);
        groups.onChange(group);
        return OK;
    }

    private boolean isSource(long hi, long lo) {
        return IpAddress.isV4(hi, lo) == IpAddress.isV4(group.hi, group.lo)
                && !IpAddress.isMulticast(hi, lo)
                && !IpAddress.isAny(hi, lo)
                && lo != IpAddress.BROADCAST_V4.lo();
    }

    /** Takes {@link #addSource} back. A membership of mode INCLUDE without sources receives nothing, and counts for nothing. */
    public int removeSource(long hi, long lo) {
        if (left) {
            return LEFT;
        }
        if (!filter.sources.remove(hi, lo)) {
            return NOT_THERE;
        }
        groups.onChange(group);
        return OK;
    }

    /** Leaves the group. Idempotent. */
    public void leave() {
        if (!left) {
            left = true;
            groups.leave(this, group);
        }
    }
}
