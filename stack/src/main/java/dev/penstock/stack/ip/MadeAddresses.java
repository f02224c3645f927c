package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.timer.DeadlineQueue;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import java.util.ArrayList;
import java.util.List;

/**
 * The IPv6 addresses that the stack makes itself, link-local ones and those of advertised prefixes, with stable opaque
 * identifiers (RFC 7217): which one, and which next when one is taken.
 */
final class MadeAddresses {
    /** Networks of which we cannot have an address; beyond, they are tried again at the next advertisement. */
    private static final int MOST_FAILURES = 64;

    private final InterfaceAddresses addresses;
    private final IpLayer layer;
    private final IpConfig config;
    private final DeadlineQueue deadlines;
    private final Counters counters;
    private final InterfaceIdentifiers identifiers;
    private final List<Failure> failures = new ArrayList<>();

    /** A network whose addresses all are taken, by accident or by malice, until it is tried again. */
    private final class Failure extends Deadline {
        private final IpInterface nic;
        private final long hi;

        Failure(IpInterface nic, long hi) {
            this.nic = nic;
            this.hi = hi;
        }

        @Override
        protected void onDeadline(long nowNs) {
            failures.remove(this);
            if (IpAddress.isLinkLocalV6(hi)) {
                addresses.makeLinkLocal(nic, nowNs);
            }
        }
    }

    MadeAddresses(
            InterfaceAddresses addresses,
            IpLayer layer,
            IpConfig config,
            DeadlineQueue deadlines,
            Counters counters,
            InterfaceIdentifiers identifiers) {
        this.addresses = addresses;
        this.layer = layer;
        this.config = config;
        this.deadlines = deadlines;
        this.counters = counters;
        this.identifiers = identifiers;
    }

    /**
     * The address for a network of 64 bits, or null while all that were tried were taken.
     *
     * @param dadCounter how many were taken
     */
    LocalAddress make(IpInterface nic, long hi, AddressTerms terms, IpAddress teller, int dadCounter) {
        for (Failure failure : failures) {
            if (failure.hi == hi && failure.nic == nic) {
                return null;
            }
        }
        long mac = nic.port().mac();
        long lo = config.eui64 ? InterfaceIdentifiers.eui64(mac) : identifiers.stable(hi, mac, dadCounter);
        LocalAddress local = addresses.create(nic, new IpPrefix(new IpAddress(hi, lo), 64), terms);
        local.dadCounter = dadCounter;
        local.teller = teller;
        return local;
    }

    /**
     * An address that we made is taken. RFC 7217, section 6: "hosts SHOULD ... increment DAD_Counter" and try again, at most
     * IDGEN_RETRIES times; the random delay before duplicates are looked for stands for its IDGEN_DELAY.
     *
     * @return the next, or null when there are no more
     */
    LocalAddress next(LocalAddress taken, long nowNs) {
        if (!config.eui64 && taken.dadCounter < InterfaceIdentifiers.RETRIES) {
            return make(taken.nic, taken.hi, taken.terms, taken.teller, taken.dadCounter + 1);
        }
        counters.count(StackCounter.NDP_AUTOCONFIGURATION_FAILED);
        if (failures.size() < MOST_FAILURES) {
            Failure failure = new Failure(taken.nic, taken.hi);
            failures.add(failure);
            deadlines.schedule(failure, nowNs + config.autoconfigurationRetryNs);
        }
        layer.addressListener().onAutoconfigurationFailed(taken.nic, new IpAddress(taken.hi, 0), nowNs);
        return null;
    }

    /** No more timers. */
    void close() {
        failures.forEach(deadlines::cancel);
        failures.clear();
    }
}
