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

    /** The round-trip time of one of them: drawn from its share of the range; of a single flow, the middle. */
    long rttNs(int flow) {
        double part = flows == 1 ? 0.5 : (TransferSpec.mix(TransferSpec.mix(seed) ^ flow) >>> 11) * 0x1.0p-53;
        return minRttNs + (long) ((maxRttNs - minRttNs) * (flow + part) / flows);
    }
}
