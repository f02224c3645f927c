package dev.penstock.stack.udp;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.ip.IcmpError;
import dev.penstock.stack.ip.IpOutput;
import dev.penstock.stack.ip.IpPacket;
import dev.penstock.stack.ip.IpPath;
import dev.penstock.stack.ip.PathWaiter;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.UdpHeader;
import org.agrona.DirectBuffer;

/**
 * One UDP socket, as the shard sees it: never blocks, answers with result codes. Made by {@link UdpLayer#open}. Sending
 * from within a callback is allowed. Shard thread.
 */
public final class UdpEndpoint implements PathWaiter {
    /** Done: sent, bound, connected. */
    public static final int OK = 1;
    /** {@link #send}: the device or a pool is full; {@link UdpHandler#onWritable} follows. */
    public static final int WOULD_BLOCK = 0;
    /** {@link #send}: the next hop is being asked for; {@link UdpHandler#onWritable} follows. Send again then. */
    public static final int UNRESOLVED = IpOutput.UNRESOLVED;
    /** No route, or the bound address is no longer ours. */
    public static final int NO_ROUTE = IpOutput.NO_ROUTE;
    /** {@link #send}: more than 65,507 bytes (65,527 over IPv6), or more than the path MTU and not to be fragmented. */
    public static final int TOO_BIG = IpOutput.TOO_BIG;
    /** {@link #send}: the next hop does not answer. */
    public static final int HOST_UNREACHABLE = IpOutput.HOST_UNREACHABLE;
    /** {@link #send}: to a broadcast address without {@link #allowBroadcast}. */
    public static final int BROADCAST_FORBIDDEN = -5;
    /** {@link #send}: without a destination, while not connected; or port 0. */
    public static final int NO_DESTINATION = -6;
    /** {@link #bind}: another endpoint has address and port. */
    public static final int PORT_IN_USE = -7;
    /** {@link #bind}: not an address of ours. */
    public static final int ADDRESS_NOT_LOCAL = -8;
    /** All ephemeral ports are taken. */
    public static final int NO_PORTS = -9;
    /** The endpoint is closed. */
    public static final int CLOSED = -10;
    /** {@link #bind}: it has a port already. */
    public static final int ALREADY_BOUND = -11;

    /** The most datagrams in one {@link #sendRun}: as many as Linux has always taken (UDP_MAX_SEGMENTS). */
    public static final int MAX_RUN = 64;

    private static final int MAX_DATA_V4 = 65_535 - 20 - UdpHeader.LENGTH;
    /** IPv6's length field does not count the header. */
    private static final int MAX_DATA_V6 = 65_535 - UdpHeader.LENGTH;

    private final UdpLayer layer;
    private final UdpHandler handler;
    /** The next endpoint with the same hash of the port; the layer's. */
    UdpEndpoint next;
    /** It waits for {@link #signal}; the layer's. */
    boolean listed;

    private DatagramQueue queue;
    private long localHi;
    private long localLo;
    private int localPort;
    private long remoteHi;
    private long remoteLo;
    private int remotePort;
    /** The interface it is bound to, or -1. */
    private int boundInterface = IpOutput.ANY_INTERFACE;
    /** The zone of the peer, or -1. */
    private int remoteInterface = IpOutput.ANY_INTERFACE;
    /** Where the datagram that is being passed on came in. */
    private int arrivalInterface = IpOutput.ANY_INTERFACE;
    /** What {@link #path} was asked for with. */
    private int pathInterface = IpOutput.ANY_INTERFACE;

    private boolean closed;
    private boolean broadcast;
    private boolean dontFragment;
    /** 0 for the default: what routers say, or the layer's. */
    private int ttl;

    private final int defaultTtl;
    private int tos;
    private boolean reuse;

    private final UdpMulticast multicast;

    private IpPath path;
    /** {@link #path} leads to a group or a broadcast address. */
    private boolean pathToMany;

    private boolean parked;
    private boolean unreachable;
    /** What {@link #signal} is to tell. */
    private boolean readable;

    private boolean writable;
    private boolean holdUnresolved;

