package dev.penstock.stack.tcp;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.Invariant;
import dev.penstock.stack.base.SeqNum;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.ReceiveQueue;
import dev.penstock.stack.wire.TcpHeader;
import org.agrona.DirectBuffer;

/** Takes in the segment text and the FIN (RFC 9293, section 3.10.7.4, seventh and eighth). */
final class ReceiveSide {
    /** Smaller segments are an application's choice, not that of a path or a peer. */
    private static final int LEAST_FULL_SEGMENT = 88;

    private final Connection c;
    private final ReceiveState rcv;
    private ReceiveQueue queue;
    private final Reassembler reassembler;
    private final ReceiveAutotuning autotuning;
    private final Counters counters;

    /** The application reads no more: bytes are acknowledged and thrown away. */
    private boolean discarding;
    /** The application is inside onData. */
    private boolean offering;
    /** It has called close there. */
    private boolean closeDue;

    /** The size of the segment before, 0 if it was the last of what the peer had to send. */
    private int lastUnit;

    private long bytesReceived;
    private long outOfOrderSegments;

    ReceiveSide(Connection c, Reassembler reassembler, Counters counters) {
        this.c = c;
        this.rcv = c.tcb.rcv;
        this.reassembler = reassembler;
        this.autotuning = new ReceiveAutotuning(c);
        this.counters = counters;
    }

    /** The connection's receive queue is another from now on. */
    void use(ReceiveQueue newQueue) {
        queue = newQueue;
        autotuning.use(newQueue);
    }

    /** Nothing waits for a gap to close. */
    boolean isInOrder() {
        return reassembler.isEmpty();
    }

    void onEstablished() {
        autotuning.onEstablished();
    }

    /** The application may have read: its memory is free again, and its speed tells how much to offer. */
    void onRead(long nowNs) {
        queue.reclaim();
        autotuning.onRead(nowNs);
    }

    /** Close called from within onData waits until it is known how much was used. */
    boolean closeLater() {
        closeDue |= offering;
        return offering;
    }

    private int offer(DirectBuffer buffer, int offset, int length, long nowNs) {
        TcpHandler handler = c.handler();
        if (handler == null) {
            return 0;
        }
        offering = true;
        int used = handler.onData(c.handle, buffer, offset, length, nowNs);
        offering = false;
        Invariant.check(used >= 0 && used <= length, "onData uses no more than there is", used, length);
        return used;
    }

    /** What was used in place has left the queue: a close from within can tell now what was not read. */
    private void offered(long nowNs) {
        if (closeDue) {
            closeDue = false;
            c.close(nowNs);
        }
    }

    /** What is out of order stays noted, for the peer was told; the bytes themselves are of no more use. */
    void discard() {
        discarding = true;
    }

    /** Nothing waits for the application. */
    boolean isAllRead() {
        return queue.size() == 0;
    }

    boolean isDiscarding() {
        return discarding;
    }

    /** Text and FIN of an acceptable segment, in a state in which the peer may send. */
    void onText(Segment s, long nowNs) {
        if (s.has(TcpHeader.FIN) && !rcv.finKnown) {
            rcv.finKnown = true;
            rcv.finSeq = s.seq + s.payloadLength;
        }
        trim(s);
        if (s.payloadLength > 0) {
            if (c.negotiation.ecn.onSegment(s)) {
                c.acks.ackNow();
            }
            if (s.seq == rcv.nxt) {
                inOrder(s, nowNs);
            } else {
                outOfOrder(s);
            }
        } else if (s.has(TcpHeader.FIN) && rcv.finKnown && rcv.finSeq != rcv.nxt) {
            c.acks.onOutOfOrder(s.seq);
        }
    }

    /**
     * "If the URG bit is set, RCV.UP <- max(RCV.UP,SEG.UP), and signal the user that the remote side has urgent data if the
     * urgent pointer (RCV.UP) is in advance of the data consumed" (RFC 9293, section 3.10.7.4, sixth). The data itself stays
     * in line (RFC 6093, section 5).
     */
    void onUrgent(Segment s) {
        if (discarding || queue.isClosed() || !c.state().canReceive()) {
            return;
        }
        long mark = queue.tailPosition() + SeqNum.distance(rcv.nxt, s.seq + s.urgentPointer);
        // MUST-32: "whenever it receives an urgent pointer and there was previously no pending urgent data, or whenever
        // the urgent pointer advances in the data stream".
        if (mark > queue.urgentMark()) {
            queue.urgentMark(mark);
            if (mark > queue.headPosition()) {
                c.signal(Upcalls.URGENT);
            }
        }
    }

