package dev.penstock.stack.tcp;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.SeqNum;
import dev.penstock.stack.base.SipHash;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.ChunkPool;
import dev.penstock.stack.ip.IcmpError;
import dev.penstock.stack.ip.IpOutput;
import dev.penstock.stack.ip.IpPacket;
import dev.penstock.stack.ip.IpPath;
import dev.penstock.stack.ip.TransportHandler;
import dev.penstock.stack.timer.DeadlineQueue;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.TcpHeader;
import dev.penstock.stack.wire.Wire;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.function.Consumer;

/** TCP of one shard: the table of connections, the listeners, and the walk over what is to be sent. Shard thread. */
public final class TcpLayer implements Tcp, TransportHandler {
    /** Handlers that answer each other on one shard could go on for ever; the rest waits for the next flush. */
    private static final int MAX_ROUNDS = 4;
    /** Bookkeeping of segments that are acknowledged is kept for the next ones, so many at most. */
    private static final int POOLED_SEGMENTS = 65_536;

    /** Fewer measurements say nothing about a path. */
    private static final int LEAST_SAMPLES = 4;

    final TcpConfig config;
    final IpOutput ip;
    final DeadlineQueue deadlines;
    final RandomSource random;
    final Counters counters;
    final ChunkPool chunks;
    final SegmentWriter writer;
    final SentSegmentPool sentSegments = new SentSegmentPool(POOLED_SEGMENTS);
    final Delivery delivery = new Delivery();
    final AckSample sample = new AckSample();

    final ConnectionPool pool;
    private final ConnectionTable<ConnectionHandle> table;
    private final IssGenerator iss;
    private final PendingReplies resets;
    private final PendingReplies timeWaitAcks;
    final MemoryPressure memory;
    private final TcbCache shared;
    private final PendingReplies cookieReplies;
    final SynCookies cookies;
    private final TimeWaits timeWaits;
    private final ChallengeLimit challenges;
    private final Segment segment = new Segment();
    private final StatelessSegment resetOfConnection = new StatelessSegment();
    private final Listeners listeners;
    private final ArrayDeque<Listener> acceptable = new ArrayDeque<>();
    private Connection[] dirty = new Connection[64];
    private int dirtyCount;
    private Connection[] visiting = new Connection[64];
    private Connection[] blocked = new Connection[16];
    private int blockedCount;
    private TcpError lastError;
    /** Connections that applications have closed and that are still in the table. */
    private int orphans;
    /** When the last flush was. */
    private long lastFlushNs;

    /**
     * @param ip where segments go
     * @param deadlines the shard's
     * @param random keys, initial sequence numbers and ports come from here
     * @param chunks the memory of all send and receive queues
     */
    public TcpLayer(
            TcpConfig config,
            IpOutput ip,
            DeadlineQueue deadlines,
            RandomSource random,
            Counters counters,
            ChunkPool chunks) {
        this.config = config;
        this.ip = ip;
        this.deadlines = deadlines;
        this.random = random;
        this.counters = counters;
        this.chunks = chunks;
        this.writer = new SegmentWriter(ip, counters, config.synOptions);
        this.table = new ConnectionTable<>(SipHash.keyedFrom(random), config.maxConnections);
        this.iss = new IssGenerator(SipHash.keyedFrom(random), SipHash.keyedFrom(random), SipHash.keyedFrom(random));
        this.listeners = new Listeners(config);
        this.challenges = new ChallengeLimit(config, random, counters);
        this.resets = new PendingReplies(config.maxPendingResets, DropReason.TCP_RESET_LIMITED, counters);
        this.timeWaitAcks = new PendingReplies(config.maxPendingAcks, DropReason.TCP_ACK_LIMITED, counters);
        this.memory = new MemoryPressure(config, chunks, counters);
        this.shared = new TcbCache(config.tcbCacheEntries, config.tcbCacheLifeNs, SipHash.keyedFrom(random), counters);
        this.cookies = new SynCookies(SipHash.keyedFrom(random));
        this.cookieReplies = new PendingReplies(config.maxPendingCookies, DropReason.TCP_COOKIE_LIMITED, counters);
        this.timeWaits = new TimeWaits(this, SipHash.keyedFrom(random), timeWaitAcks);
        this.pool = new ConnectionPool(this);
    }

    // --- from below ---

