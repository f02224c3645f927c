package dev.penstock.stack.tcp;

import dev.penstock.stack.base.Invariant;
import dev.penstock.stack.base.SeqNum;

/**
 * What is between SND.UNA and SND.NXT: when each part was sent, whether the peer has it (RFC 2018), and whether it is held to
 * be lost. Each {@link SentSegment} is in the ring, in the order of sequence numbers, and, unless the peer has it, on
 * one of two lists: {@link #network}, in the order of transmission, and {@link #lost}, in the order of sequence numbers.
 *
 * <p>The bytes on {@link #network} are RFC 6675's pipe. Neighbours that the peer has become one, so that the work for an ACK
 * is bounded by what is new in it, whatever blocks a peer invents.
 */
final class Scoreboard {
    private static final int FIRST_CAPACITY = 16;
    /** Of an empty ring, so much is kept for the next flight. */
    private static final int MOST_KEPT = 1_024;

    /** Sent, neither acknowledged nor held to be lost: the oldest transmission first. */
    final SegmentList network = new SegmentList();
    /** Held to be lost and not yet sent again. */
    final SegmentList lost = new SegmentList();

    private final SentSegmentPool pool;
    private SentSegment[] ring;
    private int head;
    private int count;
    private long sackedBytes;
    private int sackedSegments;
    /** Without SACK: what duplicate ACKs say has left the network, bytes. */
    private long duplicateBytes;
    /** Duplicate ACKs since SND.UNA moved, what they were taken for, and the most they can stand for; bytes. */
    private int duplicates;

    private long duplicateCredit;
    private long duplicateLimit;

    private long transmissions;
    private long deliveredBytes;
    private long deliveredNs;
    private long firstSentNs;
    /** What is sent before this many bytes are delivered is limited by the application. */
    private long appLimitedUntil;

    private long lostTotal;
    /** Hears of what is lost, or null. */
    private CongestionControl congestion;

    /** Segments looked at, one after the other: what the tests hold to be bounded. */
    private long steps;
    /** The end of the highest segment held to be lost since {@link #forgetLost}. */
    private int lostEnd;

    Scoreboard(SentSegmentPool pool) {
        this.pool = pool;
    }

    // --- what is known ---

    int size() {
        return count;
    }

    /** The i-th segment in the order of sequence numbers. */
    SentSegment get(int i) {
        return ring[(head + i) & (ring.length - 1)];
    }

    /** RFC 6675's pipe: an estimate of the bytes that are in the network. */
    long inNetwork() {
        return Math.max(0, network.bytes() - duplicateBytes);
    }

    /** Bytes that the peer has out of order; without SACK, those that duplicate ACKs stand for. */
    long sackedBytes() {
        return sackedBytes + duplicateBytes;
    }

    long steps() {
        return steps + network.steps() + lost.steps();
    }

    /** RACK.segs_sacked. */
    int sackedSegments() {
        return sackedSegments;
    }

    /** All that was ever held to be lost, bytes. */
    long lostTotal() {
        return lostTotal;
    }

    /** All that was ever delivered, bytes. */
    long deliveredBytes() {
        return deliveredBytes;
    }

    /** The peer has the oldest segment, and yet does not acknowledge it: it has thrown it away (RFC 2018, section 8). */
    boolean isReneged() {
        return count > 0 && get(0).sacked;
    }

    /** The payload of the segment in flight, not known to have arrived, that holds {@code seq}; 0 if there is none. */
    int unitAt(int seq) {
        int i = indexOf(seq);
        SentSegment e = i < count ? get(i) : null;
        return e == null || e.sacked || SeqNum.gt(e.start, seq) ? 0 : Math.min(e.unit, e.length());
    }

    // --- sending ---

    /**
     * {@code [start, end)} was sent for the first time.
     *
     * @param probed a part of it was sent before, as a zero-window probe: it measures no round-trip time (Karn)
     */
    void sent(int start, int end, int unit, boolean probed, long nowNs) {
        SentSegment e = pool.take();
        e.start = start;
        e.end = end;
        e.unit = unit;
        e.retransmitted = probed;
        e.sacked = false;
        if (count == 0) {
            firstSentNs = nowNs;
            deliveredNs = nowNs;
        }
        stamp(e, nowNs);
        insert(count, e);
        network.addLast(e);
    }

