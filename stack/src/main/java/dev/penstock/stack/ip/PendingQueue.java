package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.FramePool;
import dev.penstock.stack.link.EthernetPort;
import dev.penstock.stack.neighbor.Neighbor;
import dev.penstock.stack.neighbor.NeighborState;

/**
 * What the stack itself has to say, and says at the flush: ARP, echo replies, ICMP errors, fragments the device had no
 * room for. Input never emits, it queues here. Bounded: at the limit the new packet is dropped and counted.
 *
 * <p>A packet whose neighbour is being resolved moves to a second, smaller queue, with few packets per neighbour, and
 * comes back when the resolution ends.
 */
final class PendingQueue {
    private final IpConfig config;
    private final Counters counters;
    private final FramePool small;
    private final FramePool large;
    private final PacketRing ready;
    private final PacketRing held;
    private PacketOutput output;
    private boolean heldMayGo;

    PendingQueue(IpConfig config, Counters counters, FramePool small, FramePool large) {
        this.config = config;
        this.counters = counters;
        this.small = small;
        this.large = large;
        this.ready = new PacketRing(config.maxPending);
        this.held = new PacketRing(config.maxHeld);
    }

    void setOutput(PacketOutput output) {
        this.output = output;
    }

    /** A frame for {@code length} bytes, or null (counted) when there is none or no room in the queue. */
    Frame acquire(int length) {
        if (ready.isFull()) {
            counters.drop(DropReason.PENDING_QUEUE_FULL);
            return null;
        }
        Frame frame = (length <= small.frameCapacity() ? small : large).acquire();
        if (frame == null) {
            counters.drop(DropReason.FRAME_POOL_EMPTY);
        }
        return frame;
    }

    /** Queues a frame that lacks only its link header. It is the queue's from now on. */
    boolean addLink(Frame frame, EthernetPort port, long destinationMac, int etherType) {
        if (ready.isFull()) {
            counters.drop(DropReason.PENDING_QUEUE_FULL);
            frame.release();
            return false;
        }
        PendingPacket packet = ready.add();
        packet.frame = frame;
        packet.port = port;
        packet.destinationMac = destinationMac;
        packet.etherType = etherType;
        return true;
    }

    /** Queues an IP payload. The frame and the use of the path are the queue's from now on. */
    boolean addIp(Frame frame, DestinationPath path, int protocol, int tos, int ttl, boolean dontFragment) {
        if (ready.isFull()) {
            counters.drop(DropReason.PENDING_QUEUE_FULL);
            frame.release();
            path.release();
            return false;
        }
        ready.add().setIp(frame, path, protocol, tos, ttl, dontFragment);
        return true;
    }

    /** Queues a copy of a packet whose transport header was pushed; frame and path stay the caller's. */
    boolean addCopy(Frame frame, DestinationPath path, int protocol, int tos, int ttl, boolean dontFragment) {
        Frame copy = acquire(frame.length());
        if (copy == null) {
            return false;
        }
        fill(copy, frame);
        return addIp(copy, path.retain(), protocol, tos, ttl, dontFragment);
    }

    /** @param frame with its transport header alone */
    private static void fill(Frame copy, Frame frame) {
        int header = frame.end() - frame.transportOffset();
        copy.append(frame.length());
        frame.copyTo(copy.buffer(), copy.start());
        // The header is pushed in place, so that the checksum is found.
        copy.setBounds(copy.start() + header, copy.headLength() - header);
        copy.pushTransport(header);
        copy.tx().copyFrom(frame.tx());
    }

    /**
     * Holds a copy of a packet until its neighbour, which is being asked for, is resolved. Frame and path stay the caller's.
     *
     * @return false, and counted, when there is no room
     */
    boolean holdCopy(Frame frame, DestinationPath path, int protocol, int tos, int ttl, boolean dontFragment) {
        Neighbor neighbor = path.neighbor();
        if (neighbor == null
                || held.isFull()
                || neighbor.hold(0) >= config.maxHeldPerNeighbor
                || !path.awaitForQueue()) {
            counters.drop(DropReason.NEIGHBOR_QUEUE_FULL);
            return false;
        }
        Frame copy = (frame.length() <= small.frameCapacity() ? small : large).acquire();
        if (copy == null) {
            counters.drop(DropReason.FRAME_POOL_EMPTY);
            return false;
        }
        fill(copy, frame);
        neighbor.hold(1);
        PendingPacket slot = held.add();
        slot.setIp(copy, path.retain(), protocol, tos, ttl, dontFragment);
        slot.neighbor = neighbor;
        return true;
    }

