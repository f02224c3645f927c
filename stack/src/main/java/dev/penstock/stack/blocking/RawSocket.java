package dev.penstock.stack.blocking;

import dev.penstock.stack.ip.IpOutput;
import dev.penstock.stack.socket.RawError;
import dev.penstock.stack.socket.RawPort;
import dev.penstock.stack.udp.DatagramInfo;
import dev.penstock.stack.wire.IpAddress;
import java.io.IOException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Raw IP of one protocol and family, for tools: copies of what comes in, with the IP header; packets out, whose IP header the stack
 * makes; and the ICMP errors about packets of the protocol, with who sent them. What the stack does with a packet it does
 * nevertheless, as in BSD and Linux; but nobody is told that a protocol is unknown here while a socket listens to it. Any
 * thread may use it but the stack's own; those that receive take turns.
 */
public final class RawSocket extends PortSocket<RawPort> {
    private static final int BUFFER = 1 << 19;

    private final boolean v4;
    private final ReentrantLock receiveLock = new ReentrantLock();
    private final ReentrantLock errorLock = new ReentrantLock();
    private final WaitPoint errorPoint = new WaitPoint();
    private final UnsafeBuffer view = new UnsafeBuffer(0, 0);
    private final DatagramInfo info = new DatagramInfo();
    private volatile int zone = -1;
    /** 0: that of the path. */
    private volatile int ttl;

    private volatile int trafficClass;
    private volatile boolean dontFragment;

    private RawSocket(PenstockStack stack, boolean v4) {
        super(stack);
        this.v4 = v4;
    }

    static RawSocket open(PenstockStack stack, int protocol, boolean v4) throws IOException {
        if (protocol < 0 || protocol > 255) {
            throw new IllegalArgumentException("a protocol must be in 0 .. 255: " + protocol);
        }
        RawSocket socket = new RawSocket(stack, v4);
        socket.open(RawPort.open(stack.commands(), socket::onReady, protocol, v4, BUFFER));
        return socket;
    }

    @Override
    void onReady(int ready) {
        super.onReady(ready);
        errorPoint.signal();
    }

    /**
     * Sends one packet.
     *
     * @param data what is behind the IP header; of ICMPv6 the stack computes the checksum
     * @throws NoRouteToHostException there is no way, or the next hop does not answer
     * @throws SocketException it is too long, or there is no room now
     */
    public void send(byte[] data, int offset, int length, IpAddress to) throws IOException {
        Objects.checkFromIndexSize(offset, length, data.length);
        if (to.isV4() != v4) {
            throw new IllegalArgumentException("an address of the other family: " + to);
        }
        ensureOpen();
        UnsafeBuffer copy = new UnsafeBuffer(Arrays.copyOfRange(data, offset, offset + length));
        int tos = trafficClass;
        int hops = ttl;
        boolean df = dontFragment;
        int by = zone;
        int result = stack.ask(shard -> port.sendNow(shard, to.hi(), to.lo(), by, copy, length, tos, hops, df));
        switch (result) {
            case IpOutput.NO_ROUTE, IpOutput.HOST_UNREACHABLE -> throw new NoRouteToHostException("No route to host");
            case IpOutput.TOO_BIG -> throw new SocketException("Message too long");
            case IpOutput.UNRESOLVED, 0 -> throw new SocketException("No buffer space available");
            default -> {
                /* sent, or a copy waits for the next hop's address */
            }
        }
    }

    /**
     * Waits for a packet; what does not fit is lost.
     *
     * @throws SocketTimeoutException "Receive timed out"
     */
    public RawPacket receive(byte[] dst) throws IOException {
        receiveLock.lock();
        try {
            view.wrap(dst);
            while (true) {
                ensureOpen();
                int n = port.receive(view, 0, dst.length, info);
                if (n >= 0) {
                    return new RawPacket(
                            new IpAddress(info.srcHi, info.srcLo),
                            new IpAddress(info.dstHi, info.dstLo),
                            info.interfaceIndex,
                            info.srcPort,
                            n,
                            info.length > n,
                            info.timeNs);
                }
                awaitReceive(port::isReceiveReady);
            }
        } finally {
            view.wrap(0, 0);
            receiveLock.unlock();
        }
    }

    /**
     * Waits for an ICMP error about a packet of this protocol, be it sent by this socket or another.
     *
     * @param timeoutMs 0 for ever
     * @throws SocketTimeoutException "Receive timed out"
     */
    public RawError receiveError(int timeoutMs) throws IOException {
        errorLock.lock();
        try {
            while (true) {
                ensureOpen();
                RawError error = port.takeError();
                if (error != null) {
                    return error;
                }
                await(errorPoint, port::isErrorReady, timeoutMs);
            }
        } finally {
            errorLock.unlock();
        }
    }

    /** Of ICMP and ICMPv6: only messages of these types, 0 .. 255, are received from now on; none named: all. */
    public void setIcmpTypes(int... types) {
        long[] wanted = new long[4];
        for (int type : types) {
            wanted[Objects.checkIndex(type, 256) >>> 6] |= 1L << type;
        }
        port.setTypes(types.length == 0 ? null : wanted);
    }

    /** How long a receive waits, milliseconds; 0 for ever. */
    public void setSoTimeout(int ms) {
        soTimeout(ms);
    }

    /**
     * Has packets leave by this interface, the zone of link-local targets.
     *
     * @param name of the interface, or its number from 1; empty for any
     * @throws SocketException there is no such interface: it says which there are
     */
    public void bindToInterface(String name) throws SocketException {
        zone = stack.zones().index(name);
    }

    /** TTL or hop limit of what is sent, 1 .. 255; 64, or the hop limit that routers say, unless told. */
    public void setTimeToLive(int newTtl) {
        ttl = TcpSocketSettings.checkTimeToLive(newTtl);
    }

    /** DSCP and ECN of what is sent, 0 .. 255. */
    public void setTrafficClass(int tc) {
        trafficClass = TcpSocketSettings.checkTrafficClass(tc);
    }

    /** Sets the DF bit: packets larger than the path MTU fail instead of being fragmented. */
    public void setDontFragment(boolean on) {
        dontFragment = on;
    }

    /** Packets lost because nobody received them in time. */
    public long receiveDrops() {
        return port.receiveDrops();
    }
}
