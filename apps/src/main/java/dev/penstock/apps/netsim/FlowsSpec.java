package dev.penstock.apps.netsim;

/**
 * Flows through one bottleneck.
 *
 * @param flows how many, at least 1; all begin at once
 * @param bytes of each
 * @param buffer of all sockets, send and receive, bytes; {@link TransferSpec#AUTO} for the stack's default
 * @param minRttNs the round-trip times without queueing are uniform from here ...
 * @param maxRttNs ... to here, one drawn from each n-th of the range; a single flow has the middle
 * @param bandwidth bits per second of Ethernet frames
 * @param queue bytes in front of it
 * @param loss probability of random loss besides, in each direction
 * @param congestion cubic, reno, bbr or none
 * @param ecn ECN is offered, and the queue marks
 * @param seed all randomness
 */
public record FlowsSpec(
        int flows,
        long bytes,
        int buffer,
        long minRttNs,
        long maxRttNs,
        long bandwidth,
        long queue,
        double loss,
        String congestion,
        boolean ecn,
        long seed) {

    /**
     * The round-trip time of one of them: where, on average, the smallest, the next and so on of as many uniform draws lie. So
     * a table has no luck in it; of a single flow, it is the middle.
     */
    long rttNs(int flow) {
        return minRttNs + (maxRttNs - minRttNs) * (flow + 1) / (flows + 1);
    }
}
