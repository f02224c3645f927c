package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.wire.MacAddress;

/**
 * The groups of one family on one interface: those of sockets and those of the stack itself. Few, hence an array. A group
 * that everybody has left stays until the routers were told so.
 */
final class InterfaceGroups {
    private final IpInterface nic;
    private final boolean v4;
    private final MulticastConfig config;
    private final Counters counters;
    private final GroupReporter reporter;
    private final GroupMessages messages;
    private final MulticastGroup[] groups;
    private final GroupFilter before = new GroupFilter();
    private int count;
    private int memberships;

    InterfaceGroups(
            IpInterface nic,
            boolean v4,
            MulticastConfig config,
            Counters counters,
            GroupMessages messages,
            GroupTimers t) {
        this.nic = nic;
        this.v4 = v4;
        this.config = config;
        this.counters = counters;
        this.messages = messages;
        this.groups = new MulticastGroup[config.maxGroups];
        int newest = v4 ? config.igmpVersion : config.mldVersion + 1;
        this.reporter = new GroupReporter(this, messages, config, newest, counters, t);
    }

    IpInterface nic() {
        return nic;
    }

    GroupReporter reporter() {
        return reporter;
    }

    int count() {
        return count;
    }

    MulticastGroup at(int i) {
        return groups[i];
    }

    MulticastGroup find(long hi, long lo) {
        for (int i = 0; i < count; i++) {
            if (groups[i].lo == lo && groups[i].hi == hi) {
                return groups[i];
            }
        }
        return null;
    }

    /** True when somebody here wants packets to this group, of whatever source. */
    boolean isMember(long hi, long lo) {
        MulticastGroup group = find(hi, lo);
        return group != null && group.state.isMember();
    }

    /** The stack itself joins; each call needs its {@link #leaveOwn}. False at the limit. */
    boolean joinOwn(long hi, long lo) {
        MulticastGroup group = obtain(hi, lo);
        if (group == null) {
            return false;
        }
        group.ownUses++;
        return change(group) || undo(group, null);
    }

    void leaveOwn(long hi, long lo) {
        MulticastGroup group = find(hi, lo);
        if (group != null && group.ownUses > 0) {
            group.ownUses--;
            onChange(group);
        }
    }

    /** See {@link Multicast#join}. */
    GroupMembership join(long hi, long lo, boolean exclude) {
        MulticastGroup group = memberships < config.maxMemberships ? obtain(hi, lo) : null;
        if (group == null) {
            counters.count(StackCounter.MULTICAST_LIMITED);
            return null;
        }
        GroupMembership membership = new GroupMembership(this, group, exclude);
        group.add(membership);
        memberships++;
        if (!change(group)) {
            undo(group, membership);
            return null;
        }
        return membership;
    }

    void leave(GroupMembership membership, MulticastGroup group) {
        if (group.remove(membership)) {
            memberships--;
            onChange(group);
        }
    }

    boolean hasRoomForSource(GroupMembership membership, MulticastGroup group) {
        boolean room = membership.sourceCount() < config.maxSources && group.sourceCount() < config.maxGroupSources;
        if (!room) {
            counters.count(StackCounter.MULTICAST_LIMITED);
        }
        return room;
    }

    private MulticastGroup obtain(long hi, long lo) {
        MulticastGroup group = find(hi, lo);
        if (group != null) {
            return group;
        }
        if (count == groups.length) {
            removeOneLeft();
        }
        if (count == groups.length) {
            return null;
        }
        group = new MulticastGroup(reporter, hi, lo, messages.isReportable(hi, lo));
        groups[count++] = group;
        return group;
    }

    /** Of a group that everybody has left the routers learn when they ask. */
    private void removeOneLeft() {
        for (int i = 0; i < count; i++) {
            if (groups[i].memberCount() == 0 && groups[i].ownUses == 0) {
                reporter.forget(groups[i]);
                remove(i);
                return;
            }
        }
    }

    private boolean undo(MulticastGroup group, GroupMembership membership) {
        counters.count(StackCounter.MULTICAST_LIMITED);
        if (membership == null) {
            group.ownUses--;
        } else {
            group.remove(membership);
            memberships--;
        }
        group.merge();
        sweep();
        return false;
    }

    /** What is wanted of a group may have changed: merges, and has the routers told. */
    void onChange(MulticastGroup group) {
        change(group);
    }

    /** False when the port listens to too many addresses. */
    private boolean change(MulticastGroup group) {
        before.copyFrom(group.state);
        group.merge();
        boolean was = before.isMember();
        boolean is = group.state.isMember();
        if (is && !was && !nic.port().join(mac(group))) {
            return false;
        }
        if (was && !is) {
            nic.port().leave(mac(group));
        }
        reporter.onChange(group, before);
        return true;
    }

    private long mac(MulticastGroup group) {
        return v4 ? MacAddress.forIpv4Multicast((int) group.lo) : MacAddress.forIpv6Multicast(group.lo);
    }

    /** Lets go of the groups of which nothing is to be remembered. */
    void sweep() {
        for (int i = count - 1; i >= 0; i--) {
            if (groups[i].isOver()) {
                reporter.forget(groups[i]);
                remove(i);
            }
        }
    }

    private void remove(int i) {
        groups[i] = groups[--count];
        groups[count] = null;
    }
}
