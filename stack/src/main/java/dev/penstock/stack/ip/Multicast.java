package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.MacAddress;

/**
 * Multicast of a stack (RFC 1112, RFC 3376, RFC 3810): who is in which group on which interface, what the routers are told of
 * it, and sending to groups. {@link IpLayer#multicast}. Shard thread.
 */
public final class Multicast {
    private final IpLayer layer;
    private final MulticastConfig config;
    private final Counters counters;
    private final PendingQueue pending;
    private final PacketOutput output;
    private final LoopbackQueue loopback;
    private final FlowLabels flowLabels;
    private final GroupTimers timers;

    Multicast(
            IpLayer layer,
            MulticastConfig config,
            Counters counters,
            PendingQueue pending,
            PacketOutput output,
            LoopbackQueue loopback,
            FlowLabels flowLabels,
            GroupTimers timers) {
        config.check();
        this.layer = layer;
        this.config = config;
        this.counters = counters;
        this.pending = pending;
        this.output = output;
        this.loopback = loopback;
        this.flowLabels = flowLabels;
        this.timers = timers;
    }

    /** A new interface: it is in the group of all systems (RFC 1112, section 7.1); of IPv6 once it has an address. */
    void attach(IpInterface nic) {
        InterfaceGroups v4 =
                new InterfaceGroups(nic, true, config, counters, new IgmpMessages(nic, pending, counters), timers);
        InterfaceGroups v6 =
                new InterfaceGroups(nic, false, config, counters, new MldMessages(nic, pending, counters), timers);
        nic.setGroups(v4, v6);
        v4.joinOwn(0, IpAddress.v4(IgmpMessages.ALL_SYSTEMS));
    }

    // Memberships.

    /**
     * Joins a group for one socket. What it wants of it is set at the membership: as it is made, a membership of mode EXCLUDE
     * takes all sources, one of mode INCLUDE none.
     *
     * @param hi of a multicast address
     * @return null, and counted, at a limit of {@link MulticastConfig}
     */
    public GroupMembership join(IpInterface nic, long hi, long lo, boolean exclude) {
        if (!IpAddress.isMulticast(hi, lo)) {
            throw new IllegalArgumentException("not a group: " + new IpAddress(hi, lo));
        }
        return nic.groups(IpAddress.isV4(hi, lo)).join(hi, lo, exclude);
    }

    /** True when somebody here is in the group on this interface. */
    public boolean isMember(IpInterface nic, long hi, long lo) {
        return nic.isInGroup(hi, lo);
    }

    /**
     * The interface that a group is joined on, or sent to, when none is named: where a packet to it would leave.
     *
     * @return null when there is none
     */
    public IpInterface defaultInterface(long hi, long lo, long nowNs) {
        DestinationPath path = layer.paths().acquire(0, IpAddress.isV4(hi, lo) ? IpAddress.V4_PREFIX : 0, hi, lo, -1);
        if (path == null) {
            return null;
        }
        IpInterface nic = path.nic;
        path.release();
        return nic;
    }

    /** Which version of IGMP (1 .. 3) or MLD (1 or 2) is spoken on the interface now, as its queriers have it. */
    public int version(IpInterface nic, boolean v4) {
        int version = nic.groups(v4).reporter().version();
        return v4 ? version : version - 1;
    }

    // Sending.

    /**
     * Sends to a group or a broadcast address, as {@link IpOutput#send}; what is here receives it, too, if {@code loop} is set
     * and somebody is in the group on the outgoing interface.
     *
     * @param ttl 0 .. 255: with 0 it never leaves this host (RFC 1112, section 6.1), nor does it with an interface-local group
     */
    public int send(
            Frame frame, IpPath to, int protocol, int tos, int ttl, boolean dontFragment, boolean loop, long nowNs) {
        DestinationPath path = (DestinationPath) to;
        if (!path.refresh()) {
            return IpOutput.NO_ROUTE;
        }
        boolean looped = loop && isWanted(path) && loop(frame, path, protocol, tos, ttl);
        boolean interfaceLocal = !path.v4 && IpAddress.multicastScope(path.dstHi) <= 1;
        if (ttl == 0 || (interfaceLocal && path.groupMac != MacAddress.NONE)) {
            return 1;
        }
        int taken = output.send(frame, path, protocol, tos, ttl, dontFragment, nowNs);
        if (taken <= 0 && looped) {
            loopback.removeLast();
        }
        return taken;
    }

    private static boolean isWanted(DestinationPath path) {
        return path.nic != null
                && (path.groupMac == MacAddress.BROADCAST || path.nic.isInGroup(path.dstHi, path.dstLo));
    }

    private boolean loop(Frame frame, DestinationPath path, int protocol, int tos, int ttl) {
        int label = path.v4 ? 0 : flowLabels.of(path.flowSeed, protocol, frame);
        boolean taken = loopback.offer(frame, path, label, protocol, tos, ttl) > 0;
        if (!taken) {
            counters.drop(DropReason.MULTICAST_LOOP_FULL);
        }
        return taken;
    }

    // Of the layer.

    boolean hasPending() {
        return timers.pending;
    }

    /** Tells routers what has changed. */
    int flush(long nowNs) {
        if (!timers.pending) {
            return 0;
        }
        timers.pending = false;
        int work = 0;
        for (int i = 0; i < layer.interfaceCount(); i++) {
            work += layer.interfaceAt(i).groups(true).reporter().flush(nowNs);
            work += layer.interfaceAt(i).groups(false).reporter().flush(nowNs);
        }
        return work;
    }

    /** An address is ours for certain. */
    void onVerified(LocalAddress address) {
        if (IpAddress.isLinkLocalV6(address.hi)) {
            address.nic.groups(false).reporter().tellAll();
        }
    }

    void close() {
        for (int i = 0; i < layer.interfaceCount(); i++) {
            layer.interfaceAt(i).groups(true).reporter().close();
            layer.interfaceAt(i).groups(false).reporter().close();
        }
        timers.pending = false;
    }
}
