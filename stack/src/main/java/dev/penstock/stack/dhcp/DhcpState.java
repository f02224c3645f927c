package dev.penstock.stack.dhcp;

/** Where a client stands: the states of RFC 2131, figure 5, and four that it has no name for. */
public enum DhcpState {
    /** Not begun, or over. */
    STOPPED,
    /** The link is down; a lease that is there lasts on. */
    LINK_DOWN,
    /** About to look for servers, see {@link DhcpConfig#initialDelayNs}. */
    INIT,
    /** A DHCPDISCOVER is out: offers are waited for. */
    SELECTING,
    /** An offer was taken: its server is asked for it. */
    REQUESTING,
    /** About to ask for the lease of before, see {@link DhcpConfig#previousLease}. */
    INIT_REBOOT,
    /** Asked for the lease of before; while it is known to last, it is in use. */
    REBOOTING,
    /** The server has said yes: ARP shows whether another station has the address nevertheless. */
    CHECKING,
    /** The lease is in use. */
    BOUND,
    /** In use, and past T1: its server is asked to prolong it. */
    RENEWING,
    /** In use, and past T2: any server is asked to prolong it. */
    REBINDING,
    /** Before the next attempt: after a conflict, after being refused time and again, or where IPv4 is not needed. */
    WAITING;

    /** True while a lease is in use, unless it is so {@link #REBOOTING} or with the {@link #LINK_DOWN}. */
    public boolean isBound() {
        return this == BOUND || this == RENEWING || this == REBINDING;
    }
}
