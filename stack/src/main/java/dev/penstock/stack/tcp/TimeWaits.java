package dev.penstock.stack.tcp;

import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.SeqNum;
import dev.penstock.stack.base.SipHash;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.wire.TcpHeader;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * TIME-WAIT (RFC 9293, section 3.10.7.4; RFC 1337; RFC 6191; RFC 7323): small records in a table, and in a list by their
 * deadlines, which all are equally long. At the limit the oldest goes, and is counted. Shard thread.
 */
final class TimeWaits extends Deadline {
    /**
     * A FIN that comes again says that our acknowledgment was lost, and perhaps will be again; the next copy comes after up
     * to {@link TcpConfig#maxRtoNs}, 60 s, which is TIME-WAIT's own length. So the wait is three times as long from then
     * on, and of two copies in a row one may be lost at the peer's longest RTO, or its RTO be Linux's 120 s. Whoever is
     * not there any more answers with a reset, which a peer that still misses an acknowledgment takes for an error.
     */
    private static final int PERIODS_AFTER_FIN = 2;

    private final TcpLayer layer;
    private final TcpConfig config;
    private final PendingReplies replies;
    private final ConnectionTable<TimeWait> table;
    /** Records that stand for nobody now: as many as there ever were at once, see {@link TcpConfig#maxTimeWait}. */
    private final ArrayDeque<TimeWait> free = new ArrayDeque<>();

    private TimeWait oldest;
    private TimeWait newest;

    /**
     * @param replies where the acknowledgments wait for the flush
     */
    TimeWaits(TcpLayer layer, SipHash hash, PendingReplies replies) {
        this.layer = layer;
        this.config = layer.config;
        this.replies = replies;
        this.table = new ConnectionTable<>(hash, Integer.MAX_VALUE);
    }

    int size() {
        return table.size();
    }

    TimeWait find(long localHi, long localLo, int localPort, long remoteHi, long remoteLo, int remotePort, int by) {
        if (table.size() == 0) {
            return null;
        }
        return table.find(localHi, localLo, localPort, remoteHi, remoteLo, remotePort, by);
    }

    void forEach(Consumer<? super TimeWait> action) {
        for (TimeWait t = oldest; t != null; t = t.next) {
            action.accept(t);
        }
    }

    /** {@code c} has come to TIME-WAIT. Acknowledges what it owes an acknowledgment. */
    void add(Connection c, long nowNs) {
        TimeWait t = free.pollLast();
        if (t == null) {
            t = new TimeWait();
        }
        t.begin(c);
        t.handle = c.handle;
        c.handle.timeWait = t;
        t.deadlineNs = nowNs + config.timeWaitNs;
        table.add(t);
        append(t);
        if (c.acks.owed() > 0) {
            acknowledge(t, nowNs);
        }
        while (table.size() > config.maxTimeWait) {
            layer.counters.count(StackCounter.TCP_TIME_WAIT_OVERFLOWS);
            remove(oldest);
        }
    }

    /** Forgets {@code t}, unless it is forgotten already. */
    void remove(TimeWait t) {
        if (t.isOver()) {
            return;
        }
        t.end();
        table.remove(t);
        unlink(t);
        free.addLast(t);
        if (oldest == null) {
            layer.deadlines.cancel(this);
        }
    }

    @Override
    protected void onDeadline(long nowNs) {
        while (oldest != null && oldest.deadlineNs <= nowNs) {
            TimeWait t = oldest;
            if (t.periodsLeft > 0) {
                t.periodsLeft--;
                restart(t, nowNs);
            } else {
                remove(t);
            }
        }
        if (oldest != null) {
            layer.deadlines.schedule(this, oldest.deadlineNs);
        }
    }

    /**
     * RFC 6191, section 2, with RFC 9293, MAY-2: may this SYN take the place of {@code t}? Only if its timestamp, or
     * without timestamps its sequence number, shows that it is no old duplicate.
     */
    boolean reopens(TimeWait t, Segment s) {
        if (!s.has(TcpHeader.SYN) || s.has(TcpHeader.ACK | TcpHeader.RST | TcpHeader.FIN)) {
            return false;
        }
        boolean stamped = config.timestamps && s.hasTimestamps;
        if (stamped && !t.timestamps) {
            // "If the previous incarnation of the connection did not use TCP Timestamps, then: If TCP Timestamps would
            // be enabled for the new incarnation of the connection, honor the incoming connection request".
            return true;
        }
        if (stamped && s.tsVal != t.tsRecent) {
            return SeqNum.gt(s.tsVal, t.tsRecent);
        }
        // "... equal to the last timestamp seen on the previous incarnation ..., and the Sequence Number of the
        // incoming SYN segment is greater than the last sequence number seen"; the same without timestamps.
        return SeqNum.gt(s.seq, t.rcvNxt);
    }

