package dev.penstock.stack.dhcp;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.ip.AddressTerms;
import dev.penstock.stack.ip.IpInterface;
import dev.penstock.stack.ip.IpLayer;
import dev.penstock.stack.ip.Origin;
import dev.penstock.stack.ip.Route;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.timer.DeadlineQueue;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;

/**
 * An address of 169.254/16 for an interface that has no other (RFC 3927): chosen, probed, announced, defended; another one
 * when it is taken. The probing and defending is RFC 5227's, in package {@code ip}. Shard thread.
 */
final class LinkLocalV4 extends Deadline {
    // RFC 3927, section 9.
    static final int MAX_CONFLICTS = 10;
    static final long RATE_LIMIT_INTERVAL = 60 * DhcpConfig.SECOND;

    private static final IpPrefix NETWORK = IpPrefix.parse("169.254.0.0/16");
    /** RFC 3927, 2.1: 169.254.1.0 to 169.254.254.255. */
    private static final int FIRST = 0xa9fe_0100;

    private static final int COUNT = 254 * 256;
    /** Behind all routes to anywhere that somebody told. */
    private static final int METRIC = 10_000;

    private final IpLayer ip;
    private final IpInterface nic;
    private final DeadlineQueue deadlines;
    private final Counters counters;
    private final DhcpListener listener;
    private final RandomSource sequence;
    private final Route everywhere;

    private boolean running;
    /** Being probed or in use, or null. */
    private IpAddress address;

    private boolean usable;
    private int conflicts;

    LinkLocalV4(IpLayer ip, IpInterface nic, DeadlineQueue deadlines, Counters counters, DhcpListener listener) {
        this.ip = ip;
        this.nic = nic;
        this.deadlines = deadlines;
        this.counters = counters;
        this.listener = listener;
        // RFC 3927, 2.1: "If the host has access to persistent information that is different for each host, such as its
        // IEEE
        // 802 MAC address, then the pseudo-random number generator SHOULD be seeded using a value derived from this
        // information." So a host tries for the same addresses at each start.
        this.sequence = RandomSource.seeded(nic.port().mac());
        this.everywhere = new Route(new IpPrefix(IpAddress.ANY_V4, 0), null, nic, METRIC);
    }

    /** The address in use, or null. */
    IpAddress address() {
        return usable ? address : null;
    }

    /** Begins, unless it is under way. An address that is still there, though deprecated, is taken up again. */
    void start(long nowNs) {
        if (running) {
            return;
        }
        running = true;
        if (address != null) {
            ip.addresses().setLifetimes(nic, address, AddressTerms.FOREVER, AddressTerms.FOREVER, nowNs);
            if (usable) {
                use(nowNs);
            }
            return;
        }
        claim(nowNs);
    }

    private void claim(long nowNs) {
        address = IpAddress.ofV4(FIRST + sequence.nextInt(COUNT));
        usable = false;
        AddressTerms terms = AddressTerms.permanent(Origin.LINK_LOCAL);
        // RFC 3927, 2.2.1: "the host MUST test to see if the IPv4 Link-Local address is already in use".
        if (!ip.addresses().put(nic, new IpPrefix(address, NETWORK.length()), terms, true, nowNs)) {
            address = null;
            deadlines.schedule(this, nowNs + RATE_LIMIT_INTERVAL);
        }
    }

    /**
     * A routable address is there. What uses the link-local one keeps it for a time, nothing new does (RFC 3927, section
     * 1.9).
     */
    void retire(long graceNs, long nowNs) {
        running = false;
        deadlines.cancel(this);
        ip.routes().remove(everywhere, Origin.LINK_LOCAL);
        if (address == null) {
            return;
        }
        if (usable) {
            listener.onLinkLocalLost(nic, address, nowNs);
        }
        if (usable && graceNs > 0) {
            ip.addresses().setLifetimes(nic, address, nowNs, nowNs + graceNs, nowNs);
        } else {
            ip.addresses().remove(nic, address, nowNs);
        }
    }

    /** The end. */
    void stop(long nowNs) {
        retire(0, nowNs);
    }

    // What the address listener tells.

    boolean isOurs(IpAddress other) {
        return other.equals(address);
    }

    void onUsable(long nowNs) {
        usable = true;
        conflicts = 0;
        use(nowNs);
    }

    private void use(long nowNs) {
        // RFC 3927, 2.6.2: to a destination outside of 169.254/16 "the sender SHOULD ... ARP for the destination
        // address and then send its packet ... directly to its destination on the same physical link".
        ip.routes().put(everywhere, Origin.LINK_LOCAL, AddressTerms.FOREVER, nowNs);
        listener.onLinkLocal(nic, address, nowNs);
    }

    /** It was removed: another station has it, or its grace is over. */
    void onRemoved(long nowNs) {
        boolean told = usable && running;
        IpAddress gone = address;
        address = null;
        usable = false;
        if (told) {
            ip.routes().remove(everywhere, Origin.LINK_LOCAL);
            listener.onLinkLocalLost(nic, gone, nowNs);
        }
    }

    /** Another station has the address; it was removed already. */
    void onConflict(long nowNs) {
        counters.count(StackCounter.LINK_LOCAL_CONFLICTS);
        conflicts++;
        if (running) {
            // RFC 3927, 2.2.1: "if the number of conflicts exceeds MAX_CONFLICTS then the host MUST limit the rate at
            // which it probes for new addresses to no more than one new address per RATE_LIMIT_INTERVAL."
            deadlines.schedule(this, conflicts > MAX_CONFLICTS ? nowNs + RATE_LIMIT_INTERVAL : nowNs);
        }
    }

    @Override
    protected void onDeadline(long nowNs) {
        if (running && address == null) {
            claim(nowNs);
        }
    }
}