    /** {@code e}, wherever it was, was sent again. */
    void sentAgain(SentSegment e, int unit, long nowNs) {
        e.list.remove(e);
        e.unit = unit;
        e.retransmitted = true;
        stamp(e, nowNs);
        network.addLast(e);
    }

    private void stamp(SentSegment e, long nowNs) {
        e.sentNs = nowNs;
        e.order = transmissions++;
        e.delivered = deliveredBytes;
        e.deliveredNs = deliveredNs;
        e.firstSentNs = firstSentNs;
        e.appLimited = appLimitedUntil > deliveredBytes;
        e.txInFlight = inNetwork() + e.length();
        e.lostBefore = lostTotal;
    }

    /** There is nothing to send although more might be in the network. */
    void applicationLimits() {
        appLimitedUntil = deliveredBytes + Math.max(1, inNetwork());
    }

    /** Cuts {@code e} so that it is {@code length} long, and the rest a segment of its own behind it. */
    void split(SentSegment e, int length) {
        split(indexOf(e.start), e, length);
    }

    private void split(int index, SentSegment e, int length) {
        SentSegment rest = pool.take();
        rest.copyTransmission(e);
        rest.start = e.start + length;
        rest.end = e.end;
        insert(index + 1, rest);
        SegmentList list = e.list;
        if (list != null) {
            list.shrinks(e.length() - length);
            e.end = rest.start;
            list.insertAfter(e, rest);
        } else {
            e.end = rest.start;
        }
    }

    // --- acknowledgments ---

    /** SND.UNA has become {@code una}. */
    void acknowledged(int una, Delivery delivery) {
        duplicates = 0;
        duplicateCredit = 0;
        while (count > 0) {
            SentSegment e = get(0);
            if (SeqNum.geq(e.start, una)) {
                return;
            }
            boolean whole = SeqNum.leq(e.end, una);
            int bytes = whole ? e.length() : una - e.start;
            if (e.sacked) {
                sackedBytes -= bytes;
                int gone = whole ? e.segments : (int) ((long) e.segments * bytes / e.length());
                sackedSegments -= gone;
                e.segments -= gone;
            } else {
                delivered(e, bytes, delivery, true);
            }
            if (!whole) {
                if (e.list != null) {
                    e.list.shrinks(bytes);
                }
                e.start = una;
                int rest = e.unit - bytes % e.unit;
                if (!e.sacked && rest < e.unit && rest < e.length()) {
                    // The rest of the segment that was cut, so that what follows begins where segments begin.
                    split(0, e, rest);
                }
                return;
            }
            removeFirst();
        }
    }

    /**
     * The peer has {@code [start, end)}, which lies between SND.UNA and SND.NXT. Only whole segments count: a part of one
     * would have to be sent again with it.
     */
    void sacked(int start, int end, Delivery delivery) {
        int first = indexOf(start);
        int i = first;
        while (i < count && SeqNum.lt(get(i).start, end)) {
            SentSegment e = get(i);
            steps++;
            if (!e.sacked) {
                int skip = Math.max(0, SeqNum.distance(e.start, start));
                int whole = (skip + e.unit - 1) / e.unit * e.unit;
                if (whole > 0 && whole < e.length()) {
                    split(i, e, whole);
                    i++;
                    e = get(i);
                } else if (whole > 0) {
                    i++;
                    continue;
                }
                int covered = Math.min(e.length(), SeqNum.distance(e.start, end));
                covered = covered == e.length() ? covered : covered - covered % e.unit;
                if (covered <= 0) {
                    break;
                }
                if (covered < e.length()) {
                    split(i, e, covered);
                }
                delivered(e, e.length(), delivery, false);
                e.list.remove(e);
                e.sacked = true;
                e.segments = (e.length() + e.unit - 1) / e.unit;
                sackedBytes += e.length();
                sackedSegments += e.segments;
            }
            i++;
        }
        join(Math.max(0, first - 1), Math.min(count, i + 1));
    }

    private void delivered(SentSegment e, int bytes, Delivery delivery, boolean cumulatively) {
        deliveredBytes += bytes;
        deliveredNs = delivery.nowNs;
        if (delivery.add(e, bytes, cumulatively)) {
            firstSentNs = e.sentNs;
        }
    }

