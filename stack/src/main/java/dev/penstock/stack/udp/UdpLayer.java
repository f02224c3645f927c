package dev.penstock.stack.udp;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.FramePool;
import dev.penstock.stack.buffer.TxOffload;
import dev.penstock.stack.ip.IcmpError;
import dev.penstock.stack.ip.IpLayer;
import dev.penstock.stack.ip.IpPacket;
import dev.penstock.stack.ip.IpPath;
import dev.penstock.stack.ip.TransportHandler;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.UdpHeader;
import java.util.Arrays;
import org.agrona.DirectBuffer;

/**
 * UDP of one shard (RFC 768; RFC 1122, section 4.1). Registers itself with the {@link IpLayer}; then {@link #flush} once
 * in each duty cycle, before the IP layer's. Shard thread.
 */
public final class UdpLayer implements TransportHandler {
    private static final int BUCKETS = 1024;

    private final UdpConfig config;
    private final IpLayer ip;
    private final RandomSource random;
    private final Counters counters;
    private final FramePool small;
    private final FramePool large;
    private final UdpEndpoint[] buckets = new UdpEndpoint[BUCKETS];
    private int endpoints;

    private UdpEndpoint[] listed = new UdpEndpoint[16];
    private UdpEndpoint[] signalling = new UdpEndpoint[16];
    private int listedCount;

    /**
     * @param small frames for datagrams up to the MTU
     * @param large frames for those up to 65,507 bytes that lie in the heap
     */
    public UdpLayer(
            UdpConfig config, IpLayer ip, RandomSource random, Counters counters, FramePool small, FramePool large) {
        this.config = config;
        this.ip = ip;
        this.random = random;
        this.counters = counters;
        this.small = small;
        this.large = large;
        ip.setTransport(IpProtocol.UDP, this);
    }

    /** A new endpoint, not bound yet; null at the limit. */
    public UdpEndpoint open(UdpHandler handler) {
        if (endpoints == config.maxEndpoints()) {
            return null;
        }
        endpoints++;
        return new UdpEndpoint(this, handler, config.defaultTtl());
    }

    /** Open endpoints. */
    public int endpoints() {
        return endpoints;
    }

    /** True while endpoints wait to be told that they may send again, or that something is there. */
    public boolean hasPending() {
        return listedCount > 0;
    }

    /**
     * Tells the endpoints that could not send to try again, and those that received something that it is there.
     *
     * @return how many there were
     */
    public int flush(long nowNs) {
        int n = listedCount;
        if (n == 0) {
            return 0;
        }
        UdpEndpoint[] now = listed;
        listed = signalling;
        signalling = now;
        listedCount = 0;
        for (int i = 0; i < n; i++) {
            UdpEndpoint endpoint = now[i];
            now[i] = null;
            endpoint.listed = false;
            endpoint.signal(nowNs);
        }
        return n;
    }

    // Input.

    @Override
    public void onPacket(IpPacket packet, long nowNs) {
        DropReason reason = UdpHeader.check(packet.buffer, packet.payloadOffset, packet.payloadLength);
        if (reason == null && !isChecksumGood(packet)) {
            reason = DropReason.UDP_BAD_CHECKSUM;
        }
        if (reason == null) {
            reason = packet.toGroup ? deliverToAll(packet, nowNs) : deliverToOne(packet, nowNs);
        }
        if (reason != null) {
            ip.drop(reason);
        }
    }

    private static boolean isChecksumGood(IpPacket packet) {
        int at = packet.payloadOffset;
        if (packet.checksumTrusted) {
            return true;
        }
        if (UdpHeader.checksum(packet.buffer, at) == 0) {
            // RFC 768: "An all zero transmitted checksum value means that the transmitter generated no checksum".
            // RFC 8200, 8.1: "IPv6 receivers must discard UDP packets containing a zero checksum".
            return IpAddress.isV4(packet.dstHi, packet.dstLo);
        }
        int length = UdpHeader.length(packet.buffer, at);
        int pseudo = InternetChecksum.pseudoHeader(
                packet.srcHi, packet.srcLo, packet.dstHi, packet.dstLo, IpProtocol.UDP, length);
        return InternetChecksum.isValid(InternetChecksum.add(pseudo, InternetChecksum.sum(packet.buffer, at, length)));
    }

