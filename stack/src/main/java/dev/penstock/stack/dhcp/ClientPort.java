package dev.penstock.stack.dhcp;

import org.agrona.DirectBuffer;

/** What the client does to its interface and its network; behind an interface so that the state machine stands alone. */
interface ClientPort {
    boolean isUp();

    long mac();

    /**
     * Sends a message to all on the link.
     *
     * @param source 32 bits: our address, or 0 while there is none
     */
    void broadcast(int source, DirectBuffer message, int length, long nowNs);

    /** Sends a message from an address of ours to a server. False while the way to it is being found: try again. */
    boolean unicast(int source, int server, DirectBuffer message, int length, long nowNs);

    /**
     * Begins to find out whether another station has the address, unless {@code probe} is false. {@link DhcpClient#onUsable}
     * or {@link DhcpClient#onConflict} follows, maybe from within.
     */
    void claim(DhcpLease lease, long endNs, boolean probe, long nowNs);

    /** The address is usable: the lease's routes and name servers, and its end, hold from now on; also after a renewal. */
    void apply(DhcpLease lease, long endNs, long nowNs);

    /** The address and what came with it are taken back. */
    void withdraw(DhcpLease lease, long nowNs);
}