    UdpEndpoint(UdpLayer layer, UdpHandler handler, int defaultTtl) {
        this.layer = layer;
        this.handler = handler;
        this.defaultTtl = defaultTtl;
        this.multicast = new UdpMulticast(this, layer.ip());
    }

    /** Has datagrams queued instead of passed to {@link UdpHandler#onDatagram}; null ends it. */
    public void setQueue(DatagramQueue queue) {
        this.queue = queue;
    }

    /** Allows sending to broadcast addresses. */
    public void allowBroadcast(boolean allowed) {
        broadcast = allowed;
    }

    /** Sets DF on what is sent, so that datagrams beyond the path MTU are refused instead of fragmented. */
    public void setDontFragment(boolean set) {
        dontFragment = set;
    }

    /** 1 .. 255. */
    public void setTtl(int ttl) {
        if (ttl < 1 || ttl > 255) {
            throw new IllegalArgumentException("a TTL is 1 .. 255: " + ttl);
        }
        this.ttl = ttl;
    }

    /**
     * Has what is sent to a neighbour whose link address is being asked for held by IP, within its limits ({@code IpConfig.maxHeld},
     * {@code maxHeldPerNeighbor}), instead of refused as {@link #UNRESOLVED}: {@link #send} then answers {@link #OK}, and what finds no
     * room is lost and counted. So one neighbour that does not answer holds up nobody else.
     */
    public void setHoldUnresolved(boolean on) {
        holdUnresolved = on;
    }

    /** DSCP and ECN, 0 .. 255. */
    public void setTos(int tos) {
        if (tos < 0 || tos > 255) {
            throw new IllegalArgumentException("a type of service is 0 .. 255: " + tos);
        }
        this.tos = tos;
    }

    /**
     * SO_REUSEADDR: {@link #bind} succeeds where only endpoints with this option have address and port. Datagrams to groups and
     * broadcast addresses come to all of them, those to a single address to the one that was bound last. Before {@link #bind}.
     */
    public void setReuseAddress(boolean on) {
        reuse = on;
    }

    /** Groups: joining them, and how datagrams to them are sent. */
    public UdpMulticast multicast() {
        return multicast;
    }

    /**
     * SO_BINDTODEVICE: only datagrams that come in by this interface are received from now on, and what is sent leaves by it.
     *
     * @param interfaceIndex {@link dev.penstock.stack.ip.IpInterface#index}, -1 for all
     */
    public void bindToInterface(int interfaceIndex) {
        boundInterface = interfaceIndex;
        leavePath();
    }

    /** See {@link #bindToInterface}; -1 for all. */
    public int boundInterface() {
        return boundInterface;
    }

    /**
     * During {@link UdpHandler#onDatagram}: where the datagram came in, and so the zone of its addresses if they are link-local;
     * {@link dev.penstock.stack.ip.IpInterface#index}, or -1 from ourselves.
     */
    public int arrivalInterface() {
        return arrivalInterface;
    }