    /** Makes one of those neighbours in {@code [from, to)} that the peer has. */
    private void join(int from, int to) {
        int kept = from;
        for (int i = from + 1; i < to; i++) {
            steps++;
            SentSegment into = get(kept);
            SentSegment e = get(i);
            if (into.sacked && e.sacked) {
                into.end = e.end;
                into.segments += e.segments;
                pool.give(e);
            } else {
                kept++;
                set(kept, e);
            }
        }
        if (to > from && kept + 1 < to) {
            close(kept + 1, to);
        }
    }

    /**
     * Without SACK: a duplicate ACK says that a segment has arrived, nobody knows which (RFC 5681, section 3.2). As many
     * are believed as can come of what was outstanding when recovery began: "a TCP MAY therefore limit the number of times
     * cwnd is artificially inflated during loss recovery to the number of outstanding segments".
     */
    void duplicate(int mss, Delivery delivery) {
        long most = Math.max(0, network.bytes() - mss);
        if (duplicates < DuplicateThreshold.DUP_THRESHOLD) {
            duplicates++;
            duplicateLimit = network.bytes() + lost.bytes() - mss;
        }
        long more = Math.min(Math.min(mss, most - duplicateBytes), duplicateLimit - duplicateCredit);
        if (more > 0) {
            duplicateCredit += more;
            duplicateBytes += more;
            deliveredBytes += more;
            delivery.bytes += more;
            delivery.sackedBytes += more;
        }
    }

    /** Without SACK: the hole was filled, and {@code bytes} behind it are among those that had arrived. */
    void duplicatesAcknowledged(long bytes, Delivery delivery) {
        long known = Math.min(duplicateBytes, bytes);
        duplicateBytes = Math.min(duplicateBytes - known, network.bytes());
        deliveredBytes -= known;
        delivery.bytes -= known;
    }

    void forgetDuplicates() {
        duplicateBytes = 0;
    }

    // --- loss ---

    /** What is lost before {@code seq} has been answered. */
    void forgetLost(int seq) {
        lostEnd = seq;
    }

    /** Something from {@code seq} on was held to be lost since {@link #forgetLost}. */
    boolean isLostBeyond(int seq) {
        return SeqNum.gt(lostEnd, seq);
    }

    /** {@code e}, which is in the network, is held to be lost. */
    void markLost(SentSegment e) {
        lostEnd = SeqNum.max(lostEnd, e.end);
        network.remove(e);
        lost.addInOrder(e);
        lostTotal += e.length();
        if (congestion != null) {
            congestion.onLost(e, lostTotal - e.lostBefore, deliveredBytes);
        }
    }

    /** {@code cc} is to hear of each segment that is lost. */
    void tellLosses(CongestionControl cc) {
        congestion = cc;
    }

    /** Makes one of {@code e}, which is lost, and those behind it that are lost too, as far as all is small enough. */
    void joinLost(SentSegment e, int most) {
        SentSegment following = e.next;
        while (following != null && following.start == e.end && e.length() + following.length() <= most) {
            int at = indexOf(following.start);
            int length = following.length();
            lost.remove(following);
            e.end = following.end;
            lost.shrinks(-length);
            e.retransmitted |= following.retransmitted;
            close(at, at + 1);
            pool.give(following);
            following = e.next;
        }
    }

    /** Nothing was lost after all: what was not sent again meanwhile is in the network. */
    void unmarkLost() {
        SentSegment place = null;
        while (!lost.isEmpty()) {
            SentSegment e = lost.first();
            lost.remove(e);
            while (place != null && place.order > e.order) {
                place = place.previous;
                steps++;
            }
            SentSegment following = place == null ? network.first() : place.next;
            while (following != null && following.order < e.order) {
                place = following;
                following = place.next;
                steps++;
            }
            network.insertAfter(place, e);
            place = e;
        }
    }

    /** The peer has thrown away what it said it had: everything that it has not acknowledged is lost. */
    void forgetSacks() {
        for (int i = 0; i < count; i++) {
            SentSegment e = get(i);
            if (e.sacked) {
                e.sacked = false;
                sackedBytes -= e.length();
                sackedSegments -= e.segments;
                lost.addInOrder(e);
                lostTotal += e.length();
            }
        }
    }

    void clear() {
        while (count > 0) {
            removeFirst();
        }
        if (ring != null && ring.length > MOST_KEPT) {
            ring = null;
        }
        head = 0;
        sackedBytes = 0;
        sackedSegments = 0;
        duplicateBytes = 0;
    }

    // --- the ring ---

