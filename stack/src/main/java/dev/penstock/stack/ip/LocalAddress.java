package dev.penstock.stack.ip;

import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;

/** An address of ours and where it stands in its life, that of RFC 5227 or of RFC 4862; its deadline is the next step. */
final class LocalAddress extends Deadline {
    final AddressLife life;
    final IpInterface nic;
    final IpPrefix prefix;
    final long hi;
    final long lo;
    /** The directed broadcast address, 0 if there is none. */
    final long broadcastLo;

    final boolean v4;

    boolean usable;
    /** Of IPv4: used only when nobody else turned out to have it (RFC 5227, section 2.1). */
    boolean probe;

    /** Of IPv6: not verified yet, and used nevertheless if {@link #usable}: optimistic, as RFC 4429 calls it. */
    boolean tentative;
    /** Not for new connections (RFC 4862, section 5.5.4). */
    boolean deprecated;

    AddressTerms terms;
    /** Ends what {@link #terms} limit; set by {@link InterfaceAddresses}. */
    final Deadline expiry;

    /** Of IPv6: made by us, for the n-th time, so that another can be made if it is taken (RFC 7217); -1 if it is given. */
    int dadCounter = -1;
    /** The router that advertised its prefix, or null. */
    IpAddress teller;

    int probesSent;
    /** Of IPv6: probes that are to be sent beside the usual ones, as some came back (RFC 7527, section 4.1). */
    int moreProbes;

    int announcementsSent;
    /** When it was last defended, if {@link #defended}. */
    long defendedNs;

    boolean defended;

    LocalAddress(AddressLife life, InterfaceAddresses addresses, IpInterface nic, IpPrefix prefix, AddressTerms terms) {
        this.life = life;
        this.terms = terms;
        this.expiry = new Deadline() {
            @Override
            protected void onDeadline(long nowNs) {
                addresses.onTermsEnded(LocalAddress.this, nowNs);
            }
        };
        this.nic = nic;
        this.prefix = prefix;
        this.v4 = prefix.address().isV4();
        this.hi = prefix.address().hi();
        this.lo = prefix.address().lo();
        this.broadcastLo = prefix.broadcastLo();
    }

    @Override
    protected void onDeadline(long nowNs) {
        life.onDeadline(this, nowNs);
    }
}