    /**
     * Gives the endpoint an address and a port.
     *
     * @param hi an address of ours, of the loopback, a group or a broadcast address (only what is sent to it comes in then), or an
     *     "any" address
     * @param port 0 to have one chosen
     * @return {@link #OK}, {@link #PORT_IN_USE}, {@link #ADDRESS_NOT_LOCAL}, {@link #NO_PORTS}, {@link #ALREADY_BOUND}
     *     or {@link #CLOSED}
     */
    public int bind(long hi, long lo, int port) {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("a port is 0 .. 65535: " + port);
        }
        if (closed) {
            return CLOSED;
        }
        if (localPort != 0) {
            return ALREADY_BOUND;
        }
        boolean good = IpAddress.isAny(hi, lo)
                || IpAddress.isLoopback(hi, lo)
                || isForMany(hi, lo)
                || layer.ip().isLocalAddress(hi, lo);
        if (!good) {
            return ADDRESS_NOT_LOCAL;
        }
        int chosen = port != 0 ? port : layer.choosePort(hi, lo, boundInterface);
        if (chosen == 0) {
            return NO_PORTS;
        }
        if (layer.isTaken(hi, lo, chosen, boundInterface, reuse)) {
            return PORT_IN_USE;
        }
        localHi = hi;
        localLo = lo;
        localPort = chosen;
        layer.add(this);
        return OK;
    }

    /**
     * Fixes the peer: only its datagrams come in from now on. Binds to a port first if need be.
     *
     * @return {@link #OK}, {@link #NO_ROUTE}, {@link #NO_DESTINATION}, {@link #BROADCAST_FORBIDDEN}, {@link #NO_PORTS}
     *     or {@link #CLOSED}
     */
    public int connect(long hi, long lo, int port, long nowNs) {
        return connect(hi, lo, IpOutput.ANY_INTERFACE, port, nowNs);
    }

    /** As the other form; {@code zone} is the interface on whose link the peer is, -1 if its address says it all. */
    public int connect(long hi, long lo, int zone, int port, long nowNs) {
        int ready = prepare(hi, lo, zone, port, nowNs);
        if (ready != OK) {
            return ready;
        }
        remoteHi = hi;
        remoteLo = lo;
        remotePort = port;
        remoteInterface = zone;
        return OK;
    }

    /** Takes {@link #connect} back. */
    public void disconnect() {
        remotePort = 0;
        remoteInterface = IpOutput.ANY_INTERFACE;
        remoteHi = 0;
        remoteLo = 0;
    }

    /** Bound, and with a path to the destination. */
    private int prepare(long hi, long lo, int zone, int port, long nowNs) {
        if (closed) {
            return CLOSED;
        }
        if (port < 1 || port > 65_535 || IpAddress.isAny(hi, lo)) {
            return NO_DESTINATION;
        }
        if (!broadcast && layer.ip().isBroadcast(hi, lo)) {
            return BROADCAST_FORBIDDEN;
        }
        if (localPort == 0) {
            long anyLo = IpAddress.isV4(hi, lo) ? IpAddress.V4_PREFIX : 0;
            int bound = bind(0, anyLo, 0);
            if (bound != OK) {
                return bound;
            }
        }
        int by = zone >= 0 ? zone : IpAddress.isMulticast(hi, lo) ? multicast.interfaceIndex() : boundInterface;
        by = by >= 0 ? by : boundInterface;
        if (boundInterface >= 0 && by != boundInterface) {
            return NO_ROUTE;
        }
        if (path == null || path.dstLo() != lo || path.dstHi() != hi || pathInterface != by) {
            leavePath();
            // What is bound to a group or a broadcast address sends from an address of its own.
            boolean any = localPort != 0 && isForMany(localHi, localLo);
            long anyLo = IpAddress.isV4(localHi, localLo) ? IpAddress.V4_PREFIX : 0;
            path = layer.ip().path(any ? 0 : localHi, any ? anyLo : localLo, hi, lo, by, nowNs);
            pathInterface = by;
            pathToMany = isForMany(hi, lo);
        }
        return path == null ? NO_ROUTE : OK;
    }

    /** Sends to the peer of {@link #connect}. See the other form. */
    public int send(DirectBuffer data, int offset, int length, long nowNs) {
        return remotePort == 0
                ? NO_DESTINATION
                : send(remoteHi, remoteLo, remoteInterface, remotePort, data, offset, length, nowNs);
    }

    /**
     * Sends a datagram: taken as a whole or not at all. What is not taken stays the caller's, to be sent again when
     * {@link UdpHandler#onWritable} says so.
     *
     * @param data when off-heap, not copied unless it must be fragmented
     * @return {@link #OK} or another of the constants
     */
    public int send(long hi, long lo, int port, DirectBuffer data, int offset, int length, long nowNs) {
        return send(hi, lo, IpOutput.ANY_INTERFACE, port, data, offset, length, nowNs);
    }

    /** As the other form; {@code zone} is the interface on whose link the destination is, -1 if its address says it all. */
    public int send(long hi, long lo, int zone, int port, DirectBuffer data, int offset, int length, long nowNs) {
        if (length < 0 || length > (IpAddress.isV4(hi, lo) ? MAX_DATA_V4 : MAX_DATA_V6)) {
            return TOO_BIG;
        }
        int ready = prepare(hi, lo, zone, port, nowNs);
        if (ready != OK) {
            return ready;
        }
        Frame frame = layer.frameFor(data, offset, length);
        if (frame == null) {
            retryLater();
            return WOULD_BLOCK;
        }
        layer.putHeader(frame, path, localPort, port, length);
        int result = pathToMany
                ? sendToMany(frame, nowNs)
                : layer.ip().send(frame, path, IpProtocol.UDP, tos, hops(), dontFragment, nowNs);
        onResult(result, 1);
        if (result == UNRESOLVED && holdUnresolved) {
            // What finds no room is lost, and counted by who holds the others.
            layer.onSent(layer.ip().hold(frame, path, IpProtocol.UDP, tos, hops(), dontFragment) ? 1 : 0);
            result = OK;
        }
        frame.release();
        return result > 0 ? OK : result;
    }

    /**
     * Sends a run of datagrams to one destination as a super-datagram (what UDP_SEGMENT is to Linux): one pass through the stack, and,
     * with a device that can cut (virtio-net's GSO_UDP_L4), one call of it. Other devices get them one by one, as do groups, broadcast
     * addresses, and paths whose MTU a datagram exceeds.
     *
     * @param zone as for {@link #send(long, long, int, int, DirectBuffer, int, int, long)}
     * @param data of all datagrams, one after the other; when off-heap, not copied
     * @param length bytes of all, 1 .. 65,507 (65,527 over IPv6)
     * @param segmentSize bytes of each, the last excepted, which may be shorter; such that there are {@link #MAX_RUN} at most
     * @return how many datagrams were taken, from the front; or another of the constants if it was none. Those not taken stay the
     *     caller's, to be sent again when {@link UdpHandler#onWritable} says so
     */
    public int sendRun(
            long hi,
            long lo,
            int zone,
            int port,
            DirectBuffer data,
            int offset,
            int length,
            int segmentSize,
            long nowNs) {
        if (segmentSize < 1 || length < 1 || length > (long) segmentSize * MAX_RUN) {
            throw new IllegalArgumentException("a run of " + length + " bytes in datagrams of " + segmentSize);
        }
        if (length > (IpAddress.isV4(hi, lo) ? MAX_DATA_V4 : MAX_DATA_V6)) {
            return TOO_BIG;
        }
        if (length <= segmentSize) {
            return send(hi, lo, zone, port, data, offset, length, nowNs);
        }
        int ready = prepare(hi, lo, zone, port, nowNs);
        if (ready != OK) {
            return ready;
        }
        if (pathToMany || path.mtu() < path.headerLength() + UdpHeader.LENGTH + segmentSize) {
            return sendEach(hi, lo, zone, port, data, offset, length, segmentSize, nowNs);
        }
        Frame frame = layer.frameFor(data, offset, length);
        if (frame == null) {
            retryLater();
            return WOULD_BLOCK;
        }
        layer.putRunHeader(frame, path, localPort, port, length, segmentSize);
        int result = layer.ip().send(frame, path, IpProtocol.UDP, tos, hops(), dontFragment, nowNs);
        frame.release();
        if (result == UNRESOLVED && holdUnresolved) {
            // Held are single datagrams: of a run, the device might take a part.
            return sendEach(hi, lo, zone, port, data, offset, length, segmentSize, nowNs);
        }
        onResult(result, result);
        if (result > 0 && result * (long) segmentSize < length) {
            retryLater();
        }
        return result;
    }

    private int sendEach(
            long hi,
            long lo,
            int zone,
            int port,
            DirectBuffer data,
            int offset,
            int length,
            int segmentSize,
            long nowNs) {
        int sent = 0;
        for (int from = 0; from < length; from += segmentSize) {
            int n = Math.min(segmentSize, length - from);
            int result = send(hi, lo, zone, port, data, offset + from, n, nowNs);
            if (result != OK) {
                return sent > 0 ? sent : result;
            }
            sent++;
        }
        return sent;
    }

    private int sendToMany(Frame frame, long nowNs) {
        boolean group = IpAddress.isMulticast(path.dstHi(), path.dstLo());
        int hops = group ? multicast.ttl() : hops();
        boolean loop = !group || multicast.loop();
        return layer.ip().multicast().send(frame, path, IpProtocol.UDP, tos, hops, dontFragment, loop, nowNs);
    }

    private int hops() {
        return ttl != 0 ? ttl : path.hopLimit(defaultTtl);
    }

    private boolean isForMany(long hi, long lo) {
        return IpAddress.isMulticast(hi, lo) || layer.ip().isBroadcast(hi, lo);
    }

    private void onResult(int result, int datagrams) {
        if (result > 0) {
            layer.onSent(datagrams);
        } else if (result == WOULD_BLOCK) {
            retryLater();
        } else if (result == UNRESOLVED && !parked) {
            parked = path.park(this);
            if (!parked) {
                retryLater();
            }
        } else if (result == NO_ROUTE) {
            // The way may be another one next time.
            leavePath();
        }
    }

    private void retryLater() {
        writable = true;
        layer.list(this);
    }

    @Override
    public void onPathReady(boolean reachable, long nowNs) {
        parked = false;
        unreachable |= !reachable;
        retryLater();
    }

    /** Called in the layer's flush. */
    void signal(long nowNs) {
        if (readable && !closed) {
            readable = false;
            handler.onReadable(nowNs);
        }
        if (!writable || closed) {
            return;
        }
        writable = false;
        if (unreachable) {
            unreachable = false;
            handler.onError(
                    IcmpError.Kind.HOST_UNREACHABLE,
                    path == null ? 0 : path.dstHi(),
                    path == null ? 0 : path.dstLo(),
                    remotePort,
                    0,
                    nowNs);
        }
        handler.onWritable(nowNs);
    }

    /**
     * Passes a datagram on, or a run of them if {@code segment} is not 0: {@code length} bytes of the packet. False when there was no
     * room for one.
     */
    boolean deliver(IpPacket p, int offset, int length, int segment, int srcPort, long nowNs) {
        arrivalInterface = p.interfaceIndex;
        if (queue != null) {
            tellReadable();
            return queue.offer(p, offset, length, segment, srcPort, nowNs);
        }
        if (segment == 0) {
            handler.onDatagram(p.buffer, offset, length, p.srcHi, p.srcLo, srcPort, p.dstHi, p.dstLo, nowNs);
        } else {
            handler.onRun(p.buffer, offset, length, segment, p.srcHi, p.srcLo, srcPort, p.dstHi, p.dstLo, nowNs);
        }
        return true;
    }

    /** Has {@link UdpHandler#onReadable} called once, after the frames of this duty cycle; for handlers that keep datagrams. */
    public void tellReadable() {
        readable = true;
        layer.list(this);
    }

    void onIcmpError(IcmpError error, int port, long nowNs) {
        if (error.kind == IcmpError.Kind.TOO_BIG) {
            IpPath about =
                    layer.ip().path(error.localHi, error.localLo, error.remoteHi, error.remoteLo, error.zone, nowNs);
            if (about != null) {
                about.reduceMtu(error.mtu, nowNs);
                about.release();
            }
        }
        handler.onIcmpError(error, port, nowNs);
    }

    void leavePath() {
        if (path != null) {
            if (parked) {
                path.unpark(this);
                parked = false;
            }
            path.release();
            path = null;
        }
    }

    /** Gives the port back. Idempotent; nothing is called any more. */
    public void close() {
        if (!closed) {
            closed = true;
            leavePath();
            multicast.leaveAll();
            layer.remove(this, localPort != 0);
        }
    }

    public boolean isClosed() {
        return closed;
    }

    /** 0 before {@link #bind}. */
    public int localPort() {
        return localPort;
    }

    /** The bound address: an "any" address if it is bound to none in particular. */
    public long localHi() {
        return localHi;
    }

    /** See {@link #localHi}. */
    public long localLo() {
        return localLo;
    }

    /** The address that datagrams to the peer are sent from; 0 while not connected. */
    public long sourceHi() {
        return path == null ? localHi : path.srcHi();
    }

    /** See {@link #sourceHi}. */
    public long sourceLo() {
        return path == null ? localLo : path.srcLo();
    }

    int remoteInterface() {
        return remoteInterface;
    }

    boolean reuses() {
        return reuse;
    }

    public boolean isConnected() {
        return remotePort != 0;
    }

    public long remoteHi() {
        return remoteHi;
    }

    public long remoteLo() {
        return remoteLo;
    }

    /** 0 while not connected. */
    public int remotePort() {
        return remotePort;
    }
}
