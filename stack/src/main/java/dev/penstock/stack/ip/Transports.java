package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.link.EthernetPort;
import dev.penstock.stack.wire.IpProtocol;

/** Who takes the packets of each protocol, and which port the packet came in on that is being passed up. */
final class Transports {
    private final Counters counters;
    private final TransportHandler[] handlers = new TransportHandler[256];
    private EthernetPort port;

    Transports(Counters counters) {
        this.counters = counters;
    }

    void set(int protocol, TransportHandler handler) {
        handlers[protocol] = handler;
    }

    /** Who takes it, or null; ICMP is of IPv4 alone, and ICMPv6 of IPv6. */
    TransportHandler get(int protocol, boolean v4) {
        return protocol == (v4 ? IpProtocol.ICMPV6 : IpProtocol.ICMP) ? null : handlers[protocol];
    }

    /** Packets come from this port now; null for our own. */
    void from(EthernetPort newPort) {
        port = newPort;
    }

    /** Counts what is being passed up as dropped. */
    void drop(DropReason reason) {
        if (port != null) {
            port.drop(reason);
        } else {
            counters.drop(reason);
        }
    }

    /** Tells all transports that an address of ours has gone. */
    void onAddressRemoved(long hi, long lo, long nowNs) {
        for (TransportHandler handler : handlers) {
            if (handler != null) {
                handler.onAddressRemoved(hi, lo, nowNs);
            }
        }
    }
}
