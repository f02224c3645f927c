package dev.penstock.stack.tcp;

import dev.penstock.stack.base.SeqNum;
import dev.penstock.stack.buffer.SendQueue;

/**
 * How much may be sent now: congestion window, the peer's window, silly-window avoidance (RFC 9293, section
 * 3.8.6.2.1) and the Nagle algorithm (section 3.7.4) with Minshall's refinement. Pure; sends nothing.
 */
final class SendPolicy {
    private final SendState snd;
    private final TcpConfig config;
    private SendQueue queue;
    private final Cork cork;

    /** The last answer of 0 was for want of congestion window. */
    private boolean cwndLimited;

    SendPolicy(SendState snd, SendQueue queue, Cork cork, TcpConfig config) {
        this.config = config;
        this.cork = cork;
        this.snd = snd;
        this.queue = queue;
    }

    /** The connection's send queue is another from now on. */
    void use(SendQueue newQueue) {
        queue = newQueue;
    }

    /** Bytes queued from SND.NXT on, the FIN not counted. */
    long available() {
        return availableFrom(snd.positionOf(snd.nxt));
    }

    /** Bytes queued from this stream position on, the FIN not counted. */
    long availableFrom(long position) {
        return Math.min(queue.tailPosition(), snd.finPosition) - position;
    }

    /**
     * The application may have set the mark and written while segments go out: to be called between the look at what is
     * queued and the sending of it.
     *
     * @return it has moved the mark
     */
    boolean takeUrgentMark() {
        long mark = queue.urgentMark();
        boolean moved = mark > snd.up;
        snd.up = mark;
        return moved;
    }

    boolean cwndLimited() {
        return cwndLimited;
    }

    /**
     * Payload bytes to send from SND.NXT, 0 for none.
     *
     * @param byCwnd what the congestion window has room for
     * @param largest the most that one frame takes, at least one MSS
     * @param record bytes until the end of a record, beyond which this segment must not go
     */
    int sendable(long byCwnd, int largest, int record, boolean noDelay) {
        cwndLimited = false;
        long data = available();
        if (data <= 0) {
            return 0;
        }
        long byWnd = snd.wnd - snd.inFlight();
        long usable = Math.min(byCwnd, byWnd);
        if (usable <= 0) {
            cwndLimited = byCwnd <= byWnd;
            return 0;
        }
        int length = (int) Math.min(Math.min(data, usable), Math.min(largest, record));
        if (length == record && length < data) {
            // Nothing can join it any more, so there is nothing to wait for.
            return length;
        }
        int tail = length % snd.mss;
        if (tail == 0 || length == data && tailMayGo(noDelay)) {
            return length;
        }
        if (length > tail) {
            // Linux fills the window that ends within a segment (tcp_mss_split_point()).
            boolean fills = config.habits == TcpHabits.LINUX && length == byWnd && length < data && tailMayGo(noDelay);
            return fills ? length : length - tail;
        }
        cwndLimited = byCwnd < byWnd && length < data;
        return smallMayGo(length, data, byWnd) ? length : 0;
    }

    /** Do both windows have room for {@code length} bytes more? */
    boolean hasRoomFor(int length, long byCwnd) {
        return length <= byCwnd && length <= snd.wnd - snd.inFlight();
    }

    /** Would both windows have room for {@code length} bytes and a segment behind it, if all was acknowledged? */
    boolean canHold(int length, long cwnd) {
        return length + snd.mss <= Math.min(cwnd, snd.wnd);
    }

    /**
     * How much of a lost segment to send again, 0 for none: whole segments, and the rest with them.
     *
     * @param length its sequence space
     * @param usable what the windows have room for
     */
    int again(int length, long usable, int largest) {
        if (length <= snd.mss) {
            return length <= usable ? length : 0;
        }
        int n = (int) Math.min(Math.min(length, usable), largest);
        return n == length ? n : Math.max(0, n - n % snd.mss);
    }

    /** May the last, less than full-sized segment of what is queued go out? */
    private boolean tailMayGo(boolean noDelay) {
        // The last data before a FIN is not held back, and nothing is in urgent mode.
        if (snd.finQueued() || snd.isUrgent() || cork.pushes()) {
            return true;
        }
        if (cork.holds()) {
            return false;
        }
        if (noDelay) {
            return true;
        }
        // "If there is unacknowledged data (i.e., SND.NXT > SND.UNA), then the sending TCP endpoint buffers all user
        // data until the outstanding data has been acknowledged or until it can send a full-sized segment." Minshall:
        // only small segments that are outstanding make a small one wait.
        return SeqNum.leq(snd.sml, snd.una);
    }

    /** Less than a segment, because window or cwnd allow no more although more is queued. */
    private boolean smallMayGo(int length, long data, long byWnd) {
        // (3) "SND.NXT = SND.UNA and min(D, U) >= Fs * Max(SND.WND)", with Fs = 1/2.
        return length < data && snd.nxt == snd.una && byWnd > 0 && length >= snd.maxWnd / 2;
    }

    void carry(StateCarrier s) {
        cwndLimited = s.flag(cwndLimited);
    }
}
