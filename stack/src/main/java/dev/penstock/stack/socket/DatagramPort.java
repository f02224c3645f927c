package dev.penstock.stack.socket;

import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.buffer.ChunkPool;
import dev.penstock.stack.buffer.SendQueue;
import dev.penstock.stack.ip.IcmpError;
import dev.penstock.stack.udp.UdpEndpoint;
import dev.penstock.stack.udp.UdpHandler;
import dev.penstock.stack.udp.UdpMulticast;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A UDP socket, non-blocking, for one thread that receives and one that sends, neither of them the shard's. Datagrams go
 * through two byte queues of limited size as records: the other end's address and port, the length, and the bytes.
 */
public final class DatagramPort extends SocketHandle implements UdpHandler {
    /** The most data of a datagram over IPv4, bytes. */
    public static final int MAX_DATA = 65_507;
    /** Address, port and length before each datagram in a queue. */
    static final int RECORD_HEADER = 24;
    /** The least limit of a queue: one datagram of any size fits. */
    public static final int MIN_BUFFER = MAX_DATA + RECORD_HEADER + 5;

    /** {@link #receive}: nothing there now. */
    public static final int NOTHING = -1;

    /** What went wrong with something sent earlier, or with binding. */
    public enum Failure {
        PORT_UNREACHABLE,
        HOST_UNREACHABLE,
        NET_UNREACHABLE,
        ACCESS_DENIED,
        ADDRESS_IN_USE,
        ADDRESS_NOT_AVAILABLE,
        TOO_BIG,
        NO_RESOURCES;

        static Failure ofResult(int result) {
            return switch (result) {
                case UdpEndpoint.PORT_IN_USE, UdpEndpoint.NO_PORTS -> ADDRESS_IN_USE;
                case UdpEndpoint.ADDRESS_NOT_LOCAL -> ADDRESS_NOT_AVAILABLE;
                case UdpEndpoint.NO_ROUTE, UdpEndpoint.NO_DESTINATION -> NET_UNREACHABLE;
                case UdpEndpoint.HOST_UNREACHABLE -> HOST_UNREACHABLE;
                case UdpEndpoint.TOO_BIG -> TOO_BIG;
                case UdpEndpoint.BROADCAST_FORBIDDEN -> ACCESS_DENIED;
                default -> NO_RESOURCES;
            };
        }
    }

    private final SendQueue sendQueue;
    private final DatagramInbox inbox;
    /** Told by the network about a connected socket: for whoever comes first, sender or receiver. */
    private final AtomicReference<Failure> failure = new AtomicReference<>();
    /** Of something that was sent: for the sender. */
    private final AtomicReference<Failure> sendFailure = new AtomicReference<>();

    private volatile long localHi;
    /** Or -1. */
    private int boundInterface;

    private volatile long localLo;
    private volatile int localPort;
    private Failure bindError;
    private volatile boolean bound;
    private volatile boolean over;
    private volatile boolean shardEnded;
    /** Shard only. */
    private UdpEndpoint endpoint;

    private ShardContext context;
    private boolean wantWritable;
    private boolean closing;

    private volatile boolean broadcast = true;
    private volatile int tos;
    /** 0 until it is set. */
    private volatile int ttl;

    private volatile int multicastTtl = 1;
    private volatile boolean multicastLoop = true;
    private volatile int multicastInterface = -1;
    private volatile boolean multicastAll;
    private boolean reuseAddress;

    /** The sender's: the header being written, and how much of the record is in the queue already. */
    private final UnsafeBuffer sendHeader = new UnsafeBuffer(new byte[RECORD_HEADER]);

    private int sendProgress;

    private final DatagramPump pump;

    DatagramPort(CommandQueue commands, ReadinessListener listener, ChunkPool chunks, int bufferBytes) {
        super(commands, listener);
        this.sendQueue = new SendQueue(chunks, Math.max(bufferBytes, MIN_BUFFER));
        this.inbox = new DatagramInbox(chunks, Math.max(bufferBytes, MIN_BUFFER));
        this.pump = new DatagramPump(sendQueue);
    }

    /**
     * Binds; the outcome is told by {@link #isBound} or {@link #bindError}.
     *
     * @param localPort 0 to have one chosen
     * @param boundInterface the interface by which alone datagrams come and go, or -1
     * @param bufferBytes the most that waits to be sent, and to be received
     * @param reuseAddress SO_REUSEADDR
     * @return null, and counted, when there are too many sockets
     */
    public static DatagramPort bind(
            CommandQueue commands,
            ReadinessListener listener,
            ChunkPool chunks,
            int bufferBytes,
            long localHi,
            long localLo,
            int boundInterface,
            int localPort,
            boolean reuseAddress) {
        DatagramPort port = new DatagramPort(commands, listener, chunks, bufferBytes);
        if (!port.open()) {
            return null;
        }
        port.localHi = localHi;
        port.localLo = localLo;
        port.boundInterface = boundInterface;
        port.localPort = localPort;
        port.reuseAddress = reuseAddress;
        port.post(CONNECT);
        return port;
    }

