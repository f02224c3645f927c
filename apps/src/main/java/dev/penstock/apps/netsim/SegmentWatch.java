package dev.penstock.apps.netsim;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.sim.LinkEvent;
import dev.penstock.stack.sim.LinkObserver;
import dev.penstock.stack.sim.LinkSide;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.TcpHeader;
import java.util.Map;
import java.util.TreeMap;
import org.agrona.DirectBuffer;

/**
 * A referee at the link of a flow, on its data's direction: it counts segments from their headers alone, whatever the
 * stacks at the ends believe. IPv4; one connection; one thread.
 */
final class SegmentWatch implements LinkObserver {
    private boolean synSeen;
    private int iss;
    private long firstSynNs = -1;
    /** Stream positions are sequence numbers without their wrap: 0 is the SYN. */
    private long highestSent;

    /** All of the stream up to here has arrived, and these pieces of it besides: start to end. */
    private long arrivedThrough;

    private final TreeMap<Long, Long> arrivedBeyond = new TreeMap<>();

    private long segments;
    private long retransmitted;
    private long spurious;
    private long lastSpuriousNs = -1;

    /** The segment being looked at. */
    private long begin;

    private long end;

    /** Reads the segment's place; false for what carries no data. */
    private boolean read(Frame frame, long nowNs) {
        DirectBuffer b = frame.buffer();
        int ip = frame.start() + EthernetHeader.LENGTH;
        if (EthernetHeader.type(b, frame.start()) != EthernetHeader.TYPE_IPV4
                || Ipv4Header.protocol(b, ip) != IpProtocol.TCP) {
            return false;
        }
        int tcp = ip + Ipv4Header.headerLength(b, ip);
        int length = ip + Ipv4Header.totalLength(b, ip) - tcp - TcpHeader.headerLength(b, tcp);
        int seq = TcpHeader.sequence(b, tcp);
        if ((TcpHeader.flags(b, tcp) & TcpHeader.SYN) != 0) {
            if (!synSeen) {
                synSeen = true;
                iss = seq;
                firstSynNs = nowNs;
                highestSent = 1;
                arrivedThrough = 1;
            }
            return false;
        }
        begin = highestSent + (seq - (iss + (int) highestSent));
        end = begin + length;
        return length > 0;
    }

    @Override
    public void onEvent(LinkEvent event, LinkSide side, Frame frame, long nowNs) {
        if (event == LinkEvent.OFFERED) {
            onOffered(frame, nowNs);
        } else if (event == LinkEvent.DELIVERED) {
            onDelivered(frame, nowNs);
        }
    }

    void onOffered(Frame frame, long nowNs) {
        if (!read(frame, nowNs)) {
            return;
        }
        segments++;
        if (begin < highestSent) {
            retransmitted++;
        }
        highestSent = Math.max(highestSent, end);
    }

    void onDelivered(Frame frame, long nowNs) {
        if (!read(frame, nowNs)) {
            return;
        }
        if (hasArrived()) {
            spurious++;
            lastSpuriousNs = nowNs;
            return;
        }
        long from = begin;
        long to = end;
        Map.Entry<Long, Long> before = arrivedBeyond.floorEntry(to);
        while (before != null && before.getValue() >= from) {
            from = Math.min(from, before.getKey());
            to = Math.max(to, before.getValue());
            arrivedBeyond.remove(before.getKey());
            before = arrivedBeyond.floorEntry(to);
        }
        if (from <= arrivedThrough) {
            arrivedThrough = to;
        } else {
            arrivedBeyond.put(from, to);
        }
    }

    private boolean hasArrived() {
        if (end <= arrivedThrough) {
            return true;
        }
        Map.Entry<Long, Long> around = arrivedBeyond.floorEntry(begin);
        return around != null && around.getValue() >= end;
    }

    /** When the first SYN was offered to the link; -1 if none was. */
    long firstSynNs() {
        return firstSynNs;
    }

    /** Segments with data that were sent, retransmissions included. */
    long segments() {
        return segments;
    }

    /** Of them, those that had been sent before, in part at least. */
    long retransmitted() {
        return retransmitted;
    }

    /** Segments that brought nothing that had not arrived already. */
    long spurious() {
        return spurious;
    }

    /** When the last of them arrived; -1 if there was none. */
    long lastSpuriousNs() {
        return lastSpuriousNs;
    }
}
