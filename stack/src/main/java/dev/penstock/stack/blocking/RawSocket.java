package dev.penstock.stack.blocking;

import dev.penstock.stack.ip.IpOutput;
import dev.penstock.stack.socket.RawError;
import dev.penstock.stack.socket.RawPort;
import dev.penstock.stack.udp.DatagramInfo;
import dev.penstock.stack.wire.IpAddress;
import java.io.Closeable;
import java.io.IOException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Raw IP of one protocol and family, for tools: copies of what comes in, with the IP header; packets out, whose IP header the stack
 * makes; and the ICMP errors about packets of the protocol, with who sent them. What the stack does with a packet it does
 * nevertheless, as in BSD and Linux; but nobody is told that a protocol is unknown here while a socket listens to it. Any
 * thread may use it but the stack's own; those that receive take turns.
 */
public final class RawSocket implements Closeable {
    private static final long NS_PER_MS = 1_000_000;
    private static final int BUFFER = 1 << 19;

    private final PenstockStack stack;
    private final boolean v4;
    private final RawPort port;
    private final ReentrantLock receiveLock = new ReentrantLock();
    private final ReentrantLock errorLock = new ReentrantLock();
    private final WaitPoint openPoint = new WaitPoint();
    private final WaitPoint receivePoint = new WaitPoint();
    private final WaitPoint errorPoint = new WaitPoint();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final UnsafeBuffer view = new UnsafeBuffer(0, 0);
    private final DatagramInfo info = new DatagramInfo();
    private volatile int soTimeoutMs;
    private volatile int ttl = 64;
    private volatile int trafficClass;
    private volatile boolean dontFragment;

    private RawSocket(PenstockStack stack, int protocol, boolean v4) throws IOException {
        this.stack = stack;
        this.v4 = v4;
        this.port = RawPort.open(stack.commands(), this::onReady, protocol, v4, BUFFER);
        if (port == null) {
            throw stack.isClosed() ? SocketErrors.stackClosed() : SocketErrors.tooMany();
        }
    }

    static RawSocket open(PenstockStack stack, int protocol, boolean v4) throws IOException {
        if (protocol < 0 || protocol > 255) {
            throw new IllegalArgumentException("a protocol must be in 0 .. 255: " + protocol);
        }
        stack.checkMayBlock();
        RawSocket socket = new RawSocket(stack, protocol, v4);
        stack.opened(socket);
        WaitPoint.Outcome outcome = socket.openPoint.await(socket.port::isOpened, 0);
        if (outcome == WaitPoint.Outcome.INTERRUPTED || socket.port.isOver()) {
            socket.close();
            throw outcome == WaitPoint.Outcome.INTERRUPTED
                    ? SocketErrors.closedByInterrupt()
                    : socket.port.isShardEnded() ? SocketErrors.stackClosed() : SocketErrors.tooMany();
        }
        return socket;
    }

    private void onReady(int ready) {
        openPoint.signal();
        receivePoint.signal();
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
        int result = stack.call(shard -> port.sendNow(shard, to.hi(), to.lo(), copy, length, tos, hops, df));
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
                await(receivePoint, () -> closed.get() || port.isReceiveReady(), soTimeoutMs);
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
                await(errorPoint, () -> closed.get() || port.isErrorReady(), timeoutMs);
            }
        } finally {
            errorLock.unlock();
        }
    }

    private void await(WaitPoint point, Condition condition, int timeoutMs) throws IOException {
        stack.checkMayBlock();
        switch (point.await(condition, timeoutMs * NS_PER_MS)) {
            case TIMED_OUT -> throw new SocketTimeoutException("Receive timed out");
            case INTERRUPTED -> {
                close();
                throw SocketErrors.closedByInterrupt();
            }
            case MET -> {}
        }
    }

    private void ensureOpen() throws SocketException {
        if (closed.get()) {
            throw SocketErrors.closed();
        }
        if (port.isShardEnded()) {
            throw SocketErrors.stackClosed();
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
        soTimeoutMs = TcpSocketSettings.checkTimeout(ms);
    }

    /** TTL or hop limit of what is sent, 1 .. 255; 64 unless told. */
    public void setTimeToLive(int newTtl) {
        if (newTtl < 1 || newTtl > 255) {
            throw new IllegalArgumentException("a TTL must be in 1 .. 255: " + newTtl);
        }
        ttl = newTtl;
    }

    /** DSCP and ECN of what is sent, 0 .. 255. */
    public void setTrafficClass(int tc) {
        if (tc < 0 || tc > 255) {
            throw new IllegalArgumentException("tc is not in range 0 -- 255");
        }
        trafficClass = tc;
    }

    /** Sets the DF bit: packets larger than the path MTU fail instead of being fragmented. */
    public void setDontFragment(boolean on) {
        dontFragment = on;
    }

    /** Packets lost because nobody received them in time. */
    public long receiveDrops() {
        return port.receiveDrops();
    }

    public boolean isClosed() {
        return closed.get();
    }

    /** Closes; threads that wait get {@code SocketException("Socket closed")}. Idempotent. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            stack.closed(this);
            port.close();
            receivePoint.signal();
            errorPoint.signal();
        }
    }
}
