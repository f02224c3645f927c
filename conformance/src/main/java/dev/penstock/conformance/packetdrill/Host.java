package dev.penstock.conformance.packetdrill;

import dev.penstock.stack.socket.ShardContext;
import dev.penstock.stack.tcp.TcpConfig;

/** The stack under test, in virtual time, as system calls see it. */
interface Host {
    /** Of this moment of the script, nanoseconds; 0 at its beginning. */
    long nowNs();

    /** TCP, UDP, IP, counters, deadlines of the stack. */
    ShardContext stack();

    /** What the stack was made with; some of it may be changed while it runs ({@code sysctl}). */
    TcpConfig tcp();

    /** What Linux counts and the stack does not. */
    LinuxMemory memory();

    Profile profile();

    /** The address of the stack under test, as a script without one of its own means it. */
    Endpoint local();

    /** The address of the remote host, which {@code connect} without an address of its own means. */
    Endpoint remote();

    /** Has the stack send what it may and tell what it has to tell, at this moment, until nothing more happens. */
    void settle();

    /** An address as two longs, as {@link dev.penstock.stack.wire.IpAddress} has it, and a port. */
    record Endpoint(long hi, long lo, int port) {}
}
