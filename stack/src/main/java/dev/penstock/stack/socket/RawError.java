package dev.penstock.stack.socket;

import dev.penstock.stack.ip.IcmpError;

/**
 * An ICMP error about a packet of a raw socket's protocol.
 *
 * @param reporterHi who sent it, high half
 * @param reporterLo who sent it, low half
 * @param type as in the message, of ICMP or ICMPv6
 * @param remoteHi where the packet went to, high half
 * @param remoteLo where the packet went to, low half
 * @param mtu of {@link IcmpError.Kind#TOO_BIG}, bytes; else 0
 * @param quote what is quoted of the packet, behind its IP header: 8 .. 128 bytes
 * @param timeNs when it came, by the shard's clock
 */
public record RawError(
        IcmpError.Kind kind,
        int type,
        int code,
        long reporterHi,
        long reporterLo,
        long remoteHi,
        long remoteLo,
        int mtu,
        byte[] quote,
        long timeNs) {
    /** What is kept of a quote at most, bytes. */
    static final int MAX_QUOTE = 128;

    static RawError of(IcmpError error, long nowNs) {
        byte[] quote = new byte[Math.min(error.quoteLength, MAX_QUOTE)];
        error.buffer.getBytes(error.quoteOffset, quote);
        return new RawError(
                error.kind,
                error.type,
                error.code,
                error.reporterHi,
                error.reporterLo,
                error.remoteHi,
                error.remoteLo,
                error.mtu,
                quote,
                nowNs);
    }
}
