package dev.penstock.stack.udp;

/** What {@link DatagramQueue#poll} tells of a datagram beside its data. Reused by its owner. */
public final class DatagramInfo {
    /** Bytes of the datagram, also when fewer were copied. */
    public int length;
    /** The interface it came in by, {@link dev.penstock.stack.ip.IpInterface#index}; -1 from ourselves. */
    public int interfaceIndex = -1;

    public long srcHi;
    public long srcLo;
    public int srcPort;
    public long dstHi;
    public long dstLo;
    /** When it came. */
    public long timeNs;
}
