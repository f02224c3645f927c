package dev.penstock.stack.buffer;

/**
 * What is left for the device to do on a frame that goes out; the fields are those of a virtio-net header (Virtual I/O
 * Device specification 1.2, section 5.1.6), in host byte order. Part of a {@link Frame}; shard thread.
 */
public final class TxOffload {
    /** No segmentation: the frame is one packet. */
    public static final int GSO_NONE = 0;
    /** The frame is TCP over IPv4, to be cut into segments of {@link #gsoSize}. */
    public static final int GSO_TCPV4 = 1;
    /** The frame is TCP over IPv6. */
    public static final int GSO_TCPV6 = 4;
    /** The frame is UDP, to be cut into datagrams of {@link #gsoSize}. */
    public static final int GSO_UDP_L4 = 5;
    /** Added to a TCP type when the frame carries CWR, which belongs on the first piece only. */
    public static final int GSO_ECN = 0x80;

    /** True when the transport checksum field holds the folded pseudo-header sum and the rest is to be added. */
    public boolean checksumNeeded;
    /** Where summing starts, in bytes from the start of the link-layer frame. */
    public int csumStart;
    /** Where the 16-bit checksum goes, in bytes from {@link #csumStart}. */
    public int csumOffset;
    /** One of the {@code GSO_} constants. */
    public int gsoType;
    /** Transport payload bytes in each piece, the last excepted. */
    public int gsoSize;
    /** Bytes of all headers, link layer to transport. */
    public int headerLength;

    /** The priority of the frame on the link (IEEE 802.1Q-2018, 6.9.3): 0 .. 7, or -1 to follow from the type of service. */
    public int priority = -1;

    TxOffload() {}

    /** Nothing to do for the device. */
    public void clear() {
        checksumNeeded = false;
        csumStart = 0;
        csumOffset = 0;
        gsoType = GSO_NONE;
        gsoSize = 0;
        headerLength = 0;
        priority = -1;
    }

    /** Takes over all fields of {@code other}. */
    public void copyFrom(TxOffload other) {
        checksumNeeded = other.checksumNeeded;
        csumStart = other.csumStart;
        csumOffset = other.csumOffset;
        gsoType = other.gsoType;
        gsoSize = other.gsoSize;
        headerLength = other.headerLength;
        priority = other.priority;
    }
}
