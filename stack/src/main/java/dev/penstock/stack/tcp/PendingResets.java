package dev.penstock.stack.tcp;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.ip.IpOutput;
import dev.penstock.stack.ip.IpPath;
import dev.penstock.stack.wire.TcpHeader;

/** Answers to segments that belong to no connection: input never emits, so they wait here for the flush. Bounded. */
final class PendingResets {
    private static final int ADDRESS_WORDS = 4;
    private static final int FIELDS = 5;

    private final int limit;
    private final long[] addresses;
    private final int[] fields;
    private final Counters counters;
    private int count;

    PendingResets(int limit, Counters counters) {
        this.limit = limit;
        this.addresses = new long[limit * ADDRESS_WORDS];
        this.fields = new int[limit * FIELDS];
        this.counters = counters;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /**
     * RFC 9293, section 3.5.2: "If the incoming segment has the ACK bit set, the reset takes its sequence number from the
     * ACK field of the segment; otherwise, the reset has sequence number zero and the ACK field is set to the sum of the
     * sequence number and segment length of the incoming segment."
     */
    void add(Segment s) {
        if (count == limit) {
            counters.drop(DropReason.TCP_RESET_LIMITED);
            return;
        }
        boolean ack = s.has(TcpHeader.ACK);
        int a = count * ADDRESS_WORDS;
        addresses[a] = s.localHi;
        addresses[a + 1] = s.localLo;
        addresses[a + 2] = s.remoteHi;
        addresses[a + 3] = s.remoteLo;
        int f = count * FIELDS;
        fields[f] = s.localPort;
        fields[f + 1] = s.remotePort;
        fields[f + 2] = ack ? s.ack : 0;
        fields[f + 3] = ack ? 0 : s.end();
        fields[f + 4] = ack ? TcpHeader.RST : TcpHeader.RST | TcpHeader.ACK;
        count++;
    }

    /** Sends what waits, as far as the device takes it. */
    void flush(IpOutput ip, SegmentWriter writer, int ttl, long nowNs) {
        int done = 0;
        while (done < count && send(done, ip, writer, ttl, nowNs)) {
            done++;
        }
        int left = count - done;
        System.arraycopy(addresses, done * ADDRESS_WORDS, addresses, 0, left * ADDRESS_WORDS);
        System.arraycopy(fields, done * FIELDS, fields, 0, left * FIELDS);
        count = left;
    }

    private boolean send(int i, IpOutput ip, SegmentWriter writer, int ttl, long nowNs) {
        int a = i * ADDRESS_WORDS;
        int f = i * FIELDS;
        IpPath path = ip.path(addresses[a], addresses[a + 1], addresses[a + 2], addresses[a + 3], nowNs);
        if (path == null) {
            return true;
        }
        boolean done = writer.sendStateless(
                path, fields[f], fields[f + 1], fields[f + 2], fields[f + 3], fields[f + 4], 0, ttl, nowNs);
        path.release();
        return done;
    }
}
