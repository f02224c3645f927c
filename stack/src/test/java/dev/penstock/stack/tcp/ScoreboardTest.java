package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** {@link Scoreboard} against a model that knows each byte, and the work that a malicious peer can make. */
class ScoreboardTest {
    private static final int UNIT = 10;

    private enum Where {
        NETWORK,
        LOST,
        SACKED
    }

    /** What a byte belongs to. */
    private static final class Piece {
        Where where = Where.NETWORK;
        boolean again;
        long sentNs;
    }

    private final SendState snd = new SendState();
    private final Scoreboard board = new Scoreboard(new SentSegmentPool(1_000));
    private final RackDetector rack = new RackDetector(snd, board, new RttEstimator(new TcpConfig()), null);
    private final Delivery delivery = new Delivery();
    private final Segment segment = new Segment();
    /** The byte with sequence number {@code base + i}; those acknowledged stay. */
    private final Piece[] bytes = new Piece[100_000];

    private int base;
    private long delivered;
    private long lostTotal;
    private long nowNs = 1;

    private void begin(int iss) {
        base = iss;
        snd.begin(iss);
        snd.mss = UNIT;
    }

    private void delivery() {
        delivery.begin(rack, segment, false, nowNs);
    }

    // --- the actions, on both ---

    private void send(int length) {
        int from = snd.nxt - base;
        for (int i = 0; i < length; i++) {
            bytes[from + i] = i % UNIT == 0 ? new Piece() : bytes[from + i - 1];
            bytes[from + i].sentNs = nowNs;
        }
        board.sent(snd.nxt, snd.nxt + length, UNIT, false, nowNs);
        snd.nxt += length;
    }

    private void acknowledge(int length) {
        delivery();
        for (int i = 0; i < length; i++) {
            delivered += bytes[snd.una - base + i].where == Where.SACKED ? 0 : 1;
        }
        snd.una += length;
        board.acknowledged(snd.una, delivery);
    }

    /** Only segments that lie in the block with all that is left of them count. */
    private void sack(int start, int end) {
        delivery();
        int from = snd.una - base;
        int to = snd.nxt - base;
        for (int i = from; i < to; i++) {
            Piece p = bytes[i];
            int first = i;
            while (i + 1 < to && bytes[i + 1] == p) {
                i++;
            }
            if (first >= start - base && i < end - base && p.where != Where.SACKED) {
                p.where = Where.SACKED;
                delivered += i + 1 - first;
            }
        }
        board.sacked(start, end, delivery);
    }

    /** What was sent longest ago is lost, as RACK finds it. */
    private void lose(Random random) {
        SentSegment e = board.network.first();
        for (int n = random.nextInt(3); e != null && n >= 0; n--) {
            SentSegment next = e.next;
            lostTotal += e.length();
            for (int i = e.start - base; i < e.end - base; i++) {
                bytes[i].where = Where.LOST;
            }
            board.markLost(e);
            e = next;
        }
    }

    private void sendAgain(Random random) {
        SentSegment e = board.lost.first();
        if (e == null) {
            return;
        }
        if (random.nextBoolean()) {
            board.joinLost(e, UNIT);
        }
        int units = (e.length() + UNIT - 1) / UNIT;
        int length = Math.min(e.length(), UNIT * (1 + random.nextInt(units)));
        if (length < e.length()) {
            board.split(e, length);
        }
        board.sentAgain(e, UNIT, nowNs);
        for (int i = 0; i < length; i++) {
            Piece p = i % UNIT == 0 ? new Piece() : bytes[e.start - base + i - 1];
            p.again = true;
            p.sentNs = nowNs;
            bytes[e.start - base + i] = p;
        }
        // What is left of a segment that was cut is one of its own.
        int rest = e.end - base;
        if (rest < snd.nxt - base && bytes[rest].where == Where.LOST) {
            Piece old = bytes[rest];
            Piece p = new Piece();
            p.where = old.where;
            p.again = old.again;
            p.sentNs = old.sentNs;
            for (int i = rest; i < snd.nxt - base && bytes[i] == old; i++) {
                bytes[i] = p;
            }
        }
    }