    // --- what is known, any thread ---

    /** It is bound, or never will be. */
    public boolean isOpened() {
        return bound || over || shardEnded;
    }

    public boolean isBound() {
        return bound;
    }

    /** Why it could not be bound. */
    public Failure bindError() {
        return over ? bindError : null;
    }

    public boolean isShardEnded() {
        return shardEnded;
    }

    /** What the network reported since the last call, or null. */
    public Failure takeFailure() {
        return failure.get() == null ? null : failure.getAndSet(null);
    }

    /** As {@link #takeFailure}, and what could not be sent since the last call. */
    public Failure takeSendFailure() {
        return sendFailure.get() == null ? takeFailure() : sendFailure.getAndSet(null);
    }

    public long localHi() {
        return localHi;
    }

    public long localLo() {
        return localLo;
    }

    public int localPort() {
        return localPort;
    }

    // --- asked of the shard, any thread ---

    public void broadcast(boolean on) {
        broadcast = on;
        post(OPTIONS);
    }

    public void trafficClass(int value) {
        tos = value;
        post(OPTIONS);
    }

    public void timeToLive(int value) {
        ttl = value;
        post(OPTIONS);
    }

    /** IP_MULTICAST_TTL, 0 .. 255. */
    public void multicastTimeToLive(int value) {
        multicastTtl = value;
        post(OPTIONS);
    }

    /** IP_MULTICAST_LOOP. */
    public void multicastLoop(boolean on) {
        multicastLoop = on;
        post(OPTIONS);
    }

    /** IP_MULTICAST_IF: the index of an interface, or -1. */
    public void multicastInterface(int index) {
        multicastInterface = index;
        post(OPTIONS);
    }

    /** IP_MULTICAST_ALL. */
    public void multicastAll(boolean on) {
        multicastAll = on;
        post(OPTIONS);
    }

    public void receiveBuffer(int bytes) {
        inbox.setLimit(Math.max(bytes, MIN_BUFFER));
    }

    public void sendBuffer(int bytes) {
        sendQueue.setLimit(Math.max(bytes, MIN_BUFFER));
    }

    // --- sending: one thread ---

    /** There is room for a datagram of {@code length} bytes. */
    public boolean isSendReady(int length) {
        return shardEnded
                || failure.get() != null
                || sendProgress != 0
                || sendQueue.writable() >= RECORD_HEADER + length;
    }

    /** What is in a record's last word: the bytes of all its data. */
    static int length(int lengths) {
        return lengths & 0xffff;
    }

    /** And, if it holds a run of datagrams, those of each but the last; else 0. */
    static int segment(int lengths) {
        return lengths >>> 16;
    }

    /** As {@link #send(long, long, int, int, DirectBuffer, int, int)}, by any interface. */
    public boolean send(long toHi, long toLo, int toPort, DirectBuffer src, int offset, int length) {
        return send(toHi, toLo, -1, toPort, src, offset, length);
    }

    /**
     * Queues one datagram. After false the same datagram must be offered again until it is taken: a part of it may be
     * in the queue already.
     *
     * @param zone the interface on whose link the destination is, or -1
     * @param length 0 .. {@link #MAX_DATA}
     * @return false if there is no room now
     */
    public boolean send(long toHi, long toLo, int zone, int toPort, DirectBuffer src, int offset, int length) {
        boolean taken = put(toHi, toLo, zone, toPort, src, offset, length, 0);
        if (taken) {
            post(WRITTEN);
        }
        return taken;
    }

