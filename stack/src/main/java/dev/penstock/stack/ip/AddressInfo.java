package dev.penstock.stack.ip;

import dev.penstock.stack.wire.IpPrefix;

/**
 * An address of an interface, for displays.
 *
 * @param prefix the address with the length of its prefix
 * @param usable in use: not being asked for, or used meanwhile
 * @param tentative nobody has confirmed yet that it is ours alone (RFC 4862, section 5.4)
 * @param deprecated not for new connections (RFC 4862, section 5.5.4)
 */
public record AddressInfo(IpPrefix prefix, AddressTerms terms, boolean usable, boolean tentative, boolean deprecated) {}
