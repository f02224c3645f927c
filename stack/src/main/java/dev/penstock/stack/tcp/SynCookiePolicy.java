package dev.penstock.stack.tcp;

/** When a listener answers SYNs without keeping anything of them (RFC 4987, section 3.6). */
public enum SynCookiePolicy {
    /** Never: when too many connections are half-open, the oldest goes. */
    OFF,
    /** When {@link TcpConfig#maxHalfOpen} connections of the listener are half-open. */
    WHEN_FULL,
    /** Always, for tests: peers without timestamps then get neither window scaling nor SACK. */
    ALWAYS
}
