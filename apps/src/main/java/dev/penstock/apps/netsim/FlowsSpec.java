package dev.penstock.apps.netsim;

/**
 * Flows through one bottleneck.
 *
 * @param flows how many, at least 1; all begin at once
 * @param bytes of each
 * @param buffer of all sockets, send and receive, bytes; {@link TransferSpec#AUTO} for the stack's default
 * @param minRttNs the round-trip times without queueing are spread evenly from here ...
 * @param maxRttNs ... to here; a single flow has the middle
 * @param bandwidth bits per second of Ethernet frames
 * @param queue bytes in front of it
 * @param loss probability of random loss besides, in each direction
 * @param congestion cubic, reno or none
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

    /** The round-trip time of one of them: the middle of its share of the range. */
    long rttNs(int flow) {
        return minRttNs + (long) ((maxRttNs - minRttNs) * (flow + 0.5) / flows);
    }
}
