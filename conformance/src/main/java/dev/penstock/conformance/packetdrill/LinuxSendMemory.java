package dev.penstock.conformance.packetdrill;

import dev.penstock.stack.buffer.SendQueue;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpInfo;
import java.util.ArrayList;
import java.util.List;

/**
 * SO_SNDBUF as Linux reckons it: not in bytes of the stream but in buffers, each with its own overhead, which are filled, cut
 * where a transmission ended, and given back as a whole when they were acknowledged. A write that began in a buffer fills
 * it, so that more than the limit may be taken (tcp_sendmsg_locked()).
 */
final class LinuxSendMemory {
    /** What an empty buffer takes: struct sk_buff, its head with room for headers, and skb_shared_info. */
    static final int OVERHEAD = 832;
    /** sk_gso_max_size less the headers. */
    private static final int LARGEST_BUFFER = 65_215;
    /** Below this window nothing is halved. */
    private static final int SMALL_WINDOW = 536;

    private static final int LEAST_WINDOW_SEGMENTS = 10;
    /** MAX_TCP_HEADER and skb_shared_info around a segment in the estimate of tcp_sndbuf_expand(). */
    private static final int AROUND_SEGMENT = 256 + 320;

    private static final int SKB = 256;

    private final StreamDescriptor s;
    private final TcpInfo info = new TcpInfo();
    private final List<Buffer> buffers = new ArrayList<>();
    private long limit;
    private boolean expanded;
    private long una;
    private long nxt;
    /** The largest window that the peer has offered. */
    private long mostWindow;
    /** Somebody found no room, and is told when a third of it is free (SOCK_NOSPACE). */
    private boolean noSpace;
    /** The last write ended for want of room. */
    private boolean full;

    /** Stream positions of one struct sk_buff. */
    private static final class Buffer {
        private long start;
        private long end;
        private boolean closed;

        Buffer(long start, long end) {
            this.start = start;
            this.end = end;
        }
    }

    LinuxSendMemory(StreamDescriptor s) {
        this.s = s;
    }

    /** SO_SNDBUF as getsockopt tells it, bytes. */
    long limit() {
        if (s.settings.sendBuffer > 0) {
            return s.settings.sendBuffer;
        }
        return limit > 0 ? limit : s.host.memory().sendDefault;
    }

    /** Learns what was sent and acknowledged meanwhile. */
    void sync() {
        TcpConnection c = s.connection();
        if (c == null) {
            return;
        }
        SendQueue q = c.sendQueue();
        if (q.isClosed()) {
            buffers.clear();
            return;
        }
        c.info(info, s.clock());
        una = q.headPosition();
        nxt = q.tailPosition() - Math.max(0, info.bytesNotSent);
        mostWindow = Math.max(mostWindow, info.sendWindow);
        if (!expanded && s.wasConnected()) {
            expanded = true;
            expand();
        }
        for (int i = 0; i < buffers.size(); i++) {
            Buffer b = buffers.get(i);
            b.start = Math.max(b.start, una);
            if (b.start < nxt && nxt < b.end) {
                Buffer rest = new Buffer(nxt, b.end);
                rest.closed = b.closed;
                b.end = nxt;
                buffers.add(i + 1, rest);
            }
        }
        buffers.removeIf(b -> b.end <= b.start && b.end <= una);
    }

    /** tcp_sndbuf_expand(): twice what the congestion window needs. */
    private void expand() {
        long mss = Math.max(1, info.sendMss);
        long segment = Long.highestOneBit(mss + AROUND_SEGMENT - 1) * 2 + SKB;
        long segments = Math.max(LEAST_WINDOW_SEGMENTS, Math.max(0, info.cwnd) / mss);
        long wanted = Math.min(2 * segments * segment, s.host.memory().sendMost);
        limit = Math.max(limit(), wanted);
    }

    private long queued() {
        long sum = 0;
        for (Buffer b : buffers) {
            sum += b.end - b.start + OVERHEAD;
        }
        return sum;
    }

    private long notSent() {
        return s.connection() == null ? 0 : s.connection().sendQueue().tailPosition() - nxt;
    }

    /** {@code twice}: as poll asks, half as much may wait unsent. */
    private boolean isFree(boolean twice) {
        long low = s.settings.notSentLowat != 0 ? s.settings.notSentLowat & 0xffff_ffffL : s.host.memory().notSentLowat;
        return queued() < limit() && notSent() << (twice ? 1 : 0) < low;
    }

    /** sk_stream_is_writeable(): a third is free. If not, somebody wants to be told when it is. */
    boolean isWritable() {
        sync();
        boolean is = hasThird();
        noSpace |= !is;
        return is;
    }

    private boolean hasThird() {
        long used = queued();
        return limit() - used >= used >> 1 && isFree(true);
    }

    boolean isWaitedFor() {
        return noSpace;
    }

    boolean isFull() {
        return full;
    }

    /** After what happened to the connection: true if there is room now for somebody who waits. */
    boolean becameWritable() {
        sync();
        if (!noSpace) {
            return false;
        }
        if (s.settings.sendBuffer == 0 && info.bytesInFlight < info.cwnd) {
            expand();
        }
        if (!hasThird()) {
            return false;
        }
        noSpace = false;
        return true;
    }

    /** How much of {@code wanted} bytes is taken now; they count as written. */
    long take(long wanted) {
        sync();
        full = false;
        long goal = goal();
        long taken = 0;
        long at = s.connection().sendQueue().tailPosition();
        while (taken < wanted) {
            Buffer last = buffers.isEmpty() ? null : buffers.get(buffers.size() - 1);
            boolean open = last != null && last.start >= nxt && !last.closed && last.end - last.start < goal;
            if (!open) {
                if (!isFree(false)) {
                    noSpace = true;
                    full = true;
                    break;
                }
                last = new Buffer(at + taken, at + taken);
                buffers.add(last);
            }
            long n = Math.min(wanted - taken, goal - (last.end - last.start));
            last.end += n;
            taken += n;
            long left = wanted - taken;
            if (last.end - last.start == goal && queued() + left + (left / goal + 1) * OVERHEAD >= limit()) {
                // A full buffer goes out before the next one is asked for, which matters where room is scarce.
                break;
            }
        }
        return taken;
    }

    /** What was written last is the end of a record (MSG_EOR): nothing is added to its buffer. */
    void endRecord() {
        if (!buffers.isEmpty()) {
            buffers.get(buffers.size() - 1).closed = true;
        }
    }

    /** The last byte written before {@code position} and the one after it are in one buffer, not sent yet. */
    boolean isOpenAt(long position) {
        Buffer last = buffers.isEmpty() ? null : buffers.get(buffers.size() - 1);
        return last != null && position > last.start && position <= last.end && last.start >= nxt;
    }

    long acknowledged() {
        return una;
    }

    long sent() {
        return nxt;
    }

    private long goal() {
        long mss = Math.max(1, info.sendMss);
        long half = mostWindow > SMALL_WINDOW ? mostWindow / 2 : mostWindow;
        long most = half > 0 ? Math.min(LARGEST_BUFFER, half) : LARGEST_BUFFER;
        return Math.max(1, most / mss) * mss;
    }
}