    private void renege() {
        for (int i = snd.una - base; i < snd.nxt - base; i++) {
            if (bytes[i].where == Where.SACKED) {
                lostTotal++;
            }
        }
        for (int k = 0; k < board.size(); k++) {
            SentSegment e = board.get(k);
            for (int i = 0; e.sacked && i < e.length(); i++) {
                // Of what the peer had nobody remembers where the segments began, and when each was sent.
                int at = e.start - base + i;
                Piece p = i % UNIT == 0 ? new Piece() : bytes[at - 1];
                p.where = Where.LOST;
                p.sentNs = e.sentNs;
                p.again = e.retransmitted;
                bytes[at] = p;
            }
        }
        board.forgetSacks();
    }

    private void unmark() {
        for (int i = snd.una - base; i < snd.nxt - base; i++) {
            bytes[i].where = bytes[i].where == Where.LOST ? Where.NETWORK : bytes[i].where;
        }
        board.unmarkLost();
    }

    private void check() {
        board.checkInvariants(snd.una, snd.nxt);
        long network = 0;
        for (int k = 0; k < board.size(); k++) {
            SentSegment e = board.get(k);
            for (int i = e.start - base; i < e.end - base; i++) {
                Where where = e.sacked ? Where.SACKED : e.list == board.lost ? Where.LOST : Where.NETWORK;
                assertEquals(bytes[i].where, where, "byte " + i);
                network += where == Where.NETWORK ? 1 : 0;
                if (where == Where.NETWORK) {
                    assertEquals(bytes[i].sentNs, e.sentNs, "byte " + i + " was sent");
                    assertEquals(bytes[i].again, e.retransmitted, "byte " + i + " was sent again");
                }
            }
        }
        assertEquals(network, board.inNetwork());
        assertEquals(delivered, board.deliveredBytes());
        assertEquals(lostTotal, board.lostTotal());
        int last = snd.una - 1;
        for (SentSegment e = board.lost.first(); e != null; e = e.next) {
            assertTrue(e.start - last > 0, "what is lost is in the order of sequence numbers");
            last = e.start;
        }
    }

    @Property(tries = 500)
    void agreesWithTheModel(@ForAll long seed) {
        ScoreboardTest t = new ScoreboardTest();
        Random random = new Random(seed);
        // Near the wrap, half of the time.
        t.begin(random.nextBoolean() ? -random.nextInt(600) : random.nextInt());
        for (int step = 0; step < 200; step++) {
            t.nowNs += random.nextInt(3);
            t.act(random);
            t.check();
        }
        t.acknowledge(t.snd.nxt - t.snd.una);
        t.check();
        assertEquals(0, t.board.size());
        assertEquals(0, t.board.inNetwork());
        assertEquals(0, t.board.sackedBytes());
        assertEquals(0, t.board.sackedSegments());
        assertTrue(t.board.lost.isEmpty());
    }

    private void act(Random random) {
        int inFlight = snd.nxt - snd.una;
        int action = random.nextInt(20);
        if (action < 6 || inFlight == 0) {
            send(1 + random.nextInt(8 * UNIT));
        } else if (action < 9) {
            acknowledge(1 + random.nextInt(Math.min(inFlight, 3 * UNIT)));
        } else if (action < 14) {
            int from = random.nextInt(inFlight);
            sack(snd.una + from, snd.una + from + 1 + random.nextInt(inFlight - from));
        } else if (action < 17) {
            lose(random);
        } else if (action < 19) {
            sendAgain(random);
        } else if (random.nextInt(4) == 0) {
            unmark();
        } else if (random.nextInt(4) == 0) {
            renege();
        }
    }

    // --- duplicates, for peers without SACK ---

    @Test
    void duplicatesStandForNoMoreThanIsOutstanding() {
        begin(7);
        send(5 * UNIT);
        for (int i = 0; i < 100; i++) {
            delivery();
            board.duplicate(UNIT, delivery);
            board.checkInvariants(snd.una, snd.nxt);
        }
        assertEquals(UNIT, board.inNetwork(), "one is missing");
        assertEquals(4 * UNIT, board.deliveredBytes());
        delivery();
        board.acknowledged(snd.una += 5 * UNIT, delivery);
        board.duplicatesAcknowledged(4 * UNIT, delivery);
        assertEquals(5 * UNIT, board.deliveredBytes(), "counted once");
        assertEquals(0, board.inNetwork());
    }

