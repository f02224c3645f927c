package dev.penstock.stack.ip;

import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.wire.IpPrefix;

/** An address of ours and where it stands in RFC 5227's life; its deadline is the next probe or announcement. */
final class LocalAddress extends Deadline {
    final AddressClaims claims;
    final IpInterface nic;
    final IpPrefix prefix;
    final long hi;
    final long lo;
    /** The directed broadcast address, 0 if there is none. */
    final long broadcastLo;

    boolean usable;
    int probesSent;
    int announcementsSent;
    /** When it was last defended, if {@link #defended}. */
    long defendedNs;

    boolean defended;

    LocalAddress(AddressClaims claims, IpInterface nic, IpPrefix prefix) {
        this.claims = claims;
        this.nic = nic;
        this.prefix = prefix;
        this.hi = prefix.address().hi();
        this.lo = prefix.address().lo();
        this.broadcastLo = prefix.broadcastLo();
    }

    @Override
    protected void onDeadline(long nowNs) {
        claims.onDeadline(this, nowNs);
    }
}