    /** The first segment that ends after {@code seq}; {@link #size} if none does. */
    int indexOf(int seq) {
        int low = 0;
        int high = count;
        while (low < high) {
            steps++;
            int middle = (low + high) >>> 1;
            if (SeqNum.gt(get(middle).end, seq)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private void removeFirst() {
        SentSegment e = get(0);
        if (e.list != null) {
            e.list.remove(e);
        }
        ring[head] = null;
        head = (head + 1) & (ring.length - 1);
        count--;
        pool.give(e);
    }

    private void set(int i, SentSegment e) {
        ring[(head + i) & (ring.length - 1)] = e;
    }

    private void insert(int at, SentSegment e) {
        if (ring == null) {
            ring = new SentSegment[FIRST_CAPACITY];
        } else if (count == ring.length) {
            SentSegment[] larger = new SentSegment[count * 2];
            for (int i = 0; i < count; i++) {
                larger[i] = get(i);
            }
            ring = larger;
            head = 0;
        }
        count++;
        if (at < count / 2) {
            head = (head - 1) & (ring.length - 1);
            move(1, 0, at);
        } else {
            move(at, at + 1, count - 1 - at);
        }
        set(at, e);
    }

    /** Moves the places {@code [from, from + n)} to {@code to}, in as few pieces as the end of the ring allows. */
    private void move(int from, int to, int n) {
        int mask = ring.length - 1;
        if (to < from) {
            for (int done = 0, piece; done < n; done += piece) {
                int source = (head + from + done) & mask;
                int target = (head + to + done) & mask;
                piece = Math.min(n - done, ring.length - Math.max(source, target));
                System.arraycopy(ring, source, ring, target, piece);
            }
        } else {
            for (int left = n, piece; left > 0; left -= piece) {
                int sourceEnd = ((head + from + left - 1) & mask) + 1;
                int targetEnd = ((head + to + left - 1) & mask) + 1;
                piece = Math.min(left, Math.min(sourceEnd, targetEnd));
                System.arraycopy(ring, sourceEnd - piece, ring, targetEnd - piece, piece);
            }
        }
    }

    /** Takes the places {@code [from, to)} out. */
    private void close(int from, int to) {
        int gone = to - from;
        if (from < count - to) {
            move(0, gone, from);
            for (int i = 0; i < gone; i++) {
                set(i, null);
            }
            head = (head + gone) & (ring.length - 1);
        } else {
            move(to, from, count - to);
            for (int i = count - gone; i < count; i++) {
                set(i, null);
            }
        }
        count -= gone;
    }

    /** Throws if the ring and the lists contradict each other or SND.UNA and SND.NXT. */
    void checkInvariants(int una, int nxt) {
        long onNetwork = 0;
        long onLost = 0;
        long sackedSum = 0;
        int segments = 0;
        int at = una;
        for (int i = 0; i < count; i++) {
            SentSegment e = get(i);
            Invariant.check(e.start == at && SeqNum.lt(e.start, e.end), "segments follow each other", e.start, at);
            Invariant.check((e.list == null) == e.sacked, "a segment is on a list unless the peer has it");
            onNetwork += e.list == network ? e.length() : 0;
            onLost += e.list == lost ? e.length() : 0;
            sackedSum += e.sacked ? e.length() : 0;
            segments += e.sacked ? e.segments : 0;
            at = e.end;
        }
        Invariant.check(count == 0 || at == nxt, "the segments reach to SND.NXT", at, nxt);
        Invariant.check(onNetwork == network.bytes(), "bytes in the network", onNetwork, network.bytes());
        Invariant.check(onLost == lost.bytes(), "bytes lost", onLost, lost.bytes());
        Invariant.check(sackedSum == sackedBytes, "bytes selectively acknowledged", sackedSum, sackedBytes);
        Invariant.check(segments == sackedSegments, "segments selectively acknowledged", segments, sackedSegments);
    }

    /** Without what is in flight: there must be nothing. */
    void carry(StateCarrier s) {
        duplicateBytes = s.number(duplicateBytes);
        duplicates = s.number(duplicates);
        duplicateCredit = s.number(duplicateCredit);
        duplicateLimit = s.number(duplicateLimit);
        transmissions = s.number(transmissions);
        deliveredBytes = s.number(deliveredBytes);
        deliveredNs = s.time(deliveredNs);
        firstSentNs = s.time(firstSentNs);
        appLimitedUntil = s.number(appLimitedUntil);
        lostTotal = s.number(lostTotal);
        lostEnd = s.number(lostEnd);
    }
}
