package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.timer.DeadlineQueue;

/**
 * Duplicate address detection (RFC 4862, section 5.4), optimistic (RFC 4429) if so configured: an address is then used
 * while it is being verified, but gets into nobody's neighbour cache. One per {@link IpLayer}.
 */
final class DuplicateDetection implements AddressLife {
    /** RFC 4861, section 10: MAX_RTR_SOLICITATION_DELAY, within which the first message of an interface is sent. */
    private static final long MAX_DELAY = IpConfig.SECOND;

    private final IpLayer layer;
    private final IpConfig config;
    private final DeadlineQueue deadlines;
    private final RandomSource random;
    private final Counters counters;

    DuplicateDetection(
            IpLayer layer, IpConfig config, DeadlineQueue deadlines, RandomSource random, Counters counters) {
        this.layer = layer;
        this.config = config;
        this.deadlines = deadlines;
        this.random = random;
        this.counters = counters;
    }

    @Override
    public void start(LocalAddress address, long nowNs) {
        if (config.dadTransmits == 0) {
            use(address, nowNs);
            return;
        }
        address.tentative = true;
        if (config.optimisticDad) {
            use(address, nowNs);
        }
        // 5.4.2: "the node SHOULD delay joining the solicited-node multicast address by a random delay between 0 and
        // MAX_RTR_SOLICITATION_DELAY"; the group is joined at once, so that no probe of another is missed.
        deadlines.schedule(address, nowNs + (long) (random.nextDouble() * MAX_DELAY));
    }

    @Override
    public void onLinkUp(LocalAddress address, long nowNs) {
        if (address.usable && config.dadTransmits > 0) {
            address.probesSent = 0;
            address.tentative = true;
            deadlines.schedule(address, nowNs + (long) (random.nextDouble() * MAX_DELAY));
        }
    }

    private void use(LocalAddress address, long nowNs) {
        address.usable = true;
        layer.onAddressChanged();
        layer.addressListener().onUsable(address.nic, address.prefix.address(), nowNs);
    }

    @Override
    public void stop(LocalAddress address) {
        deadlines.cancel(address);
    }

    @Override
    public void onDeadline(LocalAddress address, long nowNs) {
        if (address.probesSent < config.dadTransmits) {
            address.probesSent++;
            layer.ndp(address.nic).probe(address);
            deadlines.schedule(address, nowNs + config.neighbors.retransTimerNs());
            return;
        }
        address.tentative = false;
        layer.multicast().onVerified(address);
        if (!address.usable) {
            use(address, nowNs);
        }
    }

    /** Another station has the address, or wants it at the same time. */
    void onDuplicate(LocalAddress address, long mac, long nowNs) {
        counters.count(StackCounter.NDP_DUPLICATES);
        boolean lost = address.tentative;
        if (lost) {
            // 5.4.5: "A tentative address that is determined to be a duplicate as described above MUST NOT be assigned
            // to an interface".
            layer.addresses().remove(address, nowNs);
        }
        layer.addressListener().onConflict(address.nic, address.prefix.address(), mac, lost, nowNs);
        if (lost && address.dadCounter >= 0) {
            layer.addresses().renew(address, nowNs);
        }
    }
}
