package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.timer.DeadlineQueue;
import dev.penstock.stack.wire.IpAddress;

/**
 * Claims addresses and keeps them: probing, announcing, defending (RFC 5227). One per {@link IpLayer}; the ARP of each
 * interface sends for it and tells it what it hears.
 */
final class AddressClaims implements AddressLife {
    // RFC 5227, section 1.1.
    static final long PROBE_WAIT = IpConfig.SECOND;
    static final int PROBE_NUM = 3;
    static final long PROBE_MIN = IpConfig.SECOND;
    static final long PROBE_MAX = 2 * IpConfig.SECOND;
    static final long ANNOUNCE_WAIT = 2 * IpConfig.SECOND;
    static final int ANNOUNCE_NUM = 2;
    static final long ANNOUNCE_INTERVAL = 2 * IpConfig.SECOND;
    static final long DEFEND_INTERVAL = 10 * IpConfig.SECOND;

    private final IpLayer layer;
    private final IpConfig config;
    private final DeadlineQueue deadlines;
    private final RandomSource random;
    private final Counters counters;

    AddressClaims(IpLayer layer, IpConfig config, DeadlineQueue deadlines, RandomSource random, Counters counters) {
        this.layer = layer;
        this.config = config;
        this.deadlines = deadlines;
        this.random = random;
        this.counters = counters;
    }

    /** Begins to claim a new address. */
    @Override
    public void start(LocalAddress address, long nowNs) {
        if (!isWatched(address)) {
            use(address, nowNs);
        } else if (address.probe) {
            // RFC 5227, 2.1.1: "the host should then wait for a random time interval selected uniformly in the range
            // zero to PROBE_WAIT seconds".
            deadlines.schedule(address, nowNs + random(0, PROBE_WAIT));
        } else {
            use(address, nowNs);
            announce(address, nowNs);
        }
    }

    /** RFC 3927, section 2: a link-local address cannot be had otherwise. */
    private boolean isWatched(LocalAddress address) {
        return config.detectConflicts || address.terms.origin() == Origin.LINK_LOCAL;
    }

    /** The address is given back: no more timers. */
    @Override
    public void stop(LocalAddress address) {
        deadlines.cancel(address);
    }

    @Override
    public void onLinkUp(LocalAddress address, long nowNs) {
        if (address.usable && config.detectConflicts) {
            address.announcementsSent = 0;
            announce(address, nowNs);
        }
    }

    private void use(LocalAddress address, long nowNs) {
        address.usable = true;
        layer.onAddressChanged();
        layer.addressListener().onUsable(address.nic, address.prefix.address(), nowNs);
    }

    @Override
    public void onDeadline(LocalAddress address, long nowNs) {
        if (address.usable) {
            announce(address, nowNs);
        } else if (address.probesSent < PROBE_NUM) {
            layer.arp(address.nic).sendProbe((int) address.lo, nowNs);
            address.probesSent++;
            long wait = address.probesSent < PROBE_NUM ? random(PROBE_MIN, PROBE_MAX) : ANNOUNCE_WAIT;
            deadlines.schedule(address, nowNs + wait);
        } else {
            use(address, nowNs);
            announce(address, nowNs);
        }
    }

    private void announce(LocalAddress address, long nowNs) {
        layer.arp(address.nic).sendAnnouncement((int) address.lo, nowNs);
        address.announcementsSent++;
        deadlines.schedule(
                address, address.announcementsSent < ANNOUNCE_NUM ? nowNs + ANNOUNCE_INTERVAL : Deadline.NEVER);
    }

    private long random(long min, long max) {
        return min + (long) (random.nextDouble() * (max - min));
    }

    /**
     * An ARP packet came in from another station.
     *
     * @return true when it is in conflict with an address of ours, and must not be learned from
     */
    boolean onArp(IpInterface nic, long senderMac, int senderIp, int targetIp, long nowNs) {
        LocalAddress bySender = senderIp == 0 ? null : nic.find(0, IpAddress.v4(senderIp));
        if (bySender != null) {
            counters.count(StackCounter.ARP_CONFLICTS);
            if (!isWatched(bySender)) {
                return true;
            }
            if (bySender.usable) {
                defend(bySender, senderMac, nowNs);
            } else {
                lose(bySender, senderMac, nowNs);
            }
            return true;
        }
        if (senderIp == 0) {
            LocalAddress byTarget = nic.find(0, IpAddress.v4(targetIp));
            // RFC 5227, 2.1.1: "if during this period the host receives any ARP Probe where the packet's 'target IP
            // address' is the address being probed for, and the packet's 'sender hardware address' is not the
            // hardware address of any of the host's interfaces, then the host SHOULD similarly treat this as an
            // address conflict".
            if (byTarget != null && !byTarget.usable && isWatched(byTarget)) {
                counters.count(StackCounter.ARP_CONFLICTS);
                lose(byTarget, senderMac, nowNs);
                return true;
            }
        }
        return false;
    }

    private void defend(LocalAddress address, long mac, long nowNs) {
        boolean again = address.defended && nowNs - address.defendedNs < DEFEND_INTERVAL;
        if (!again) {
            address.defended = true;
            address.defendedNs = nowNs;
            layer.arp(address.nic).sendAnnouncement((int) address.lo, nowNs);
        } else if (mayGiveUp(address)) {
            lose(address, mac, nowNs);
            return;
        }
        layer.addressListener().onConflict(address.nic, address.prefix.address(), mac, false, nowNs);
    }

    /**
     * An address that nobody configured can be had elsewhere. RFC 3927, 2.5: "the host MUST immediately cease using this
     * address and configure a new IPv4 Link-Local address".
     */
    private boolean mayGiveUp(LocalAddress address) {
        return address.terms.origin() != Origin.STATIC || config.conflictPolicy == IpConfig.ConflictPolicy.DEFEND_ONCE;
    }

    private void lose(LocalAddress address, long mac, long nowNs) {
        layer.addresses().remove(address, nowNs);
        layer.addressListener().onConflict(address.nic, address.prefix.address(), mac, true, nowNs);
    }
}
