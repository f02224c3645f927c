package dev.penstock.stack.ip;

import org.agrona.DirectBuffer;

/** Takes the answers to the echo requests of one pinger, see {@link IpLayer#openEcho}. Shard thread. */
public interface EchoHandler {
    /**
     * A reply came.
     *
     * @param sequence 0 .. 65535
     * @param buffer holds the data of the message, valid during the call
     * @param ttl of the reply
     */
    void onEchoReply(
            long srcHi, long srcLo, int sequence, DirectBuffer buffer, int offset, int length, int ttl, long nowNs);

    /** An ICMP error came about the request with this sequence number. */
    default void onEchoError(IcmpError error, int sequence, long nowNs) {}
}
