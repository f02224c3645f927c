package dev.penstock.stack.blocking;

import dev.penstock.stack.wire.IpAddress;

/**
 * What {@link RawSocket#receive} tells of a packet, which lies in the buffer with its IP header.
 *
 * @param from its source
 * @param to its destination: an address of ours, or a group
 * @param interfaceIndex where it came in; -1 from ourselves
 * @param headerLength bytes of the IP header, with options or extension headers: the payload begins there
 * @param length bytes that were stored, header included
 * @param truncated it was longer than the buffer: the rest is lost
 * @param timeNs when it came, by the stack's clock
 */
public record RawPacket(
        IpAddress from,
        IpAddress to,
        int interfaceIndex,
        int headerLength,
        int length,
        boolean truncated,
        long timeNs) {}
