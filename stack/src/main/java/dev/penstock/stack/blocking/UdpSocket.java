package dev.penstock.stack.blocking;

import dev.penstock.stack.socket.DatagramPort;
import dev.penstock.stack.socket.Readiness;
import dev.penstock.stack.wire.IpAddress;
import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A blocking UDP socket; behaves as {@code java.net.DatagramSocket} does. Bound from the start, to a free port unless
 * told. Any thread may use it but the stack's own; those that receive take turns, and so do those that send. Interrupts
 * as at {@link TcpSocket}.
 *
 * <p>A send returns when the datagram is queued; what then becomes of it is UDP's. It waits while the send buffer is
 * full. What arrives while the receive buffer is full is lost, and counted: {@link #receiveDrops}.
 */
public final class UdpSocket implements Closeable {
    private static final long NS_PER_MS = 1_000_000;
    private static final int MAX_DATA = DatagramPort.MAX_DATA;

    private final PenstockStack stack;
    private final DatagramPort port;
    private final String boundZone;
    private final ReentrantLock receiveLock = new ReentrantLock();
    private final ReentrantLock sendLock = new ReentrantLock();
    private final ReentrantLock stateLock = new ReentrantLock();
    private final WaitPoint receivePoint;
    private final WaitPoint sendPoint;
    private final WaitPoint boundPoint = new WaitPoint();
    private final Condition receiveReady = this::isReceiveReady;
    private final Condition sendReady = this::isSendReady;
    private final Condition never = this::isClosed;
    /** Around the caller's arrays; each under the lock of its direction. */
    private final UnsafeBuffer receiveView = new UnsafeBuffer(0, 0);

    private final UnsafeBuffer sendView = new UnsafeBuffer(0, 0);
    /** The endpoint told last, which is the one told next as a rule; the receiver's. */
    private Endpoint lastFrom = new Endpoint(IpAddress.ANY_V4, 0);

    private int sendLength;
    private volatile Endpoint remote;
    private volatile boolean closed;
    private volatile int soTimeoutMs;

    private UdpSocket(PenstockStack stack, Endpoint local, int bufferBytes, boolean reuse) throws IOException {
        this.stack = stack;
        this.receivePoint = new WaitPoint(stack.lease());
        this.sendPoint = new WaitPoint(stack.lease());
        IpAddress a = local.address();
        int zone = stack.zones().index(local.zone());
        this.boundZone = local.zone();
        this.port = DatagramPort.bind(
                stack.commands(),
                this::onReady,
                stack.chunks(),
                bufferBytes,
                a.hi(),
                a.lo(),
                zone,
                local.port(),
                reuse);
        if (port == null) {
            throw stack.isClosed() ? SocketErrors.stackClosed() : SocketErrors.tooMany();
        }
    }

    static UdpSocket bind(PenstockStack stack, Endpoint local, int bufferBytes, boolean reuse) throws IOException {
        stack.checkMayBlock();
        UdpSocket socket = new UdpSocket(stack, local, bufferBytes, reuse);
        stack.opened(socket);
        DatagramPort p = socket.port;
        WaitPoint.Outcome outcome = socket.boundPoint.await(p::isOpened, 0);
        if (outcome == WaitPoint.Outcome.INTERRUPTED || !p.isBound()) {
            socket.close();
            throw outcome == WaitPoint.Outcome.INTERRUPTED
                    ? SocketErrors.closedByInterrupt()
                    : p.isShardEnded() ? SocketErrors.stackClosed() : SocketErrors.ofDatagram(p.bindError());
        }
        return socket;
    }

    private void onReady(int ready) {
        if ((ready & Readiness.READABLE) != 0) {
            receivePoint.signal();
        }
        if ((ready & Readiness.WRITABLE) != 0) {
            sendPoint.signal();
        }
        if ((ready & Readiness.BOUND) != 0) {
            boundPoint.signal();
        }
    }

    // --- connecting ---

    /**
     * Talks to this peer only: others' datagrams are not received, and ICMP errors are told.
     *
     * @throws SocketException there is no way to the peer
     */
    public void connect(Endpoint peer) throws IOException {
        checkTarget(peer);
        ensureOpen();
        IpAddress a = peer.address();
        int zone = stack.zones().index(peer.zone());
        DatagramPort.Failure failure =
                stack.ask(shard -> port.connectNow(a.hi(), a.lo(), zone, peer.port(), shard.nowNs()));
        if (failure != null) {
            throw SocketErrors.ofDatagram(failure);
        }
        remote = peer;
    }

    /** Undoes {@link #connect}. */
    public void disconnect() throws IOException {
        ensureOpen();
        stack.ask(shard -> {
            port.disconnectNow();
            return null;
        });
        remote = null;
    }

    // --- sending ---

    /**
     * Sends one datagram.
     *
     * @param to may be a broadcast address if {@link #setBroadcast} allowed it
     * @throws java.net.PortUnreachableException connected, and an earlier datagram was answered so by the peer
     * @throws java.net.NoRouteToHostException an earlier datagram could not be delivered
     */
    public void send(DirectBuffer src, int offset, int length, Endpoint to) throws IOException {
        src.boundsCheck(offset, length);
        checkTarget(to);
        sendLock.lock();
        try {
            sendLocked(src, offset, length, to);
        } finally {
            sendLock.unlock();
        }
    }

    /** As {@link #send(DirectBuffer, int, int, Endpoint)}. */
    public void send(byte[] src, int offset, int length, Endpoint to) throws IOException {
        Objects.checkFromIndexSize(offset, length, src.length);
        checkTarget(to);
        sendLock.lock();
        try {
            sendView.wrap(src);
            sendLocked(sendView, offset, length, to);
        } finally {
            sendView.wrap(0, 0);
            sendLock.unlock();
        }
    }

    /** As {@link #send(byte[], int, int, Endpoint)}, to the peer the socket is connected to. */
    public void send(byte[] src, int offset, int length) throws IOException {
        send(src, offset, length, connectedPeer());
    }

    /** As {@link #send(byte[], int, int, Endpoint)}, what remains in {@code src}. */
    public void send(ByteBuffer src, Endpoint to) throws IOException {
        checkTarget(to);
        sendLock.lock();
        try {
            sendView.wrap(src);
            sendLocked(sendView, src.position(), src.remaining(), to);
            src.position(src.limit());
        } finally {
            sendView.wrap(0, 0);
            sendLock.unlock();
        }
    }

    /** As {@link #send(byte[], int, int, Endpoint)}; a connected socket's packet may lack an address. */
    public void send(DatagramPacket packet) throws IOException {
        Endpoint peer = remote;
        Endpoint to = packet.getAddress() == null && peer != null
                ? peer
                : Endpoint.of((InetSocketAddress) packet.getSocketAddress());
        if (peer != null && !peer.equals(to)) {
            throw new IllegalArgumentException("Packet address and connected address differ");
        }
        send(packet.getData(), packet.getOffset(), packet.getLength(), to);
    }

    /**
     * Sends a run of datagrams to one destination (what UDP_SEGMENT is to Linux): one passage between the threads for all of them, and
     * one call of a device that can cut them, as a TAP interface can. They are on the wire as if they had been sent one by one.
     *
     * @param length bytes of all together, 0 .. 65,507
     * @param segmentSize bytes of each, the last excepted, which may be shorter
     */
    public void send(DirectBuffer src, int offset, int length, int segmentSize, Endpoint to) throws IOException {
        src.boundsCheck(offset, length);
        checkTarget(to);
        if (segmentSize < 1) {
            throw new IllegalArgumentException("a segment size must be at least 1: " + segmentSize);
        }
        sendLock.lock();
        try {
            put(src, offset, length, segmentSize, to);
        } finally {
            port.flush();
            sendLock.unlock();
        }
    }

    /** Sends all datagrams of a batch, by one passage between the threads; the batch stays as it is. */
    public void send(DatagramBatch batch) throws IOException {
        for (int i = 0; i < batch.size(); i++) {
            checkTarget(batch.endpoint(i));
        }
        sendLock.lock();
        try {
            for (int i = 0; i < batch.size(); i++) {
                put(batch.buffer(), batch.offset(i), batch.length(i), 0, batch.endpoint(i));
            }
        } finally {
            port.flush();
            sendLock.unlock();
        }
    }

    private Endpoint connectedPeer() throws SocketException {
        Endpoint peer = remote;
        if (peer == null) {
            throw new SocketException("Socket is not connected");
        }
        return peer;
    }

    private static void checkTarget(Endpoint to) {
        if (to.port() == 0) {
            throw new IllegalArgumentException("port out of range:0");
        }
    }

    private void sendLocked(DirectBuffer src, int offset, int length, Endpoint to) throws IOException {
        put(src, offset, length, 0, to);
        port.flush();
    }

    /** Puts a datagram, or a run of them if {@code segment} is not 0, into the queue; waits for room. */
    private void put(DirectBuffer src, int offset, int length, int segment, Endpoint to) throws IOException {
        if (length > MAX_DATA) {
            throw new SocketException("Message too long");
        }
        IpAddress a = to.address();
        int zone = stack.zones().index(to.zone());
        sendLength = length;
        while (true) {
            checkUsable(true);
            if (port.put(a.hi(), a.lo(), zone, to.port(), src, offset, length, segment)) {
                return;
            }
            port.flush(); // what was put before makes room
            stack.checkMayBlock();
            WaitPoint.Outcome outcome;
            if (port.isSendReady(length)) {
                outcome = sendPoint.await(never, 2 * NS_PER_MS); // the stack's memory is used up
            } else {
                port.wantWritable();
                outcome = sendPoint.await(sendReady, 0);
            }
            if (outcome == WaitPoint.Outcome.INTERRUPTED) {
                close();
                throw SocketErrors.closedByInterrupt();
            }
        }
    }

    private boolean isSendReady() {
        return closed || port.isSendReady(sendLength);
    }

    // --- receiving ---

    /**
     * Waits for a datagram; what does not fit is lost.
     *
     * @throws SocketTimeoutException "Receive timed out"
     * @throws java.net.PortUnreachableException connected, and an earlier datagram was answered so by the peer
     */
    public Received receive(MutableDirectBuffer dst, int offset, int length) throws IOException {
        dst.boundsCheck(offset, length);
        receiveLock.lock();
        try {
            return receiveLocked(dst, offset, length);
        } finally {
            receiveLock.unlock();
        }
    }

    /** As {@link #receive(MutableDirectBuffer, int, int)}. */
    public Received receive(byte[] dst, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, dst.length);
        receiveLock.lock();
        try {
            receiveView.wrap(dst);
            return receiveLocked(receiveView, offset, length);
        } finally {
            receiveView.wrap(0, 0);
            receiveLock.unlock();
        }
    }

    /** As {@link #receive(byte[], int, int)}. */
    public Received receive(byte[] dst) throws IOException {
        return receive(dst, 0, dst.length);
    }

    /** As {@link #receive(byte[], int, int)}, into what remains of {@code dst}, whose position moves. */
    public Received receive(ByteBuffer dst) throws IOException {
        receiveLock.lock();
        try {
            receiveView.wrap(dst);
            Received r = receiveLocked(receiveView, dst.position(), dst.remaining());
            dst.position(dst.position() + r.length());
            return r;
        } finally {
            receiveView.wrap(0, 0);
            receiveLock.unlock();
        }
    }

    /** As {@code java.net.DatagramSocket.receive}: sets the packet's length and origin. */
    public void receive(DatagramPacket packet) throws IOException {
        Received r = receive(packet.getData(), packet.getOffset(), packet.getLength());
        packet.setSocketAddress(r.from().toInetSocketAddress());
        packet.setLength(r.length());
    }

    /**
     * Waits for a datagram, and takes all that are there then, as far as the batch has room; what does not fit stays. One that is larger
     * than the whole batch is cut off.
     *
     * @return how many were added to the batch: at least one, or 0 if it was full
     * @throws SocketTimeoutException "Receive timed out"
     */
    public int receive(DatagramBatch batch) throws IOException {
        receiveLock.lock();
        try {
            int before = batch.size();
            if (!batch.hasRoom(0)) {
                return 0;
            }
            awaitDatagram();
            for (int next = port.nextLength();
                    next != DatagramPort.NOTHING && batch.hasRoom(next);
                    next = port.nextLength()) {
                Endpoint from = from();
                int room = batch.room();
                int whole = port.receive(batch.memory(), batch.used(), room);
                batch.put(Math.min(whole, room), whole > room, from);
            }
            return batch.size() - before;
        } finally {
            receiveLock.unlock();
        }
    }

    private Received receiveLocked(MutableDirectBuffer dst, int offset, int length) throws IOException {
        awaitDatagram();
        int whole = port.receive(dst, offset, length);
        return new Received(from(), Math.min(whole, length), whole > length);
    }

    private void awaitDatagram() throws IOException {
        long timeoutNs = soTimeoutMs * NS_PER_MS;
        while (true) {
            checkUsable(false);
            if (port.nextLength() != DatagramPort.NOTHING) {
                return;
            }
            stack.checkMayBlock();
            switch (receivePoint.await(receiveReady, timeoutNs)) {
                case TIMED_OUT -> throw new SocketTimeoutException("Receive timed out");
                case INTERRUPTED -> {
                    close();
                    throw SocketErrors.closedByInterrupt();
                }
                case MET -> {}
            }
        }
    }

    private Endpoint from() {
        Endpoint last = lastFrom;
        IpAddress a = last.address();
        boolean zoned = IpAddress.isLinkLocalV6(port.fromHi());
        if (zoned || a.lo() != port.fromLo() || a.hi() != port.fromHi() || last.port() != port.fromPort()) {
            IpAddress from = new IpAddress(port.fromHi(), port.fromLo());
            last = stack.zones().endpoint(from, port.fromInterface(), port.fromPort());
            lastFrom = last;
        }
        return last;
    }

    private boolean isReceiveReady() {
        return closed || port.isReceiveReady();
    }

    private void checkUsable(boolean sending) throws IOException {
        ensureOpen();
        if (port.isShardEnded()) {
            throw SocketErrors.stackClosed();
        }
        DatagramPort.Failure failure = sending ? port.takeSendFailure() : port.takeFailure();
        if (failure != null) {
            throw SocketErrors.ofDatagram(failure);
        }
    }

    private void ensureOpen() throws SocketException {
        if (closed) {
            throw SocketErrors.closed();
        }
    }

    // --- groups ---

    /** As {@link #join(IpAddress, int)}, where the routes lead. */
    public MulticastMembership join(IpAddress group) throws IOException {
        return join(group, -1);
    }

    /**
     * Joins a group: what is sent to it, by whomever, and to this socket's port is received from now on. Closing the socket leaves
     * it. Datagrams to groups that this socket has not joined are not received although other sockets have joined them (what
     * IP_MULTICAST_ALL off is to Linux, and as the JDK's sockets are), unless {@link #setMulticastAll} says otherwise.
     *
     * @param interfaceIndex where, {@link dev.penstock.stack.ip.IpInterface#index}; -1 where the routes lead
     * @throws IllegalArgumentException it is not a multicast address
     * @throws SocketException there is no such interface, it is a member already, or in too many groups
     */
    public MulticastMembership join(IpAddress group, int interfaceIndex) throws IOException {
        ensureOpen();
        return MulticastMembership.join(stack, port, group, interfaceIndex, null);
    }

    /** As {@link #join(IpAddress, int)}, only for what this source sends; may be called for several sources. */
    public MulticastMembership join(IpAddress group, int interfaceIndex, IpAddress source) throws IOException {
        ensureOpen();
        return MulticastMembership.join(stack, port, group, interfaceIndex, Objects.requireNonNull(source));
    }

    /** Whether datagrams to groups are received that only other sockets have joined (IP_MULTICAST_ALL); off unless told. */
    public void setMulticastAll(boolean on) throws SocketException {
        ensureOpen();
        port.multicastAll(on);
    }

    /** IP_MULTICAST_TTL, 0 .. 255: how far datagrams to groups get; 1, which is this link, unless told, 0 is this host. */
    public void setMulticastTimeToLive(int ttl) throws SocketException {
        if (ttl < 0 || ttl > 255) {
            throw new IllegalArgumentException("a TTL of multicasts must be in 0 .. 255: " + ttl);
        }
        ensureOpen();
        port.multicastTimeToLive(ttl);
    }

    /** IP_MULTICAST_LOOP: whether members on this host receive what is sent to groups from here; on unless told. */
    public void setMulticastLoop(boolean on) throws SocketException {
        ensureOpen();
        port.multicastLoop(on);
    }

    /** IP_MULTICAST_IF: by which interface datagrams to groups leave; -1, as unless told, where the routes lead. */
    public void setMulticastInterface(int interfaceIndex) throws SocketException {
        ensureOpen();
        port.multicastInterface(interfaceIndex);
    }

    // --- options and what is known ---

    /** How long a receive waits, milliseconds; 0 for ever. */
    public void setSoTimeout(int ms) throws SocketException {
        ensureOpen();
        soTimeoutMs = TcpSocketSettings.checkTimeout(ms);
    }

    public int getSoTimeout() throws SocketException {
        ensureOpen();
        return soTimeoutMs;
    }

    /** SO_BROADCAST, on unless told, as in the JDK. */
    public void setBroadcast(boolean on) throws SocketException {
        ensureOpen();
        port.broadcast(on);
    }

    /** IP_TOS, 0 .. 255. */
    public void setTrafficClass(int tc) throws SocketException {
        TcpSocketSettings.checkTrafficClass(tc);
        ensureOpen();
        port.trafficClass(tc);
    }

    /** IP_TTL, 1 .. 255. */
    public void setTimeToLive(int ttl) throws SocketException {
        TcpSocketSettings.checkTimeToLive(ttl);
        ensureOpen();
        port.timeToLive(ttl);
    }

    /** SO_RCVBUF, bytes; at least one datagram of the largest size fits in any case. */
    public void setReceiveBufferSize(int bytes) throws SocketException {
        ensureOpen();
        port.receiveBuffer(bytes);
    }

    /** SO_SNDBUF, bytes; at least one datagram of the largest size fits in any case. */
    public void setSendBufferSize(int bytes) throws SocketException {
        ensureOpen();
        port.sendBuffer(bytes);
    }

    /** Where it is bound. */
    public Endpoint getLocalAddress() {
        return new Endpoint(new IpAddress(port.localHi(), port.localLo()), boundZone, port.localPort());
    }

    public int getLocalPort() {
        return port.localPort();
    }

    /** The peer it is connected to, or null. */
    public Endpoint getRemoteAddress() {
        return remote;
    }

    /** Datagrams lost because nobody received them in time. */
    public long receiveDrops() {
        return port.receiveDrops();
    }

    public boolean isClosed() {
        return closed;
    }

    /** Closes; threads that wait get {@code SocketException("Socket closed")}. What was queued is still sent. */
    @Override
    public void close() {
        stateLock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
        } finally {
            stateLock.unlock();
        }
        stack.closed(this);
        receivePoint.signal();
        sendPoint.signal();
        sendLock.lock(); // a sender in the middle of its copy leaves first
        try {
            port.close();
        } finally {
            sendLock.unlock();
        }
    }
}
