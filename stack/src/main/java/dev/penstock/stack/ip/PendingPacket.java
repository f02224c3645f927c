package dev.penstock.stack.ip;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.link.EthernetPort;
import dev.penstock.stack.neighbor.Neighbor;

/** A slot of the {@link PendingQueue}: a link-layer payload with its address, or an IP payload with its path. */
final class PendingPacket {
    Frame frame;

    /** Of a link-layer payload; null for an IP payload. */
    EthernetPort port;

    long destinationMac;
    int etherType;

    /** Of an IP payload; null for a link-layer payload. */
    DestinationPath path;

    /** Whose resolution the packet is held for, or null. */
    Neighbor neighbor;

    int protocol;
    int tos;
    int ttl;
    boolean dontFragment;

    void setIp(Frame f, DestinationPath way, int itsProtocol, int typeOfService, int hops, boolean whole) {
        frame = f;
        path = way;
        protocol = itsProtocol;
        tos = typeOfService;
        ttl = hops;
        dontFragment = whole;
    }

    void take(PendingPacket other) {
        frame = other.frame;
        port = other.port;
        destinationMac = other.destinationMac;
        etherType = other.etherType;
        path = other.path;
        neighbor = other.neighbor;
        protocol = other.protocol;
        tos = other.tos;
        ttl = other.ttl;
        dontFragment = other.dontFragment;
        other.clear();
    }

    void clear() {
        frame = null;
        port = null;
        path = null;
        neighbor = null;
    }

    /** Gives frame and path back. */
    void release() {
        if (frame != null) {
            frame.release();
        }
        if (path != null) {
            path.release();
        }
        clear();
    }
}
