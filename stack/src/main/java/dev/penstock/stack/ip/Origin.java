package dev.penstock.stack.ip;

/** Who told the stack of an address, a route or a name server, and so may change or take it back. */
public enum Origin {
    /** Whoever started the stack. */
    STATIC,
    /** The stack itself: link-local addresses (RFC 4862, section 5.3; RFC 3927). */
    LINK_LOCAL,
    /** Routers, by their advertisements (RFC 4861, RFC 4862, RFC 4191, RFC 8106). */
    SLAAC,
    /** A DHCP server (RFC 2131). */
    DHCP
}
