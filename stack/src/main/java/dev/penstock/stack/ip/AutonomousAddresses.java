package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import java.util.function.Predicate;

/** The addresses that the stack makes itself of advertised prefixes, on one interface (RFC 4862, section 5.5.3). */
final class AutonomousAddresses {
    /** Below which an unauthenticated advertisement does not push a valid lifetime: "2 hours". */
    private static final long TWO_HOURS_NS = 7200 * IpConfig.SECOND;

    private static final int IDENTIFIER_BITS = 64;

    private final IpLayer layer;
    private final IpInterface nic;
    private final Counters counters;

    AutonomousAddresses(IpLayer layer, IpInterface nic, Counters counters) {
        this.layer = layer;
        this.nic = nic;
        this.counters = counters;
    }

    private static boolean isAutonomous(LocalAddress a) {
        return !a.v4 && a.terms.origin() == Origin.SLAAC;
    }

    private LocalAddress find(IpPrefix prefix) {
        for (int i = 0; i < nic.addressCount(); i++) {
            LocalAddress a = nic.local(i);
            if (isAutonomous(a)
                    && prefix.length() == IDENTIFIER_BITS
                    && a.hi == prefix.address().hi()) {
                return a;
            }
        }
        return null;
    }

    boolean knows(IpPrefix prefix) {
        return find(prefix) != null;
    }

    int count() {
        int n = 0;
        for (int i = 0; i < nic.addressCount(); i++) {
            n += isAutonomous(nic.local(i)) ? 1 : 0;
        }
        return n;
    }

    /** Takes back one address whose router is not among those of {@code keep}. */
    boolean removeOneUnless(Predicate<IpAddress> keep, long nowNs) {
        for (int i = nic.addressCount() - 1; i >= 0; i--) {
            LocalAddress a = nic.local(i);
            if (isAutonomous(a) && a.teller != null && !keep.test(a.teller)) {
                layer.addresses().remove(a, nowNs);
                return true;
            }
        }
        return false;
    }

    /**
     * A prefix was advertised for addresses.
     *
     * @param preferred seconds, as advertised
     * @param valid seconds, as advertised
     */
    void onPrefix(IpPrefix prefix, IpAddress router, long preferred, long valid, long nowNs) {
        // c: "If the preferred lifetime is greater than the valid lifetime, silently ignore the Prefix Information
        // option." d: "If the sum of the prefix length and interface identifier length does not equal 128 bits, the
        // Prefix Information option MUST be ignored."
        if (preferred > valid || prefix.length() != IDENTIFIER_BITS) {
            counters.drop(DropReason.NDP_BAD_PARAMETER);
            return;
        }
        LocalAddress known = find(prefix);
        if (known != null) {
            known.teller = router;
            prolong(known, preferred, valid, nowNs);
        } else if (valid > 0) {
            AddressTerms terms = new AddressTerms(
                    Origin.SLAAC, AddressTerms.after(preferred, nowNs), AddressTerms.after(valid, nowNs), false);
            layer.addresses().make(nic, prefix, terms, router, nowNs);
        }
    }

    /** RFC 4862, 5.5.3, e: two hours' notice at least, lest a forged advertisement take all addresses at once. */
    private void prolong(LocalAddress known, long preferred, long valid, long nowNs) {
        long advertised = AddressTerms.after(valid, nowNs);
        long before = known.terms.validUntilNs();
        long until;
        if (advertised >= nowNs + TWO_HOURS_NS + 1 || advertised > before) {
            // 1: "If the received Valid Lifetime is greater than 2 hours or greater than RemainingLifetime".
            until = advertised;
        } else if (before <= nowNs + TWO_HOURS_NS) {
            // 2: "If RemainingLifetime is less than or equal to 2 hours, ignore the Prefix Information option with
            // regards to the valid lifetime, unless the Router Advertisement from which this option was obtained has
            // been authenticated".
            until = before;
        } else {
            // 3: "Otherwise, reset the valid lifetime of the corresponding address to 2 hours."
            until = nowNs + TWO_HOURS_NS;
        }
        // "Note that the preferred lifetime of the corresponding address is always reset to the Preferred Lifetime in
        // the received Prefix Information option, regardless of whether the valid lifetime is also reset or ignored."
        long preferredUntil = Math.min(AddressTerms.after(preferred, nowNs), until);
        layer.addresses().setLifetimes(nic, known.prefix.address(), preferredUntil, until, nowNs);
    }
}
