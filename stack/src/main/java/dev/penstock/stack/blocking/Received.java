package dev.penstock.stack.blocking;

/**
 * What {@link UdpSocket#receive} tells of a datagram.
 *
 * @param from who sent it
 * @param length bytes that were stored
 * @param truncated it was longer than the buffer: the rest is lost
 */
public record Received(Endpoint from, int length, boolean truncated) {}
