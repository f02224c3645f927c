package dev.penstock.conformance.packetdrill;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * What a Linux socket tells on its error queue about what was sent: that buffers lent with MSG_ZEROCOPY are free again, and
 * when bytes went out or were acknowledged (SO_TIMESTAMPING).
 */
final class SendNotices {
    static final int TX_SOFTWARE = 1 << 1;
    static final int REPORT_SOFTWARE = 1 << 4;
    static final int OPT_ID = 1 << 7;
    static final int TX_SCHED = 1 << 8;
    static final int TX_ACK = 1 << 9;
    static final int OPT_TSONLY = 1 << 11;
    static final int OPT_ID_TCP = 1 << 16;

    /** SCM_TSTAMP_SND, _SCHED, _ACK. */
    private static final int SND = 0;

    private static final int SCHED = 1;
    private static final int ACK = 2;
    private static final int MOST = 1_024;

    private final StreamDescriptor s;
    private final LinuxSendMemory memory;
    /** SO_TIMESTAMPING. */
    private long flags;
    /** From where OPT_ID counts. */
    private long base;

    private long lent;
    private final ArrayDeque<Loan> loans = new ArrayDeque<>();
    private final List<Stamp> stamps = new ArrayList<>();
    private final ArrayDeque<QueuedError> errors = new ArrayDeque<>();

    private record Loan(long id, long end) {}

    private static final class Stamp {
        private final long end;
        private final long key;
        private long asked;

        Stamp(long end, long key, long asked) {
            this.end = end;
            this.key = key;
            this.asked = asked;
        }
    }

    SendNotices(StreamDescriptor s, LinuxSendMemory memory) {
        this.s = s;
        this.memory = memory;
    }

    boolean isEmpty() {
        return errors.isEmpty();
    }

    /** The oldest, which is taken away; null if there is none. */
    QueuedError poll() {
        return errors.poll();
    }

    long timestamping() {
        return flags;
    }

    Errno setTimestamping(long value) {
        if (value < 0 || value >= 1 << 19) {
            return Errno.EINVAL;
        }
        if ((value & OPT_ID_TCP) != 0 && (value & OPT_ID) == 0) {
            return Errno.EINVAL;
        }
        if ((value & OPT_ID) != 0 && (flags & OPT_ID) == 0) {
            if (s.connection() == null || s.connection().sendQueue().isClosed()) {
                return Errno.EINVAL;
            }
            memory.sync();
            base = (value & OPT_ID_TCP) != 0 ? s.connection().sendQueue().tailPosition() : memory.acknowledged();
        }
        flags = value;
        return null;
    }

    /** A call has written up to {@code end}; {@code tsFlags}: of SO_TIMESTAMPING, or what the call itself asked for. */
    void written(long begin, long end, Transfer t) {
        if (t.zeroCopy && end > begin) {
            loans.add(new Loan(lent++, end));
        }
        long asked = (flags & ~(TX_SOFTWARE | TX_SCHED | TX_ACK))
                | (t.stamps != 0 ? t.stamps : flags) & (TX_SOFTWARE | TX_SCHED | TX_ACK);
        if (end > begin && (asked & (TX_SOFTWARE | TX_SCHED | TX_ACK)) != 0) {
            // One buffer has one key: that of its last byte.
            stamps.removeIf(x -> x.end > memory.sent() && memory.isOpenAt(x.end));
            stamps.add(new Stamp(end, (flags & OPT_ID) != 0 ? end - 1 - base : 0, asked));
        }
    }

    /** After what happened to the connection: true if there is something new to be told. */
    boolean observe() {
        boolean told = false;
        while (!loans.isEmpty() && loans.peek().end <= memory.acknowledged()) {
            Loan l = loans.poll();
            QueuedError last = errors.peekLast();
            // "skb_zerocopy_notify_extend()": what follows on is told at once.
            if (last != null && last.origin() == QueuedError.ZEROCOPY && last.data() + 1 == l.id) {
                errors.pollLast();
                errors.add(QueuedError.zeroCopy(last.info(), l.id));
            } else {
                add(QueuedError.zeroCopy(l.id, l.id));
            }
            told = true;
        }
        for (Iterator<Stamp> it = stamps.iterator(); it.hasNext(); ) {
            Stamp x = it.next();
            if (x.end <= memory.sent()) {
                told |= tell(x, TX_SCHED, SCHED);
                told |= tell(x, TX_SOFTWARE, SND);
            }
            if (x.end <= memory.acknowledged()) {
                told |= tell(x, TX_ACK, ACK);
            }
            if ((x.asked & (TX_SCHED | TX_SOFTWARE | TX_ACK)) == 0) {
                it.remove();
            }
        }
        return told;
    }

    private boolean tell(Stamp x, int flag, int type) {
        if ((x.asked & flag) == 0) {
            return false;
        }
        x.asked &= ~flag;
        boolean reported = (flags & REPORT_SOFTWARE) != 0;
        add(QueuedError.timestamp(type, x.key, reported ? s.host.nowNs() : -1));
        return true;
    }

    private void add(QueuedError e) {
        if (errors.size() < MOST) {
            errors.add(e);
        }
    }
}
