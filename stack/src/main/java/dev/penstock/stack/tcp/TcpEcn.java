package dev.penstock.stack.tcp;

/** Whether connections use explicit congestion notification (RFC 3168); Linux's {@code tcp_ecn}. */
public enum TcpEcn {
    /** Neither asks for it nor agrees to it; Linux's 0. */
    OFF,
    /** Agrees when the peer asks for it, the default; Linux's 2. */
    PASSIVE,
    /** Asks for it, too; Linux's 1. */
    ON
}