    /** A segment that does not take the place of {@code t}. */
    void onSegment(TimeWait t, Segment s, long nowNs) {
        if (s.has(TcpHeader.RST)) {
            if (!config.timeWaitIgnoresResets && s.seq == t.rcvNxt) {
                // RFC 9293, section 3.10.7.4: "TIME-WAIT: If the RST bit is set, then enter the CLOSED state".
                remove(t);
                return;
            }
            // RFC 1337, section 3: "(F1) Ignore RST segments in TIME-WAIT state."
            layer.drop(DropReason.TCP_TIME_WAIT);
            return;
        }
        if (t.timestamps && !s.hasTimestamps && !s.has(TcpHeader.SYN)) {
            // RFC 7323, section 3.2: "a TCP SHOULD silently drop the segment".
            layer.drop(DropReason.TCP_OLD_TIMESTAMP);
            return;
        }
        if (s.has(TcpHeader.SYN)) {
            // RFC 5961, section 4.2: "irrespective of the sequence number, TCP MUST send an ACK".
            layer.drop(DropReason.TCP_BLIND_SYN);
            if (layer.challengeAckAllowed(nowNs)) {
                acknowledge(t, nowNs);
            }
            return;
        }
        if (t.timestamps && SeqNum.lt(s.tsVal, t.tsRecent)) {
            // An old duplicate (PAWS). "If an incoming segment is not acceptable, an acknowledgment should be sent".
            layer.drop(DropReason.TCP_OLD_TIMESTAMP);
            acknowledgeOld(t, nowNs);
            return;
        }
        if (s.has(TcpHeader.FIN) && s.end() == t.rcvNxt) {
            // "The only thing that can arrive in this state is a retransmission of the remote FIN. Acknowledge it, and
            // restart the 2 MSL timeout."
            if (t.timestamps) {
                t.tsRecent = s.tsVal;
            }
            restart(t, nowNs);
            t.periodsLeft = PERIODS_AFTER_FIN;
            layer.drop(DropReason.TCP_OUT_OF_WINDOW);
            acknowledge(t, nowNs);
            return;
        }
        boolean plausible = s.has(TcpHeader.ACK) && SeqNum.leq(s.ack, t.sndNxt);
        if (s.length() == 0 && s.seq == t.rcvNxt && (plausible || config.habits == TcpHabits.LINUX)) {
            return;
        }
        layer.drop(DropReason.TCP_OUT_OF_WINDOW);
        acknowledgeOld(t, nowNs);
    }

    /**
     * What is old is answered now and then only, whatever it carries: two confused ends must not acknowledge each other
     * for ever, and where the other end is gone already each answer provokes a reset. One answer tells all there is to
     * tell. The FIN of a peer that is still there is always answered.
     */
    private void acknowledgeOld(TimeWait t, long nowNs) {
        if (t.lastAckNs != Long.MIN_VALUE && nowNs - t.lastAckNs < config.outOfWindowAckIntervalNs) {
            layer.counters.count(StackCounter.TCP_TIME_WAIT_ACKS_LIMITED);
            return;
        }
        t.lastAckNs = nowNs;
        acknowledge(t, nowNs);
    }

    private void acknowledge(TimeWait t, long nowNs) {
        StatelessSegment r = replies.add();
        if (r == null) {
            return;
        }
        r.from(t, t.tos, t.ttl);
        r.seq = t.sndNxt;
        r.ack = t.rcvNxt;
        r.flags = TcpHeader.ACK;
        r.window = t.window;
        if (t.timestamps) {
            r.stamp(Negotiation.clock(nowNs) + t.timestampOffset, t.tsRecent);
        }
    }

    private void restart(TimeWait t, long nowNs) {
        unlink(t);
        t.deadlineNs = nowNs + config.timeWaitNs;
        append(t);
    }

    private void append(TimeWait t) {
        t.previous = newest;
        if (newest == null) {
            oldest = t;
        } else {
            newest.next = t;
        }
        newest = t;
        if (oldest == t) {
            layer.deadlines.schedule(this, t.deadlineNs);
        }
    }

    private void unlink(TimeWait t) {
        if (t.previous == null) {
            oldest = t.next;
        } else {
            t.previous.next = t.next;
        }
        if (t.next == null) {
            newest = t.previous;
        } else {
            t.next.previous = t.previous;
        }
        t.previous = null;
        t.next = null;
    }
}
