package dev.penstock.stack.ip;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.FramePool;
import dev.penstock.stack.buffer.TxOffload;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.Ipv6Header;

/**
 * Packets from this stack to itself, which never see a device: a bounded queue between {@link IpLayer#send} and {@link
 * IpLayer#pollLoopback}. Full is full: the sender waits as it does for a device.
 */
final class LoopbackQueue {
    private final Frame[] ring;
    private final int[] zones;
    private final FramePool small;
    private final FramePool large;
    private int head;
    private int size;
    private int zone;

    LoopbackQueue(int limit, FramePool small, FramePool large) {
        this.ring = new Frame[limit];
        this.zones = new int[limit];
        this.small = small;
        this.large = large;
    }

    /** Queues a copy of the packet that {@code payload} makes. Returns the pieces taken: all or 0; or TOO_BIG. */
    int offer(Frame payload, DestinationPath path, int flowLabel, int protocol, int tos, int ttl) {
        int header = path.headerLength();
        int length = header + payload.length();
        if (length > large.frameCapacity()) {
            return IpOutput.TOO_BIG;
        }
        if (size == ring.length) {
            return 0;
        }
        Frame copy = (length <= small.frameCapacity() ? small : large).acquire();
        if (copy == null) {
            return 0;
        }
        int at = copy.append(length);
        if (path.v4) {
            int src = (int) path.srcLo;
            int dst = (int) path.dstLo;
            Ipv4Header.put(copy.buffer(), at, tos, length, 0, Ipv4Header.DF, ttl, protocol, src, dst);
        } else {
            Ipv6Header.put(
                    copy.buffer(),
                    at,
                    tos,
                    flowLabel,
                    payload.length(),
                    protocol,
                    ttl,
                    path.srcHi,
                    path.srcLo,
                    path.dstHi,
                    path.dstLo);
        }
        payload.copyTo(copy.buffer(), at + header);
        TxOffload tx = payload.tx();
        boolean gso = tx.gsoType != TxOffload.GSO_NONE;
        copy.rx().verified = true;
        copy.rx().partial = tx.checksumNeeded;
        copy.rx().gsoSize = gso ? tx.gsoSize : 0;
        int slot = head + size++;
        slot = slot < ring.length ? slot : slot - ring.length;
        ring[slot] = copy;
        // Of what was sent to a group: the interface that it left by.
        zones[slot] = path.nic != null ? path.nic.index() : path.zone;
        return gso ? Math.max(1, (payload.length() - tx.headerLength + tx.gsoSize - 1) / tx.gsoSize) : 1;
    }

    /** Takes back what was queued last. */
    void removeLast() {
        int slot = head + --size;
        slot = slot < ring.length ? slot : slot - ring.length;
        ring[slot].release();
        ring[slot] = null;
    }

    /** The next packet, which is the caller's to release, or null. */
    Frame poll() {
        if (size == 0) {
            return null;
        }
        Frame frame = ring[head];
        ring[head] = null;
        zone = zones[head];
        head = head + 1 == ring.length ? 0 : head + 1;
        size--;
        return frame;
    }

    /** The interface to which the packet that {@link #poll} gave last belongs, or -1; see {@link IpPath#zone}. */
    int zone() {
        return zone;
    }

    int size() {
        return size;
    }
}
