package dev.penstock.stack.ip;

/**
 * A route with who told it and for how long, for displays.
 *
 * @param untilNs when it is removed; {@link AddressTerms#FOREVER}
 */
public record RouteInfo(Route route, Origin origin, long untilNs) {}