    /** A neighbour that packets are held for was resolved or given up: they are looked at in the next flush. */
    void onNeighborReady() {
        heldMayGo = held.size() > 0;
    }

    boolean hasPending() {
        return ready.size() > 0 || heldMayGo;
    }

    /** Packets in the queue, those held for neighbours included. */
    int size() {
        return ready.size() + held.size();
    }

    /** Sends what can be sent. Returns how many packets left the queue, sent or dropped. */
    int flush(long nowNs) {
        if (heldMayGo) {
            heldMayGo = false;
            reviewHeld();
        }
        int done = 0;
        EthernetPort full = null;
        for (int n = ready.size(); n > 0; n--) {
            PendingPacket packet = ready.first();
            EthernetPort port = packet.port != null ? packet.port : packet.path.port();
            int taken = port != null && port == full ? 0 : offer(packet, nowNs);
            if (taken == 0) {
                full = port;
                ready.rotate();
                continue;
            }
            if (taken == IpOutput.UNRESOLVED) {
                hold(packet);
            } else {
                countFailure(taken, packet.path == null || packet.path.v4);
                packet.release();
            }
            ready.removeFirst();
            done++;
        }
        return done;
    }

    private int offer(PendingPacket packet, long nowNs) {
        if (packet.port != null) {
            return packet.port.isUp()
                    ? packet.port.send(packet.frame, packet.destinationMac, packet.etherType)
                    : IpOutput.NO_ROUTE;
        }
        return output.send(
                packet.frame, packet.path, packet.protocol, packet.tos, packet.ttl, packet.dontFragment, nowNs);
    }

    private void countFailure(int result, boolean v4) {
        switch (result) {
            case IpOutput.NO_ROUTE -> counters.drop(v4 ? DropReason.IPV4_NO_ROUTE : DropReason.IPV6_NO_ROUTE);
            case IpOutput.TOO_BIG ->
                counters.drop(v4 ? DropReason.IPV4_FRAGMENTATION_NEEDED : DropReason.IPV6_PACKET_TOO_BIG);
            case IpOutput.HOST_UNREACHABLE -> counters.drop(DropReason.NEIGHBOR_UNRESOLVED);
            default -> {
                /* it was sent */
            }
        }
    }

    /** Moves the first packet from the ready ones to the held ones, or drops it. */
    private void hold(PendingPacket packet) {
        Neighbor neighbor = packet.path.neighbor();
        if (held.isFull() || neighbor.hold(0) >= config.maxHeldPerNeighbor || !packet.path.awaitForQueue()) {
            counters.drop(DropReason.NEIGHBOR_QUEUE_FULL);
            packet.release();
            return;
        }
        neighbor.hold(1);
        PendingPacket slot = held.add();
        slot.take(packet);
        slot.neighbor = neighbor;
    }

    private void reviewHeld() {
        for (int n = held.size(); n > 0; n--) {
            PendingPacket packet = held.first();
            Neighbor neighbor = packet.neighbor;
            if (neighbor.isCached() && neighbor.state() == NeighborState.INCOMPLETE) {
                held.rotate();
                continue;
            }
            neighbor.hold(-1);
            packet.neighbor = null;
            if (ready.isFull()) {
                counters.drop(DropReason.PENDING_QUEUE_FULL);
                packet.release();
            } else {
                ready.add().take(packet);
            }
            held.removeFirst();
        }
    }

    /** Drops all, giving the frames back. */
    void clear() {
        for (; ready.size() > 0; ready.removeFirst()) {
            ready.first().release();
        }
        for (; held.size() > 0; held.removeFirst()) {
            held.first().neighbor.hold(-1);
            held.first().release();
        }
    }
}