    /** A segment outside the window, all of which was received before, or is an old duplicate of it, is answered. */
    void onDuplicate(Segment s) {
        int known = SeqNum.distance(s.seq, rcv.nxt);
        if (s.payloadLength > 0 && known >= s.payloadLength) {
            counters.count(StackCounter.TCP_DUPLICATE_DATA);
            c.acks.onDuplicate(s.seq, s.seq + s.payloadLength);
        } else {
            c.acks.ackNow();
        }
    }

    /** The peer's FIN was taken, the state is still the one before. */
    void acknowledgeFin(long nowNs) {
        TcpState state = c.state();
        boolean opening = state == TcpState.ESTABLISHED || state == TcpState.SYN_RECEIVED;
        if (!opening || !c.acks.mayDelayFin()) {
            c.acks.ackNow();
        } else if (!c.timers.isSet(ConnectionTimers.DELAYED_ACK)) {
            c.timers.set(ConnectionTimers.DELAYED_ACK, nowNs + c.config.delayedAckNs);
        }
    }

    /** True once, when everything before the peer's FIN has been received. */
    boolean takeFin() {
        if (!rcv.finKnown || rcv.finReceived || rcv.nxt != rcv.finSeq) {
            return false;
        }
        rcv.finReceived = true;
        rcv.nxt++;
        if (SeqNum.lt(rcv.adv, rcv.nxt)) {
            rcv.adv = rcv.nxt;
        }
        reassembler.clear();
        return true;
    }

    /** Cuts off what was received before and what lies beyond the window. */
    private void trim(Segment s) {
        int known = SeqNum.distance(s.seq, rcv.nxt);
        if (known > 0 && s.payloadLength > 0) {
            int n = Math.min(known, s.payloadLength);
            counters.count(StackCounter.TCP_DUPLICATE_DATA);
            c.acks.onDuplicate(s.seq, s.seq + n);
            s.trimFront(n);
        }
        int excess = SeqNum.distance(rcv.adv, s.seq + s.payloadLength);
        if (excess > 0) {
            s.payloadLength = Math.max(0, s.payloadLength - excess);
            c.acks.ackNow();
        }
        if (rcv.finKnown) {
            // Nothing comes after a FIN; a sender that says otherwise is not believed.
            int beyond = SeqNum.distance(rcv.finSeq, s.seq + s.payloadLength);
            s.payloadLength = Math.max(0, s.payloadLength - Math.max(0, beyond));
        }
    }

    private void inOrder(Segment s, long nowNs) {
        int length = s.payloadLength;
        measurePeerSegment(s);
        c.acks.onData(c.rtt.rtoNs(), nowNs);
        int taken = discarding ? length : deliver(s, length, nowNs);
        if (c.state() == TcpState.CLOSED) {
            // Aborted from within onData: no timer must be left behind.
            return;
        }
        rcv.nxt += taken;
        bytesReceived += taken;
        boolean hadGap = !reassembler.isEmpty();
        if (hadGap) {
            int through = reassembler.advance(rcv.nxt);
            int joined = SeqNum.distance(rcv.nxt, through);
            if (joined > 0) {
                rcv.nxt = through;
                bytesReceived += joined;
                if (!discarding) {
                    queue.commitTo(queue.tailPosition() + joined);
                    c.signal(Upcalls.READABLE);
                }
            }
        }
        autotuning.onData(s, nowNs);
        if (taken < length) {
            c.layer.drop(DropReason.CHUNK_POOL_EMPTY);
            c.acks.ackNow();
        }
        boolean late = c.acks.onInOrder(
                taken, c.options().delayedAck, hadGap, s.has(TcpHeader.PSH), discarding || queue.size() == 0);
        if (late && !c.timers.isSet(ConnectionTimers.DELAYED_ACK)) {
            c.timers.set(ConnectionTimers.DELAYED_ACK, nowNs + c.config.delayedAckNs);
        }
        offered(nowNs);
    }

    /**
     * The largest segment counts, until two in a row of one smaller size come that were not the last of what the peer had to
     * send: its MSS, or the path's, has become smaller. Linux looks at the same.
     */
    private void measurePeerSegment(Segment s) {
        int unit = Math.min(s.unitLength, c.negotiation.announcedMss());
        boolean joined = s.payloadLength > s.unitLength;
        boolean full = joined || !s.has(TcpHeader.PSH | TcpHeader.FIN) && s.payloadLength == s.unitLength;
        if (unit >= rcv.peerSegment || full && unit >= LEAST_FULL_SEGMENT && (joined || unit == lastUnit)) {
            rcv.peerSegment = unit;
        }
        lastUnit = full ? unit : 0;
    }

