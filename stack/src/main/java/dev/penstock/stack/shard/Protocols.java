package dev.penstock.stack.shard;

import dev.penstock.stack.dhcp.DhcpLayer;
import dev.penstock.stack.ip.IpLayer;
import dev.penstock.stack.tcp.Tcp;
import dev.penstock.stack.udp.UdpLayer;

/** The protocols of a shard, wired together; behind an interface so that the duty cycle can be tested by itself. */
interface Protocols {
    Tcp tcp();

    /** IP; null where a test has none. */
    IpLayer ip();

    /** UDP; null where a test has none. */
    UdpLayer udp();

    /** DHCP; null where a test has none. */
    default DhcpLayer dhcp() {
        return null;
    }

    /** Says goodbye to the network: leases are given back. True when that is done; else it is to be called again. */
    default boolean leave(long nowNs) {
        return true;
    }

    /** Takes up to {@code limit} frames from the device, and what the stack has sent to itself. */
    int poll(int limit, long nowNs);

    /** Sends what waits, the transports first, then IP's own answers. */
    int flush(long nowNs);

    /** True while something waits to be sent or told: the shard must not sleep. */
    boolean hasPending();

    /** Gives frames back; nothing is used any more. */
    void close();

    /** Throws if the parts of a connection contradict each other. */
    default void checkInvariants() {}

    /** Frames that are not in their pools. */
    int framesOutstanding();
}
