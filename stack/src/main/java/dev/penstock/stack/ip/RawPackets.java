package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.wire.Icmpv6Header;
import dev.penstock.stack.wire.IpProtocol;
import org.agrona.DirectBuffer;

/**
 * Raw IP for tools, as raw sockets are in BSD and Linux: copies of what comes in of a protocol, and packets of any protocol out.
 * {@link IpLayer#raw}. Where nobody listens, it costs a branch for each packet. Shard thread.
 */
public final class RawPackets {
    /** The most that listen at once. */
    public static final int MAX_HANDLERS = 64;
    /** {@link #open}: all protocols of the family. */
    public static final int ANY_PROTOCOL = -1;

    private final IpLayer layer;
    private final Counters counters;
    private final PendingQueue pending;
    private final RawHandler[] handlers = new RawHandler[MAX_HANDLERS];
    private final int[] protocols = new int[MAX_HANDLERS];
    private final boolean[] v4s = new boolean[MAX_HANDLERS];
    private int count;

    RawPackets(IpLayer layer, Counters counters, PendingQueue pending) {
        this.layer = layer;
        this.counters = counters;
        this.pending = pending;
    }

    /**
     * Listens.
     *
     * @param protocol of the last header, 0 .. 255, or {@link #ANY_PROTOCOL}
     * @return false, and counted, at the limit
     */
    public boolean open(int protocol, boolean v4, RawHandler handler) {
        if (protocol < ANY_PROTOCOL || protocol > 255) {
            throw new IllegalArgumentException("a protocol is 0 .. 255: " + protocol);
        }
        if (count == MAX_HANDLERS) {
            counters.count(StackCounter.RAW_LIMITED);
            return false;
        }
        handlers[count] = handler;
        protocols[count] = protocol;
        v4s[count++] = v4;
        return true;
    }

    /** Listens no more; nothing happens if it does not. */
    public void close(RawHandler handler) {
        for (int i = count - 1; i >= 0; i--) {
            if (handlers[i] == handler) {
                count--;
                System.arraycopy(handlers, i + 1, handlers, i, count - i);
                System.arraycopy(protocols, i + 1, protocols, i, count - i);
                System.arraycopy(v4s, i + 1, v4s, i, count - i);
                handlers[count] = null;
            }
        }
    }

    /** How many listen. */
    public int size() {
        return count;
    }

    private boolean wants(int i, int protocol, boolean v4) {
        return v4s[i] == v4 && (protocols[i] == protocol || protocols[i] == ANY_PROTOCOL);
    }

    /** Shows a packet that is passed up. True when somebody took it, so that nobody is told that it is unknown here. */
    boolean show(IpPacket packet, boolean v4, long nowNs) {
        boolean taken = false;
        for (int i = 0; i < count; i++) {
            if (wants(i, packet.protocol, v4)) {
                counters.count(StackCounter.RAW_IN_PACKETS);
                handlers[i].onPacket(packet, nowNs);
                taken = true;
            }
        }
        return taken;
    }

    /** Shows an error about a packet of ours. True when somebody took it. */
    boolean showError(IcmpError error, int protocol, boolean v4, long nowNs) {
        boolean taken = false;
        for (int i = 0; i < count; i++) {
            if (wants(i, protocol, v4)) {
                handlers[i].onIcmpError(error, nowNs);
                taken = true;
            }
        }
        return taken;
    }

    /**
     * Sends one packet; the stack makes its IP header, and the checksum of an ICMPv6 message (RFC 3542, section 3.1). While the next
     * hop is being asked for or the device is full, a copy waits.
     *
     * @param data what is behind the IP header
     * @param ttl 1 .. 255, or 0 for that of the path: what routers say, or {@link IpConfig#defaultTtl}
     * @return 1 when it was sent or waits, or as {@link IpOutput#send}
     */
    public int send(
            IpPath path,
            int protocol,
            DirectBuffer data,
            int offset,
            int length,
            int tos,
            int ttl,
            boolean dontFragment,
            long nowNs) {
        DestinationPath way = (DestinationPath) path;
        if (length < 0 || length + (way.v4 ? way.headerLength() : 0) > IpLayer.MAX_PACKET) {
            return IpOutput.TOO_BIG;
        }
        if (ttl < 0 || ttl > 255 || tos < 0 || tos > 255 || protocol < 0 || protocol > 255) {
            throw new IllegalArgumentException("ttl " + ttl + ", tos " + tos + ", protocol " + protocol);
        }
        Frame frame = pending.acquire(length);
        if (frame == null) {
            return 0;
        }
        // The first bytes are the transport header, so that a copy that waits knows where it begins.
        int header = Math.min(8, length);
        frame.append(data, offset + header, length - header);
        int at = frame.pushTransport(header);
        frame.buffer().putBytes(at, data, offset, header);
        if (!way.v4 && protocol == IpProtocol.ICMPV6 && length >= Icmpv6Header.LENGTH) {
            Icmpv6Errors.putChecksum(frame, way);
        }
        int hops = ttl != 0 ? ttl : path.hopLimit(layer.config().defaultTtl);
        int taken = layer.sendOrHold(frame, path, protocol, tos, hops, dontFragment, nowNs);
        frame.release();
        if (taken > 0) {
            counters.count(StackCounter.RAW_OUT_PACKETS);
        }
        return taken;
    }
}