    /**
     * As {@link #send(long, long, int, int, DirectBuffer, int, int)}, but the shard need not look before {@link #flush} is called: for
     * several in a row; and for a run of datagrams.
     *
     * @param segment 0 for one datagram; else the data are several of so many bytes each, the last excepted, 1 .. 65,507
     */
    public boolean put(
            long toHi, long toLo, int zone, int toPort, DirectBuffer src, int offset, int length, int segment) {
        if (sendProgress == 0) {
            if (sendQueue.writable() < RECORD_HEADER + length) {
                return false;
            }
            sendHeader.putLong(0, toHi);
            sendHeader.putLong(8, toLo);
            sendHeader.putInt(16, zoned(zone, toPort));
            sendHeader.putInt(20, length | (segment < length ? segment << 16 : 0));
        }
        if (sendProgress < RECORD_HEADER) {
            sendProgress += Math.max(0, sendQueue.write(sendHeader, sendProgress, RECORD_HEADER - sendProgress));
        }
        if (sendProgress >= RECORD_HEADER && sendProgress < RECORD_HEADER + length) {
            int done = sendProgress - RECORD_HEADER;
            sendProgress += Math.max(0, sendQueue.write(src, offset + done, length - done));
        }
        if (sendProgress < RECORD_HEADER + length) {
            return false;
        }
        sendProgress = 0;
        return true;
    }

    /** Has the shard send what was {@link #put}. */
    public void flush() {
        post(WRITTEN);
    }

    /** There was no room: {@link Readiness#WRITABLE} is to be told once there is. */
    public void wantWritable() {
        post(WANT_WRITABLE);
    }

    // --- receiving: one thread ---

    /** A datagram, or an error, is there. The receiver's. */
    public boolean isReceiveReady() {
        return shardEnded || failure.get() != null || inbox.isReady();
    }

    /** Bytes of the oldest datagram, {@link #NOTHING} if there is none. Its origin is in {@link #fromHi} and so on from now on. */
    public int nextLength() {
        return inbox.nextLength();
    }

    /**
     * Takes the oldest datagram; what does not fit is lost.
     *
     * @return its whole length in bytes, which may be more than {@code length}; {@link #NOTHING} if there is none. Its
     *     origin is in {@link #fromHi} and so on until the next call
     */
    public int receive(MutableDirectBuffer dst, int offset, int length) {
        int whole = inbox.take(dst, offset, length);
        if (whole != NOTHING && inbox.mustReport()) {
            postLazily(READ);
        }
        return whole;
    }

    /** Who sent the datagram last received. The receiver's. */
    public long fromHi() {
        return inbox.fromHi();
    }

    public long fromLo() {
        return inbox.fromLo();
    }

    public int fromPort() {
        return inbox.fromZonedPort() & 0xffff;
    }

    /** The interface that it came in by, or -1 from ourselves. */
    public int fromInterface() {
        return zone(inbox.fromZonedPort());
    }

    /** An interface, or -1, and a port in one word. */
    private static int zoned(int zone, int port) {
        return zone + 1 << 16 | port;
    }

    static int zone(int zoned) {
        return (zoned >>> 16) - 1;
    }

    /** Datagrams lost because the receive queue was full. Any thread. */
    public long receiveDrops() {
        return inbox.drops();
    }

    /** Lets go. The last call. */
    public void close() {
        post(CLOSE);
    }

    // --- shard ---

    /** Talks to this peer only; null if that was possible. Shard. */
    public Failure connectNow(long hi, long lo, int zone, int toPort, long nowNs) {
        int result = endpoint == null ? UdpEndpoint.CLOSED : endpoint.connect(hi, lo, zone, toPort, nowNs);
        if (result != UdpEndpoint.OK) {
            return Failure.ofResult(result);
        }
        localHi = endpoint.sourceHi();
        localLo = endpoint.sourceLo();
        return null;
    }

    /** The groups of this socket, or null once it is closed. Shard. */
    public UdpMulticast multicastNow() {
        return endpoint == null ? null : endpoint.multicast();
    }

    /** Talks to anybody again. Shard. */
    public void disconnectNow() {
        if (endpoint != null) {
            endpoint.disconnect();
            localHi = endpoint.localHi();
            localLo = endpoint.localLo();
        }
    }

    @Override
    void perform(int ops, ShardContext shard, long nowNs) {
        context = shard;
        if ((ops & CONNECT) != 0 && (ops & CLOSE) == 0) {
            bindNow();
        }
        if (endpoint == null) {
            return;
        }
        if ((ops & (CONNECT | OPTIONS)) != 0) {
            endpoint.allowBroadcast(broadcast);
            endpoint.setTos(tos);
            if (ttl != 0) {
                endpoint.setTtl(ttl);
            }
            endpoint.multicast().setTtl(multicastTtl);
            endpoint.multicast().setLoop(multicastLoop);
            endpoint.multicast().setAll(multicastAll);
            if (endpoint.multicast().interfaceIndex() != multicastInterface) {
                endpoint.multicast().setInterface(multicastInterface);
            }
        }
        if ((ops & READ) != 0) {
            inbox.reclaim();
        }
        if ((ops & WANT_WRITABLE) != 0) {
            wantWritable = true;
        }
        closing |= (ops & CLOSE) != 0;
        if ((ops & (WRITTEN | WANT_WRITABLE | CLOSE)) != 0) {
            pump(nowNs);
        }
    }