    // --- work: the shapes of "SACK panic" (CVE-2019-11477 to 11479) and their like ---

    /** 10,000 segments that went out as runs of 40. */
    private void manySegments(int segments) {
        begin(-5_000);
        for (int i = 0; i < segments; i += 40) {
            board.sent(snd.nxt, snd.nxt + 40 * UNIT, UNIT, false, nowNs);
            snd.nxt += 40 * UNIT;
        }
    }

    private long costOfSack(int start, int end) {
        long before = board.steps();
        delivery();
        board.sacked(start, end, delivery);
        return board.steps() - before;
    }

    @Test
    void everyOtherSegmentUpwardsDownwardsAndAgain() {
        int n = 10_000;
        manySegments(n);
        long most = 0;
        for (int i = 1; i < n / 2; i += 2) {
            most = Math.max(most, costOfSack(snd.una + i * UNIT, snd.una + (i + 1) * UNIT));
        }
        for (int i = n - 1; i > n / 2; i -= 2) {
            most = Math.max(most, costOfSack(snd.una + i * UNIT, snd.una + (i + 1) * UNIT));
        }
        for (int i = 1; i < n; i += 2) {
            most = Math.max(most, costOfSack(snd.una + i * UNIT, snd.una + (i + 1) * UNIT));
        }
        board.checkInvariants(snd.una, snd.nxt);
        assertTrue(board.sackedBytes() >= (n / 2 - 2L) * UNIT);
        assertTrue(most <= 40, "segments looked at for a block: " + most);
    }

    @Test
    void piecesOfOneByteSplitNothing() {
        int n = 10_000;
        manySegments(n);
        int before = board.size();
        long most = 0;
        for (int i = 0; i < n; i++) {
            most = Math.max(most, costOfSack(snd.una + i * UNIT + 3, snd.una + i * UNIT + 4));
        }
        assertEquals(0, board.sackedBytes());
        assertTrue(most <= 40, "segments looked at for a block: " + most);
        // A block inside a segment makes a boundary of segments at most, never one inside.
        assertTrue(board.size() <= before + n, "segments kept: " + board.size());
        for (int i = 0; i < board.size(); i++) {
            assertEquals(0, board.get(i).length() % UNIT);
        }
    }

    @Test
    void oneBlockOverAllOfItCostsWhatItTells() {
        int n = 10_000;
        manySegments(n);
        for (int i = 1; i < n; i += 2) {
            costOfSack(snd.una + i * UNIT, snd.una + (i + 1) * UNIT);
        }
        long first = costOfSack(snd.una + UNIT, snd.nxt);
        assertTrue(first <= 3L * n, "the first time " + first);
        assertEquals(2, board.size(), "what is SACKed is one");
        assertTrue(costOfSack(snd.una + UNIT, snd.nxt) <= 40, "and afterwards nothing is new");
    }

    @Test
    void whatIsLostFindsItsPlaceAtOnceInTheOrdersThatOccur() {
        // Retransmissions and new data by turns, as recovery sends them; then a timeout marks all of it.
        int n = 10_000;
        manySegments(n);
        for (SentSegment e = board.network.first(); e != null; e = board.network.first()) {
            board.markLost(e);
        }
        for (int i = 0; i < n / 2; i++) {
            SentSegment e = board.lost.first();
            if (e.length() > UNIT) {
                board.split(e, UNIT);
            }
            board.sentAgain(e, UNIT, ++nowNs);
            board.sent(snd.nxt, snd.nxt + UNIT, UNIT, false, nowNs);
            snd.nxt += UNIT;
        }
        long before = board.steps();
        for (SentSegment e = board.network.first(); e != null; e = board.network.first()) {
            board.markLost(e);
        }
        board.checkInvariants(snd.una, snd.nxt);
        long each = (board.steps() - before) / n;
        assertTrue(each <= 4, "segments passed for each: " + each);
    }
}