    /** Hands bytes to the application in place, and what it leaves to the queue. Returns how many found a place. */
    private int deliver(Segment s, int length, long nowNs) {
        int used = 0;
        if (queue.size() == 0 && !queue.isClosed()) {
            used = offer(s.buffer, s.payloadOffset, length, nowNs);
            if (used > 0) {
                queue.skip(used);
            }
        }
        int rest = length - used;
        if (rest == 0 || queue.isClosed()) {
            return length;
        }
        long tail = queue.tailPosition();
        int stored = queue.writeAt(tail, s.buffer, s.payloadOffset + used, rest);
        if (stored < rest && !reassembler.isEmpty()) {
            // No memory for the data that alone helps on: what waits behind it goes, though it was acknowledged
            // selectively. "The data receiver is permitted to discard data in its queue that has not been acknowledged
            // to the data sender, even if the data has already been reported in a SACK option" (RFC 2018, section 8).
            counters.count(StackCounter.TCP_SACK_RENEGED);
            reassembler.clear();
            queue.forgetBeyondTail();
            stored += queue.writeAt(tail + stored, s.buffer, s.payloadOffset + used + stored, rest - stored);
        }
        if (stored > 0) {
            queue.commitTo(tail + stored);
            c.signal(Upcalls.READABLE);
        }
        return used + stored;
    }

    /** Offers to the application, where they lie, the bytes that had to be queued: those that closed a gap, above all. */
    void offerQueued(long nowNs) {
        boolean all = true;
        int total = 0;
        while (all && !queue.isClosed() && queue.size() > 0) {
            long head = queue.headPosition();
            int n = ReceiveQueue.contiguous(head, queue.size());
            int used = offer(queue.bufferAt(head), ReceiveQueue.chunkOffset(head), n, nowNs);
            if (used > 0) {
                queue.discard(used);
                total += used;
            }
            all = used == n;
        }
        if (total > 0) {
            c.dataRead(nowNs);
        }
        offered(nowNs);
    }

    private void outOfOrder(Segment s) {
        outOfOrderSegments++;
        counters.count(StackCounter.TCP_OUT_OF_ORDER);
        int end = s.seq + s.payloadLength;
        int known = reassembler.firstOverlap(s.seq, end);
        if (known >= 0) {
            int from = SeqNum.max(s.seq, reassembler.start(known));
            int to = SeqNum.min(end, reassembler.end(known));
            counters.count(StackCounter.TCP_DUPLICATE_DATA);
            // Counted as out of order, too: without SACK it is answered by a duplicate acknowledgment either way.
            if (rcv.sack) {
                c.acks.onDuplicate(from, to);
            } else {
                c.acks.onOutOfOrder(s.seq);
            }
            if (from == s.seq && to == end) {
                return;
            }
        } else {
            c.acks.onOutOfOrder(s.seq);
        }
        if (c.layer.memory.refusesOutOfOrder(SeqNum.distance(rcv.nxt, end))) {
            c.layer.drop(DropReason.TCP_MEMORY_PRESSURE);
        } else if (!reassembler.hasRoomFor(s.seq, end)) {
            c.layer.drop(DropReason.TCP_REASSEMBLY_LIMIT);
        } else if (discarding || queue.isClosed()) {
            reassembler.add(s.seq, end);
        } else {
            store(s);
        }
    }

    private void store(Segment s) {
        if (c.layer.chunks.outstanding() >= c.layer.chunks.maxChunks() - c.layer.chunks.maxChunks() / 8) {
            // What waits for a gap to close is kept until it does, for the peer was told. If it took all memory, there
            // would be none for the bytes that close the gap: the last eighth is for data in order.
            c.layer.drop(DropReason.TCP_REASSEMBLY_MEMORY);
            return;
        }
        long position = queue.tailPosition() + SeqNum.distance(rcv.nxt, s.seq);
        int stored = queue.writeAt(position, s.buffer, s.payloadOffset, s.payloadLength);
        if (stored > 0) {
            // Only this is reported in SACK blocks: what is held.
            reassembler.add(s.seq, s.seq + stored);
        }
        if (stored < s.payloadLength) {
            c.layer.drop(DropReason.CHUNK_POOL_EMPTY);
        }
    }

    void info(TcpInfo into) {
        into.bytesReceived = bytesReceived;
        autotuning.info(into);
        into.outOfOrderSegments = outOfOrderSegments;
    }

    void clear() {
        reassembler.clear();
    }

    void carry(StateCarrier s) {
        discarding = s.flag(discarding);
        lastUnit = s.number(lastUnit);
        bytesReceived = s.number(bytesReceived);
        outOfOrderSegments = s.number(outOfOrderSegments);
        autotuning.carry(s);
    }
}
