package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.SipHash;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.timer.DeadlineQueue;
import dev.penstock.stack.wire.IpAddress;

/**
 * Duplicate address detection (RFC 4862, section 5.4), optimistic (RFC 4429) if so configured: an address is then used
 * while it is being verified, but gets into nobody's neighbour cache. One per {@link IpLayer}.
 */
final class DuplicateDetection implements AddressLife {
    /** RFC 4861, section 10: MAX_RTR_SOLICITATION_DELAY, within which the first message of an interface is sent. */
    private static final long MAX_DELAY = IpConfig.SECOND;

    /** Probes whose return is recognized. */
    private static final int REMEMBERED_PROBES = 8;

    private final IpLayer layer;
    private final IpConfig config;
    private final DeadlineQueue deadlines;
    private final RandomSource random;
    private final Counters counters;
    private final SipHash nonces;

    DuplicateDetection(
            IpLayer layer,
            IpConfig config,
            DeadlineQueue deadlines,
            RandomSource random,
            Counters counters,
            SipHash nonces) {
        this.layer = layer;
        this.config = config;
        this.deadlines = deadlines;
        this.random = random;
        this.counters = counters;
        this.nonces = nonces;
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
        announce(address);
    }

    /** RFC 9131, 5.1: routers learn of a new address before answers to it come. Of link-local addresses they need not. */
    private void announce(LocalAddress address) {
        if (!IpAddress.isLinkLocalV6(address.hi)) {
            for (int i = 0; i < config.unsolicitedAdverts; i++) {
                layer.ndp(address.nic).announce(address);
            }
        }
    }

    @Override
    public void stop(LocalAddress address) {
        deadlines.cancel(address);
    }

    @Override
    public void onDeadline(LocalAddress address, long nowNs) {
        if (address.probesSent < config.dadTransmits + address.moreProbes) {
            long nonce = nonce(address, address.probesSent++);
            layer.ndp(address.nic).probe(address, nonce);
            deadlines.schedule(address, nowNs + layer.ndp(address.nic).retransTimerNs(config.neighbors));
            return;
        }
        address.tentative = false;
        layer.multicast().onVerified(address);
        if (address.usable) {
            announce(address);
        } else {
            use(address, nowNs);
        }
        layer.neighbors().onSourceReady(address.nic.index(), nowNs);
    }

    /** The nonce of probe number {@code i}: 48 bits that nobody else can know. */
    private long nonce(LocalAddress address, int i) {
        return nonces.hash(address.hi, address.lo, address.nic.index(), i, 7527) >>> 16;
    }

    /**
     * Somebody else looks for duplicates of a tentative address of ours, or the network brought our own probe back.
     *
     * @param nonce of the probe, -1 if it has none
     */
    DropReason onProbe(LocalAddress address, long nonce, long mac, long nowNs) {
        int first = Math.max(0, address.probesSent - REMEMBERED_PROBES);
        for (int i = first; i < address.probesSent; i++) {
            if (nonce == nonce(address, i)) {
                // RFC 7527, 4.1: "If any probe is looped back within RetransTimer milliseconds after having sent
                // DupAddrDetectTransmits NS(DAD) messages, the interface continues with another MAX_MULTICAST_SOLICIT
                // number of NS(DAD) messages transmitted RetransTimer milliseconds apart."
                counters.count(StackCounter.NDP_LOOPED_BACK);
                address.moreProbes =
                        Math.max(0, address.probesSent - config.dadTransmits) + config.neighbors.maxMulticastSolicits();
                return DropReason.NDP_LOOPED_BACK;
            }
        }
        onDuplicate(address, mac, nowNs);
        return DropReason.NDP_DUPLICATE;
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