    @Override
    public void onPacket(IpPacket packet, long nowNs) {
        counters.count(StackCounter.TCP_IN_SEGS);
        if (packet.toGroup) {
            // "A TCP implementation MUST silently discard an incoming SYN segment that is addressed to a broadcast or
            // multicast address" (MUST-57).
            drop(DropReason.TCP_NOT_UNICAST);
            return;
        }
        DropReason bad = TcpHeader.check(packet.buffer, packet.payloadOffset, packet.payloadLength);
        if (bad == null && !packet.checksumTrusted && !checksumIsRight(packet)) {
            bad = DropReason.TCP_BAD_CHECKSUM;
        }
        if (bad != null) {
            drop(bad);
            return;
        }
        Segment s = segment;
        s.parse(packet);
        if (s.localPort == 0 || s.remotePort == 0) {
            drop(DropReason.TCP_BAD_PORT);
            return;
        }
        ConnectionHandle h =
                table.find(s.localHi, s.localLo, s.localPort, s.remoteHi, s.remoteLo, s.remotePort, s.interfaceIndex);
        if (h != null) {
            h.parts().onSegment(s, nowNs);
        } else {
            onUnconnected(s, nowNs);
        }
    }

    /** A segment for no connection: one in TIME-WAIT, a listener, or nobody. */
    private void onUnconnected(Segment s, long nowNs) {
        TimeWait t = timeWaits.find(
                s.localHi, s.localLo, s.localPort, s.remoteHi, s.remoteLo, s.remotePort, s.interfaceIndex);
        Listener listener = listeners.find(s);
        if (t == null) {
            if (listener != null) {
                listener.onSegment(s, 0, false, nowNs);
            } else {
                onClosed(s);
            }
        } else if (listener != null && listener.hasRoom() && timeWaits.reopens(t, s)) {
            // "...the new initial sequence number is larger than the largest sequence number it used on the previous
            // connection incarnation" (RFC 9293, MAY-2).
            int next = iss.next(s.localHi, s.localLo, s.localPort, s.remoteHi, s.remoteLo, s.remotePort, nowNs);
            int least = t.sndNxt + 65_537;
            timeWaits.remove(t);
            counters.count(StackCounter.TCP_TIME_WAIT_RECYCLED);
            listener.onSegment(s, SeqNum.max(next, least), true, nowNs);
        } else {
            timeWaits.onSegment(t, s, nowNs);
        }
    }

    private static boolean checksumIsRight(IpPacket p) {
        int pseudo = InternetChecksum.pseudoHeader(p.srcHi, p.srcLo, p.dstHi, p.dstLo, IpProtocol.TCP, p.payloadLength);
        int sum = InternetChecksum.sum(p.buffer, p.payloadOffset, p.payloadLength);
        return InternetChecksum.isValid(InternetChecksum.add(pseudo, sum));
    }

    /** RFC 9293, section 3.10.7.1: state CLOSED. */
    private void onClosed(Segment s) {
        drop(DropReason.TCP_NO_SOCKET);
        // "An incoming segment containing a RST is discarded. An incoming segment not containing a RST causes a RST to
        // be sent in response."
        if (!s.has(TcpHeader.RST)) {
            replyReset(s);
        }
    }

    @Override
    public void onIcmpError(IcmpError error, long nowNs) {
        int localPort = Wire.u16(error.buffer, error.quoteOffset);
        int remotePort = Wire.u16(error.buffer, error.quoteOffset + 2);
        ConnectionHandle h = table.find(
                error.localHi, error.localLo, localPort, error.remoteHi, error.remoteLo, remotePort, error.zone);
        if (h == null) {
            drop(DropReason.ICMP_UNMATCHED);
            return;
        }
        h.parts().pathTrouble.onIcmpError(error, Wire.i32(error.buffer, error.quoteOffset + 4), nowNs);
    }

    /** Connections from an address that we have no longer end: nothing gets out from it, a reset neither. */
    @Override
    public void onAddressRemoved(long hi, long lo, long nowNs) {
        table.forEach(h -> {
            if (h.localHi() == hi && h.localLo() == lo) {
                Connection c = h.parts();
                c.fail(TcpError.ADDRESS_NOT_AVAILABLE, nowNs);
                markDirty(c);
            }
        });
    }

    // --- from above ---

    @Override
    public TcpError errorOfLastCall() {
        return lastError;
    }