    private DropReason deliverToOne(IpPacket packet, long nowNs) {
        UdpEndpoint best = find(
                UdpHeader.destinationPort(packet.buffer, packet.payloadOffset),
                packet.dstHi,
                packet.dstLo,
                UdpHeader.sourcePort(packet.buffer, packet.payloadOffset),
                packet.srcHi,
                packet.srcLo,
                packet.interfaceIndex);
        if (best == null) {
            // RFC 1122, 4.1.3.1: "If a datagram arrives addressed to a UDP port for which there is no pending LISTEN
            // call, UDP SHOULD send an ICMP Port Unreachable message."
            ip.portUnreachable(packet, nowNs);
            return DropReason.UDP_NO_PORT;
        }
        return deliver(best, packet, nowNs);
    }

    private UdpEndpoint find(
            int localPort, long localHi, long localLo, int remotePort, long remoteHi, long remoteLo, int by) {
        UdpEndpoint best = null;
        int bestScore = 0;
        for (UdpEndpoint e = buckets[localPort & (BUCKETS - 1)]; e != null; e = e.next) {
            if (e.localPort() == localPort) {
                int score = EndpointMatch.score(e, remoteHi, remoteLo, remotePort, localHi, localLo, by);
                if (score > bestScore) {
                    best = e;
                    bestScore = score;
                }
            }
        }
        return best;
    }

    private DropReason deliverToAll(IpPacket packet, long nowNs) {
        int localPort = UdpHeader.destinationPort(packet.buffer, packet.payloadOffset);
        int remotePort = UdpHeader.sourcePort(packet.buffer, packet.payloadOffset);
        DropReason reason = DropReason.UDP_NO_PORT;
        boolean delivered = false;
        for (UdpEndpoint e = buckets[localPort & (BUCKETS - 1)]; e != null; e = e.next) {
            if (e.isClosed() || e.localPort() != localPort || !fits(e, packet, remotePort)) {
                continue;
            }
            if (!packet.toBroadcast
                    && !e.multicast()
                            .hears(packet.interfaceIndex, packet.srcHi, packet.srcLo, packet.dstHi, packet.dstLo)) {
                reason = delivered ? reason : DropReason.UDP_NOT_JOINED;
                continue;
            }
            DropReason one = deliver(e, packet, nowNs);
            reason = delivered && one == null ? reason : one;
            delivered = true;
        }
        return reason;
    }

    private static boolean fits(UdpEndpoint e, IpPacket packet, int remotePort) {
        int by = packet.interfaceIndex;
        return EndpointMatch.score(e, packet.srcHi, packet.srcLo, remotePort, packet.dstHi, packet.dstLo, by) > 0;
    }

    private DropReason deliver(UdpEndpoint endpoint, IpPacket packet, long nowNs) {
        int at = packet.payloadOffset;
        int srcPort = UdpHeader.sourcePort(packet.buffer, at);
        int length = UdpHeader.length(packet.buffer, at) - UdpHeader.LENGTH;
        // A device may have joined datagrams of one flow; they part again unless the handler wants the run.
        int step = packet.gsoSize;
        boolean single = step <= 0 || step >= length;
        counters.count(StackCounter.UDP_IN_DATAGRAMS, single ? 1 : (length + step - 1) / step);
        return endpoint.deliver(packet, at + UdpHeader.LENGTH, length, single ? 0 : step, srcPort, nowNs)
                ? null
                : DropReason.UDP_QUEUE_FULL;
    }

    @Override
    public void onIcmpError(IcmpError error, long nowNs) {
        int localPort = UdpHeader.sourcePort(error.buffer, error.quoteOffset);
        int remotePort = UdpHeader.destinationPort(error.buffer, error.quoteOffset);
        UdpEndpoint endpoint =
                find(localPort, error.localHi, error.localLo, remotePort, error.remoteHi, error.remoteLo, error.zone);
        if (endpoint == null) {
            ip.drop(DropReason.ICMP_UNMATCHED);
        } else {
            endpoint.onIcmpError(error, remotePort, nowNs);
        }
    }

