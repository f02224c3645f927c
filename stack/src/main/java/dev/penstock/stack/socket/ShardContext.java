package dev.penstock.stack.socket;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.buffer.ChunkPool;
import dev.penstock.stack.dhcp.DhcpLayer;
import dev.penstock.stack.ip.IpLayer;
import dev.penstock.stack.tcp.Tcp;
import dev.penstock.stack.timer.DeadlineQueue;
import dev.penstock.stack.udp.UdpEndpoint;
import dev.penstock.stack.udp.UdpHandler;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What code that runs on the shard's own thread can use: the protocols without any hop between threads. Handed to
 * {@link Command}s; shard thread only, and no method of it blocks.
 */
public interface ShardContext {
    /** TCP. An exception out of a handler aborts the handler's connection and nothing else. */
    Tcp tcp();

    /** A new UDP endpoint, not bound yet; null at the limit. An exception out of the handler harms nothing else. */
    UdpEndpoint openUdp(UdpHandler handler);

    /** IP: routes, neighbours, echo requests, ARP. */
    IpLayer ip();

    /** DHCP: the leases in use, and interfaces that are to get one. */
    DhcpLayer dhcp();

    /** The deadlines of this shard, for the application's own. */
    DeadlineQueue deadlines();

    /** The counters of this shard. */
    Counters counters();

    /** The memory of the socket buffers. */
    ChunkPool chunks();

    /** The sockets of other threads that are open. */
    OpenSockets sockets();

    /** 64 KiB of off-heap memory that nobody owns: what is in it lasts until the next call of anybody. */
    UnsafeBuffer scratch();

    /** The shard's clock as it was read for this duty cycle, nanoseconds from an arbitrary origin. */
    long nowNs();

    /** The shard's clock read anew, for measuring: within a duty cycle, {@link #nowNs} stands still. */
    long clockNs();
}