    @Override
    public TcpAcceptor listen(
            long localHi, long localLo, int localPort, int backlog, TcpOptions options, TcpAcceptHandler handler) {
        options.check();
        checkPort(localPort);
        boolean any = IpAddress.isAny(localHi, localLo);
        if (!any && !ip.isLocalAddress(localHi, localLo) && !IpAddress.isLoopback(localHi, localLo)) {
            lastError = TcpError.ADDRESS_NOT_AVAILABLE;
            return null;
        }
        if (listeners.size() >= config.maxListeners) {
            lastError = TcpError.NO_RESOURCES;
            return null;
        }
        int port = localPort != 0 ? localPort : listeners.freePort(random);
        if (port == 0
                || listeners.conflicts(port, localHi, localLo, options.interfaceIndex)
                || !options.reuseAddress && isBound(localHi, localLo, port)) {
            lastError = TcpError.ADDRESS_IN_USE;
            return null;
        }
        Listener l = new Listener(this, localHi, localLo, port, Math.max(1, backlog), options, handler);
        listeners.add(l);
        return l;
    }

    private static void checkPort(int port) {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("a local port must be in 0 .. 65535, 0 to have one chosen: " + port);
        }
    }

    /** A connection, perhaps in TIME-WAIT, has the local port: without SO_REUSEADDR no listener gets it. */
    private boolean isBound(long hi, long lo, int port) {
        boolean any = IpAddress.isAny(hi, lo);
        boolean[] found = new boolean[1];
        Consumer<ConnectionTable.Entry> look =
                e -> found[0] |= e.localPort() == port && (any || e.localHi() == hi && e.localLo() == lo);
        table.forEach(look::accept);
        timeWaits.forEach(look);
        return found[0];
    }

    @Override
    public TcpConnection connect(
            long localHi,
            long localLo,
            int localPort,
            long remoteHi,
            long remoteLo,
            int remotePort,
            TcpOptions options,
            TcpHandler handler,
            long nowNs) {
        options.check();
        checkPort(localPort);
        boolean unicast = !IpAddress.isMulticast(remoteHi, remoteLo)
                && !IpAddress.isAny(remoteHi, remoteLo)
                && !ip.isBroadcast(remoteHi, remoteLo);
        if (!unicast || remotePort <= 0 || remotePort > 65_535) {
            // "A TCP implementation MUST reject as an error a local OPEN call for an invalid remote IP address (e.g., a
            // broadcast or multicast address)" (MUST-46).
            lastError = TcpError.NET_UNREACHABLE;
            return null;
        }
        IpPath path = ip.path(localHi, localLo, remoteHi, remoteLo, options.interfaceIndex, nowNs);
        if (path == null) {
            lastError = TcpError.NET_UNREACHABLE;
            return null;
        }
        int zone = path.zone();
        long srcHi = path.srcHi();
        long srcLo = path.srcLo();
        path.release();
        int port = localPort != 0 ? localPort : freePort(srcHi, srcLo, remoteHi, remoteLo, remotePort, zone);
        if (port == 0 || isTaken(srcHi, srcLo, port, remoteHi, remoteLo, remotePort, zone)) {
            lastError = TcpError.ADDRESS_IN_USE;
            return null;
        }
        Connection c = create(srcHi, srcLo, port, remoteHi, remoteLo, remotePort, zone, options, handler, null, nowNs);
        if (c == null) {
            return null;
        }
        counters.count(StackCounter.TCP_ACTIVE_OPENS);
        c.open(chooseIss(c, nowNs), nowNs);
        return c.handle;
    }

    /** RFC 6056, section 3.3.4: a search from a keyed offset; a port that a listener has is passed over. */
    private int freePort(long srcHi, long srcLo, long remoteHi, long remoteLo, int remotePort, int zone) {
        int range = config.ephemeralPortLast - config.ephemeralPortFirst + 1;
        int start = iss.portOffset(srcHi, srcLo, remoteHi, remoteLo, remotePort, range);
        for (int i = 0; i < range; i++) {
            int port = config.ephemeralPortFirst + (start + i) % range;
            if (!isTaken(srcHi, srcLo, port, remoteHi, remoteLo, remotePort, zone) && !listeners.isUsed(port)) {
                return port;
            }
        }
        return 0;
    }

    private boolean isTaken(
            long localHi, long localLo, int localPort, long remoteHi, long remoteLo, int remotePort, int zone) {
        return table.find(localHi, localLo, localPort, remoteHi, remoteLo, remotePort, zone) != null
                || timeWaits.find(localHi, localLo, localPort, remoteHi, remoteLo, remotePort, zone) != null;
    }

    /** A connection in the table, not yet opened, by the interface {@code zone} or any; null, and why, at a limit or without a route. */
    Connection create(
            long localHi,
            long localLo,
            int localPort,
            long remoteHi,
            long remoteLo,
            int remotePort,
            int zone,
            TcpOptions options,
            TcpHandler handler,
            Listener listener,
            long nowNs) {
        IpPath path = ip.path(localHi, localLo, remoteHi, remoteLo, zone, nowNs);
        if (path == null) {
            lastError = TcpError.NET_UNREACHABLE;
            return null;
        }
        if (table.isFull()) {
            path.release();
            lastError = TcpError.NO_RESOURCES;
            return null;
        }
        Connection c = pool.begin(path, localPort, remotePort, options, handler, listener);
        table.add(c.handle);
        int known = config.tcbSharing ? shared.find(remoteHi, remoteLo, nowNs) : -1;
        if (known >= 0) {
            counters.count(StackCounter.TCP_TCB_CACHE_HITS);
            c.rtt.seed(shared.srttNs(known), shared.rttvarNs(known));
        }
        if (config.tracer != null) {
            c.trace(config.tracer.trace(c.handle, nowNs));
        }
        return c;
    }

    int chooseIss(Connection c, long nowNs) {
        return iss.next(c.localHi(), c.localLo(), c.localPort(), c.remoteHi(), c.remoteLo(), c.remotePort(), nowNs);
    }

    /** The timestamp of a connection that {@code s} would make. */
    int timestamp(Segment s, long nowNs) {
        return Negotiation.clock(nowNs)
                + iss.timestampOffset(s.localHi, s.localLo, s.localPort, s.remoteHi, s.remoteLo, s.remotePort);
    }

    int timestampOffset(Connection c) {
        return iss.timestampOffset(c.localHi(), c.localLo(), c.localPort(), c.remoteHi(), c.remoteLo(), c.remotePort());
    }

    // --- from connections ---

    void markDirty(Connection c) {
        if (c.dirty) {
            return;
        }
        c.dirty = true;
        if (dirtyCount == dirty.length) {
            dirty = Arrays.copyOf(dirty, dirtyCount * 2);
        }
        dirty[dirtyCount++] = c;
    }

    /** Counts the packet that is being taken in as dropped, and shows it to captures. */
    void drop(DropReason reason) {
        ip.drop(reason);
    }

    /**
     * RFC 9293, section 3.5.2: "If the incoming segment has the ACK bit set, the reset takes its sequence number from the
     * ACK field of the segment; otherwise, the reset has sequence number zero and the ACK field is set to the sum of the
     * sequence number and segment length of the incoming segment."
     */
    void replyReset(Segment s) {
        StatelessSegment r = resets.add();
        if (r == null) {
            return;
        }
        r.answer(s, config.defaults);
        boolean ack = s.has(TcpHeader.ACK);
        r.seq = ack ? s.ack : 0;
        r.ack = ack ? 0 : s.end();
        r.flags = ack ? TcpHeader.RST : TcpHeader.RST | TcpHeader.ACK;
        r.tos = 0;
    }

    /** A place for a SYN-ACK with a cookie, or null, and counted, if too many wait. */
    StatelessSegment cookieReply() {
        return cookieReplies.add();
    }

    /** The reset that ends {@code c}; valid until the next call. */
    StatelessSegment resetOf(Connection c, long nowNs) {
        StatelessSegment r = resetOfConnection.from(c.handle, c.options().tos, c.options().ttl);
        r.seq = c.tcb.snd.acceptableSeq();
        r.ack = c.tcb.rcv.nxt;
        r.flags = TcpHeader.RST | TcpHeader.ACK;
        if (c.tcb.rcv.timestamps) {
            // RFC 7323, section 3.2: "... and SHOULD be sent in an <RST> segment".
            r.stamp(c.negotiation.timestamp(nowNs), c.tcb.rcv.tsRecent);
        }
        return r;
    }

    void tellLater(Listener l) {
        if (!l.tellDue) {
            l.tellDue = true;
            acceptable.addLast(l);
        }
    }

    /** RFC 5961, section 7: challenge ACKs are limited for the stack as a whole. */
    boolean challengeAckAllowed(long nowNs) {
        return challenges.allows(nowNs);
    }

    /** {@code c} has come to TIME-WAIT: a small record takes its place, and acknowledges what {@code c} owes. */
    void enterTimeWait(Connection c, long nowNs) {
        timeWaits.add(c, nowNs);
    }

    /** The application has closed {@code c}; false if it must be reset, for there are too many like it. */
    boolean addOrphan() {
        orphans++;
        if (orphans <= config.maxOrphans && !memory.isHigh()) {
            return true;
        }
        counters.count(StackCounter.TCP_ORPHANS_ABORTED);
        return false;
    }

    int orphans() {
        return orphans;
    }

    /** {@code c} is established and no SYN was lost: it may know what others have found. */
    void shareWith(CongestionControl cc, Connection c, long nowNs) {
        int known =
                config.tcbSharing && config.tcbSharingSsthresh ? shared.find(c.remoteHi(), c.remoteLo(), nowNs) : -1;
        if (known >= 0) {
            cc.onShared(shared.ssthresh(known));
        }
    }

    /** Others may use what {@code c} has found out; false if that is too little yet. */
    boolean save(Connection c) {
        if (!config.tcbSharing || c.rtt.samples() < LEAST_SAMPLES) {
            return false;
        }
        shared.save(c.remoteHi(), c.remoteLo(), c.rtt.srttNs(), c.rtt.rttvarNs(), c.cc.ssthresh(), lastFlushNs);
        return true;
    }

    void endTimeWait(TimeWait t) {
        timeWaits.remove(t);
    }

    /** The connection is over: nothing finds it any more. */
    void onClosed(Connection c) {
        table.remove(c.handle);
        save(c);
        if (c.isOrphan()) {
            orphans--;
        }
        if (c.listener() != null) {
            c.listener().onClosed(c);
        }
    }

    void removeListener(Listener l) {
        listeners.remove(l);
    }

    void abortUnaccepted(Listener l, long nowNs) {
        table.forEach(h -> {
            if (h.listener == l && !h.wasAccepted()) {
                h.abort(nowNs);
            }
        });
    }

    // --- the flush ---

    @Override
    public boolean hasPending() {
        return dirtyCount > 0
                || blockedCount > 0
                || !resets.isEmpty()
                || !timeWaitAcks.isEmpty()
                || !cookieReplies.isEmpty()
                || !acceptable.isEmpty();
    }

    @Override
    public int flush(long nowNs) {
        int visited = 0;
        lastFlushNs = nowNs;
        memory.watch();
        memory.reclaim(table, nowNs);
        for (int i = 0; i < blockedCount; i++) {
            Connection c = blocked[i];
            blocked[i] = null;
            markDirty(c);
        }
        blockedCount = 0;
        for (int round = 0; round < MAX_ROUNDS && (dirtyCount > 0 || !acceptable.isEmpty()); round++) {
            visited += flushOnce(nowNs);
        }
        if (!resets.isEmpty()) {
            resets.flush(ip, writer, nowNs);
        }
        if (!timeWaitAcks.isEmpty()) {
            timeWaitAcks.flush(ip, writer, nowNs);
        }
        if (!cookieReplies.isEmpty()) {
            cookieReplies.flush(ip, writer, nowNs);
        }
        return visited;
    }

    private int flushOnce(long nowNs) {
        Connection[] list = dirty;
        int count = dirtyCount;
        dirty = visiting;
        dirtyCount = 0;
        visiting = list;
        for (int i = 0; i < count; i++) {
            Connection c = list[i];
            c.dirty = false;
            if (c.transmit(nowNs)) {
                block(c);
            }
        }
        for (int i = 0; i < count; i++) {
            Connection c = list[i];
            list[i] = null;
            c.tell(nowNs);
            pool.touch(c);
            pool.considerEnd(c);
        }
        while (!acceptable.isEmpty()) {
            Listener l = acceptable.pollFirst();
            l.tellDue = false;
            if (l.acceptable() > 0) {
                l.handler.onAcceptable(l, nowNs);
            }
        }
        return count;
    }

    private void block(Connection c) {
        if (blockedCount == blocked.length) {
            blocked = Arrays.copyOf(blocked, blockedCount * 2);
        }
        blocked[blockedCount++] = c;
    }

    /** When the last flush was. */
    long lastFlushNs() {
        return lastFlushNs;
    }

    @Override
    public int connections() {
        return table.size() + timeWaits.size();
    }

    /** Throws if any connection's parts contradict each other; for tests. */
    public void checkInvariants() {
        table.forEach(h -> {
            if (h.parts != null) {
                h.parts.checkInvariants();
            }
        });
    }
}
