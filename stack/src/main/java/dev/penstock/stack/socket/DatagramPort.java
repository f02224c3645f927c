package dev.penstock.stack.socket;

import dev.penstock.stack.buffer.ByteQueue;
import dev.penstock.stack.buffer.ChunkPool;
import dev.penstock.stack.buffer.ReceiveQueue;
import dev.penstock.stack.buffer.SendQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A UDP socket, non-blocking, for one thread that receives and one that sends, neither of them the shard's. Datagrams go
 * through two byte queues of limited size as records: the other end's address and port, the length, and the bytes.
 */
public final class DatagramPort extends SocketHandle {
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
        NO_RESOURCES
    }

    static final int CONNECT_PEER = 1 << 10;

    private final SendQueue sendQueue;
    private final ReceiveQueue receiveQueue;
    private final AtomicReference<Failure> failure = new AtomicReference<>();
    private long localHi;
    private long localLo;
    private int localPort;
    private Failure bindError;
    private volatile boolean bound;
    private volatile boolean over;
    private volatile boolean shardEnded;
    /** The peer to be connected to, or null; read by the shard. */
    private volatile long[] peer;

    private volatile boolean broadcast = true;
    private volatile int tos;
    private volatile int ttl = 64;
    private final AtomicLong receiveDrops = new AtomicLong();

    /** The receiver's: the header of the datagram last received, see {@link #fromHi}. */
    private final UnsafeBuffer receiveHeader = new UnsafeBuffer(new byte[RECORD_HEADER]);

    /** The sender's: the header being written, and how much of the record is in the queue already. */
    private final UnsafeBuffer sendHeader = new UnsafeBuffer(new byte[RECORD_HEADER]);

    private int sendProgress;

    DatagramPort(CommandQueue commands, ReadinessListener listener, ChunkPool chunks, int bufferBytes) {
        super(commands, listener);
        this.sendQueue = new SendQueue(chunks, Math.max(bufferBytes, MIN_BUFFER));
        this.receiveQueue = new ReceiveQueue(chunks, Math.max(bufferBytes, MIN_BUFFER));
    }

    /**
     * Binds; the outcome is told by {@link #isBound} or {@link #bindError}.
     *
     * @param localPort 0 to have one chosen
     * @param bufferBytes the most that waits to be sent, and to be received
     * @return null, and counted, when there are too many sockets
     */
    public static DatagramPort bind(
            CommandQueue commands,
            ReadinessListener listener,
            ChunkPool chunks,
            int bufferBytes,
            long localHi,
            long localLo,
            int localPort) {
        DatagramPort port = new DatagramPort(commands, listener, chunks, bufferBytes);
        if (!port.open()) {
            return null;
        }
        port.localHi = localHi;
        port.localLo = localLo;
        port.localPort = localPort;
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

    /** What was reported since the last call, or null. */
    public Failure takeFailure() {
        return failure.get() == null ? null : failure.getAndSet(null);
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

    /** Talks to this peer only. */
    public void connect(long hi, long lo, int port) {
        peer = new long[] {hi, lo, port};
        post(CONNECT_PEER);
    }

    /** Talks to anybody. */
    public void disconnect() {
        peer = null;
        post(CONNECT_PEER);
    }

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

    public void receiveBuffer(int bytes) {
        receiveQueue.setLimit(Math.max(bytes, MIN_BUFFER));
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

    /**
     * Queues one datagram. After false the same datagram must be offered again until it is taken: a part of it may be
     * in the queue already.
     *
     * @param length 0 .. {@link #MAX_DATA}
     * @return false if there is no room now
     */
    public boolean send(long toHi, long toLo, int toPort, DirectBuffer src, int offset, int length) {
        if (sendProgress == 0) {
            if (sendQueue.writable() < RECORD_HEADER + length) {
                return false;
            }
            sendHeader.putLong(0, toHi);
            sendHeader.putLong(8, toLo);
            sendHeader.putInt(16, toPort);
            sendHeader.putInt(20, length);
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
        post(WRITTEN);
        return true;
    }

    /** There was no room: {@link Readiness#WRITABLE} is to be told once there is. */
    public void wantWritable() {
        post(WANT_WRITABLE);
    }

    // --- receiving: one thread ---

    /** A datagram, or an error, is there. */
    public boolean isReceiveReady() {
        return shardEnded || failure.get() != null || receiveQueue.size() >= RECORD_HEADER;
    }

    /**
     * Takes the oldest datagram; what does not fit is lost.
     *
     * @return its whole length in bytes, which may be more than {@code length}; {@link #NOTHING} if there is none. Its
     *     origin is in {@link #fromHi} and so on until the next call
     */
    public int receive(MutableDirectBuffer dst, int offset, int length) {
        if (receiveQueue.size() < RECORD_HEADER) {
            return NOTHING;
        }
        if (receiveQueue.read(receiveHeader, 0, RECORD_HEADER) != RECORD_HEADER) {
            return NOTHING;
        }
        int whole = receiveHeader.getInt(20);
        int n = Math.min(whole, length);
        receiveQueue.read(dst, offset, n);
        receiveQueue.discard(whole - n);
        postLazily(READ);
        return whole;
    }

    /** Who sent the datagram last received. The receiver's. */
    public long fromHi() {
        return receiveHeader.getLong(0);
    }

    public long fromLo() {
        return receiveHeader.getLong(8);
    }

    public int fromPort() {
        return receiveHeader.getInt(16);
    }

    /** Datagrams lost because the receive queue was full. Any thread. */
    public long receiveDrops() {
        return receiveDrops.get();
    }

    /** Lets go. The last call. */
    public void close() {
        post(CLOSE);
    }

    // --- shard ---

    /** A datagram came in. Shard. */
    void deliver(
            long fromHi, long fromLo, int fromPort, DirectBuffer src, int offset, int length, UnsafeBuffer header) {
        if (receiveQueue.isClosed() || receiveQueue.free() < RECORD_HEADER + length) {
            receiveDrops.incrementAndGet();
            return;
        }
        header.putLong(0, fromHi);
        header.putLong(8, fromLo);
        header.putInt(16, fromPort);
        header.putInt(20, length);
        long at = receiveQueue.tailPosition();
        int written = receiveQueue.writeAt(at, header, 0, RECORD_HEADER);
        written += receiveQueue.writeAt(at + RECORD_HEADER, src, offset, length);
        if (written < RECORD_HEADER + length) {
            receiveDrops.incrementAndGet(); // the stack's memory is used up
            return;
        }
        receiveQueue.commitTo(at + RECORD_HEADER + length);
        signal(Readiness.READABLE);
    }

    /** Copies {@code length} bytes from {@code position} of the send queue. Shard. */
    private void copyOut(long position, MutableDirectBuffer dst, int length) {
        int done = 0;
        while (done < length) {
            int n = ByteQueue.contiguous(position + done, length - done);
            dst.putBytes(done, sendQueue.bufferAt(position + done), ByteQueue.chunkOffset(position + done), n);
            done += n;
        }
    }

    @Override
    void perform(int ops, ShardContext shard, long nowNs) {
        if ((ops & CONNECT) != 0) {
            bindError = Failure.NO_RESOURCES;
            over = true;
            signal(Readiness.BOUND | Readiness.OVER);
        }
        if ((ops & READ) != 0) {
            receiveQueue.reclaim();
        }
    }

    @Override
    void onShardEnds(long nowNs) {
        sendQueue.close();
        receiveQueue.close();
        onShardEnded();
    }

    @Override
    void onShardEnded() {
        shardEnded = true;
        signal(Readiness.OVER | Readiness.READABLE | Readiness.WRITABLE | Readiness.BOUND);
    }
}
