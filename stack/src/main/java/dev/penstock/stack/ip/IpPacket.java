package dev.penstock.stack.ip;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.wire.IpAddress;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A received packet as the transport layer sees it: a reusable description, valid during the upcall only. Addresses are
 * in the two-long form of {@link dev.penstock.stack.wire.IpAddress}, both families alike. Shard thread.
 */
public final class IpPacket {
    /** The frame that holds the packet, for its offload flags. */
    public Frame frame;
    /** The memory of {@link #frame}, or of a reassembled packet. */
    public UnsafeBuffer buffer;
    /** Where the IP header begins in {@link #buffer}. */
    public int headerOffset;
    /** Bytes of the IP header with its options or extension headers. */
    public int headerLength;
    /** Where the transport header begins in {@link #buffer}. */
    public int payloadOffset;
    /** Bytes of transport header and data. */
    public int payloadLength;
    /** One of {@link dev.penstock.stack.wire.IpProtocol}. */
    public int protocol;
    /** TTL or hop limit. */
    public int ttl;
    /** DSCP and ECN, 8 bits. */
    public int tos;

    /**
     * Where it came in, {@link IpInterface#index}; -1 from ourselves, unless its addresses are of one link: then that link's.
     */
    public int interfaceIndex;

    /** Where it came in, or null from ourselves. */
    IpInterface nic;
    /** Who sent it on the link. */
    long linkSource;
    /** It came with a fragment header, be it in one piece or in many. Of IPv6 only. */
    boolean fragmented;

    public long srcHi;
    public long srcLo;
    public long dstHi;
    public long dstLo;
    /** The destination is a broadcast or multicast address, or the frame was sent to a group on the link. */
    public boolean toGroup;
    /** The destination is the limited or a directed broadcast address. */
    public boolean toBroadcast;
    /**
     * The interface that an answer must leave by: where it came in if one of its addresses is link-local (RFC 4007), or else
     * -1, by any.
     */
    public int zone() {
        return IpAddress.isLinkLocalV6(srcHi) || IpAddress.isLinkLocalV6(dstHi)
                ? interfaceIndex
                : IpOutput.ANY_INTERFACE;
    }

    /** The transport checksum need not be checked: the device verified it, or the packet never left this machine. */
    public boolean checksumTrusted;
    /** Payload bytes of each segment that a device joined into this packet, 0 if it is as it was on the wire. */
    public int gsoSize;
}