    // For the endpoints.

    IpLayer ip() {
        return ip;
    }

    /** A frame with this data, which is copied only if it lies in the heap; null when the pool is empty. */
    Frame frameFor(DirectBuffer data, int offset, int length) {
        boolean offHeap = data.byteArray() == null;
        Frame frame = (offHeap || length <= small.frameCapacity() ? small : large).acquire();
        if (frame == null) {
            return null;
        }
        if (offHeap && length > 0) {
            frame.addSlice(data, offset, length);
        } else {
            frame.append(data, offset, length);
        }
        return frame;
    }

    /**
     * Pushes the header. The checksum is left to the device, or to who fragments: they also send a sum of zero as all
     * ones, as RFC 768 demands.
     */
    void putHeader(Frame frame, IpPath path, int localPort, int remotePort, int length) {
        int total = UdpHeader.LENGTH + length;
        int at = frame.pushTransport(UdpHeader.LENGTH);
        int pseudo = InternetChecksum.pseudoHeader(
                path.srcHi(), path.srcLo(), path.dstHi(), path.dstLo(), IpProtocol.UDP, total);
        UdpHeader.put(frame.buffer(), at, localPort, remotePort, total, pseudo);
        frame.tx().checksumNeeded = true;
        frame.tx().csumOffset = UdpHeader.CHECKSUM_OFFSET;
        frame.tx().headerLength = UdpHeader.LENGTH;
    }

    /** As {@link #putHeader}, for several datagrams of {@code segmentSize} bytes that the device is to cut. */
    void putRunHeader(Frame frame, IpPath path, int localPort, int remotePort, int length, int segmentSize) {
        putHeader(frame, path, localPort, remotePort, length);
        frame.tx().gsoType = TxOffload.GSO_UDP_L4;
        frame.tx().gsoSize = segmentSize;
    }

    void onSent(int datagrams) {
        counters.count(StackCounter.UDP_OUT_DATAGRAMS, datagrams);
    }

    /** Has the endpoint's {@code signal} called at the next flush. */
    void list(UdpEndpoint endpoint) {
        if (endpoint.listed) {
            return;
        }
        if (listedCount == listed.length) {
            listed = Arrays.copyOf(listed, listedCount * 2);
        }
        endpoint.listed = true;
        listed[listedCount++] = endpoint;
    }

    boolean isTaken(long hi, long lo, int port, int boundInterface, boolean reuse) {
        for (UdpEndpoint e = buckets[port & (BUCKETS - 1)]; e != null; e = e.next) {
            if (e.localPort() == port && EndpointMatch.collides(e, hi, lo, boundInterface, reuse)) {
                return true;
            }
        }
        return false;
    }

    /** A free port from a random place on (RFC 6056, section 3.3.1), or 0. */
    int choosePort(long hi, long lo, int boundInterface) {
        int range = config.lastEphemeralPort() - config.firstEphemeralPort() + 1;
        int start = random.nextInt(range);
        for (int i = 0; i < range; i++) {
            int port = config.firstEphemeralPort() + (start + i) % range;
            if (!isTaken(hi, lo, port, boundInterface, false)) {
                return port;
            }
        }
        return 0;
    }

    void add(UdpEndpoint endpoint) {
        int bucket = endpoint.localPort() & (BUCKETS - 1);
        endpoint.next = buckets[bucket];
        buckets[bucket] = endpoint;
    }

    void remove(UdpEndpoint endpoint, boolean bound) {
        endpoints--;
        if (!bound) {
            return;
        }
        int bucket = endpoint.localPort() & (BUCKETS - 1);
        if (buckets[bucket] == endpoint) {
            buckets[bucket] = endpoint.next;
            return;
        }
        UdpEndpoint e = buckets[bucket];
        while (e.next != endpoint) {
            e = e.next;
        }
        // Its own link stays, for a walk that may be standing on it.
        e.next = endpoint.next;
    }
}