    private void bindNow() {
        UdpEndpoint e = context.openUdp(this);
        if (e != null) {
            e.setReuseAddress(reuseAddress);
            e.bindToInterface(boundInterface);
            e.setHoldUnresolved(true);
        }
        int result = e == null ? UdpEndpoint.CLOSED : e.bind(localHi, localLo, localPort);
        if (result != UdpEndpoint.OK) {
            bindError = Failure.ofResult(result);
            over = true;
            if (e != null) {
                e.close();
            }
            signal(Readiness.BOUND | Readiness.OVER);
            return;
        }
        endpoint = e;
        localPort = e.localPort();
        bound = true;
        signal(Readiness.BOUND);
    }

    /** Sends what is queued, in order, until something is in the way; then UDP calls again. */
    private void pump(long nowNs) {
        while (endpoint != null) {
            int result = pump.send(endpoint, context, nowNs);
            if (result == DatagramPump.NOTHING) {
                break;
            }
            if (result == UdpEndpoint.WOULD_BLOCK) {
                return;
            }
            if (result != UdpEndpoint.OK) {
                sendFailure.set(Failure.ofResult(result));
            }
        }
        if (wantWritable) {
            wantWritable = false;
            signal(Readiness.WRITABLE);
        }
        if (closing) {
            closeNow();
            leave(context);
        }
    }

    @Override
    boolean isLingering() {
        return closing && endpoint != null && !endpoint.isClosed();
    }

    private void closeNow() {
        if (endpoint != null) {
            endpoint.close();
            endpoint = null;
        }
        sendQueue.close();
        inbox.close();
    }

    @Override
    public void onDatagram(
            DirectBuffer src,
            int offset,
            int length,
            long srcHi,
            long srcLo,
            int srcPort,
            long dstHi,
            long dstLo,
            long nowNs) {
        if (!keep(src, offset, length, 0, srcHi, srcLo, srcPort)) {
            lost(1);
        }
    }

    @Override
    public void onRun(
            DirectBuffer src,
            int offset,
            int length,
            int segmentSize,
            long srcHi,
            long srcLo,
            int srcPort,
            long dstHi,
            long dstLo,
            long nowNs) {
        int room = inbox.room();
        int n = length <= room ? length : room / segmentSize * segmentSize;
        boolean kept = n > 0 && keep(src, offset, n, n > segmentSize ? segmentSize : 0, srcHi, srcLo, srcPort);
        if (!kept || n < length) {
            lost((length - (kept ? n : 0) + segmentSize - 1) / segmentSize);
        }
    }

    /** Puts a record into the queue, which the receiver is shown with all others of this burst. False when there is no room. */
    private boolean keep(DirectBuffer src, int offset, int length, int segment, long srcHi, long srcLo, int srcPort) {
        if (closing) {
            return true;
        }
        int from = zoned(endpoint.arrivalInterface(), srcPort);
        boolean kept = inbox.room() >= length
                && inbox.put(context.scratch(), src, offset, length, segment, srcHi, srcLo, from);
        if (kept) {
            endpoint.tellReadable();
        }
        return kept;
    }

    private void lost(int datagrams) {
        for (int i = 0; i < datagrams; i++) {
            context.counters().drop(DropReason.UDP_QUEUE_FULL);
        }
        inbox.lost(datagrams);
    }

    @Override
    public void onReadable(long nowNs) {
        if (!closing && inbox.show()) {
            signal(Readiness.READABLE);
        }
    }

    @Override
    public void onWritable(long nowNs) {
        pump(nowNs);
    }

    /** As Linux does, errors are for connected sockets only, and only those that are not of passing nature. */
    @Override
    public void onError(IcmpError.Kind kind, long remoteHi, long remoteLo, int remotePort, int mtu, long nowNs) {
        if (endpoint == null || !endpoint.isConnected()) {
            return;
        }
        if (kind.isHard()) {
            failure.set(Failure.PORT_UNREACHABLE);
        } else if (kind == IcmpError.Kind.HOST_UNREACHABLE) {
            failure.set(Failure.HOST_UNREACHABLE);
        } else {
            return;
        }
        signal(Readiness.READABLE | Readiness.WRITABLE);
    }

    @Override
    void onShardEnds(long nowNs) {
        closeNow();
        onShardEnded();
    }

    @Override
    void onShardEnded() {
        shardEnded = true;
        signal(Readiness.OVER | Readiness.READABLE | Readiness.WRITABLE | Readiness.BOUND);
    }
}
