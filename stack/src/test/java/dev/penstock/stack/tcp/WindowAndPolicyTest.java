package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.SeqNum;
import dev.penstock.stack.base.SipHash;
import dev.penstock.stack.buffer.ChunkPool;
import dev.penstock.stack.buffer.ReceiveQueue;
import dev.penstock.stack.buffer.SendQueue;
import java.util.HashSet;
import java.util.Set;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.agrona.concurrent.UnsafeBuffer;

/** Properties of {@link WindowAdvertiser}, {@link SendPolicy} and {@link IssGenerator}. */
class WindowAndPolicyTest {

    /** RFC 9293, SHLD-14: "a TCP receiver SHOULD NOT shrink the window"; RFC 7323, 2.4: but by rounding. */
    @Property(tries = 500)
    @Requirement("RFC9293:SHLD-14")
    void theWindowNeitherShrinksNorPromisesTooMuch(
            @ForAll long seed,
            @ForAll @IntRange(max = 14) int shift,
            @ForAll @IntRange(min = 1, max = 3_000_000) int limit) {
        RandomSource random = RandomSource.seeded(seed);
        ChunkPool pool = new ChunkPool(8 << 20);
        ReceiveQueue queue = new ReceiveQueue(pool, limit);
        ReceiveState rcv = new ReceiveState();
        rcv.begin(random.nextInt());
        rcv.wndShift = shift;
        rcv.peerSegment = 1460;
        WindowAdvertiser window = new WindowAdvertiser(rcv, queue, new TcpOptions(), pool);
        UnsafeBuffer bytes = new UnsafeBuffer(new byte[70_000]);
        int unit = 1 << shift;
        int lastEdge = rcv.nxt;
        for (int i = 0; i < 60; i++) {
            int field = window.select(false);
            assertTrue(field >= 0 && field <= 65_535);
            int edge = rcv.nxt + (field << shift);
            assertTrue(SeqNum.distance(lastEdge, edge) > -unit, "shrinks by " + SeqNum.distance(edge, lastEdge));
            assertTrue((field << shift) < queue.free() + unit, "promises " + (field << shift) + " of " + queue.free());
            assertTrue(SeqNum.leq(edge, rcv.adv), "accepts less than it promised");
            assertTrue(rcv.window() < queue.free() + unit);
            lastEdge = edge;
            int n = Math.min(random.nextInt(random.nextInt(4) == 0 ? 70_000 : 2000), rcv.window());
            long tail = queue.tailPosition();
            assertEquals(n, queue.writeAt(tail, bytes, 0, n));
            queue.commitTo(tail + n);
            rcv.nxt += n;
            queue.discard(random.nextInt(random.nextInt(3) == 0 ? 70_000 : 1000));
            queue.reclaim();
        }
        queue.close();
        pool.assertAllReturned();
    }

    /** RFC 9293, 3.8.6.2.1 and 3.7.4; RFC 5681: what goes out fits all windows and is worth going. */
    @Property(tries = 3000)
    void nothingGoesThatMayNot(
            @ForAll @IntRange(max = 40_000) int queued,
            @ForAll @IntRange(max = 40_000) int flight,
            @ForAll @LongRange(max = 60_000) long wnd,
            @ForAll @IntRange(min = 1, max = 3000) int mss,
            @ForAll boolean noDelay,
            @ForAll boolean smallOut) {
        ChunkPool pool = new ChunkPool(1 << 20);
        SendQueue queue = new SendQueue(pool, 100_000);
        queue.write(new byte[queued], 0, queued);
        SendState snd = new SendState();
        snd.begin(-5);
        snd.una++;
        snd.unaPosition = 0;
        snd.nxt = snd.una + Math.min(flight, queued);
        snd.mss = mss;
        snd.wnd = wnd;
        snd.maxWnd = Math.max(wnd, 30_000);
        snd.sml = smallOut ? snd.nxt : snd.una;
        NewReno cc = new NewReno();
        cc.onMss(mss);
        SendPolicy policy = new SendPolicy(snd, queue, new Cork(new TcpOptions(), null), new TcpConfig());
        int largest = Math.max(mss, 65_000 / mss * mss);
        int n = policy.sendable(cc.cwnd() - snd.inFlight(), largest, Integer.MAX_VALUE, noDelay);
        int inFlight = snd.inFlight();
        long available = policy.available();
        assertTrue(n >= 0 && n <= largest && n <= available);
        assertTrue(n == 0 || inFlight + n <= wnd && inFlight + n <= cc.cwnd(), "beyond a window");
        if (n % mss != 0) {
            boolean rest = n == available && (noDelay || SeqNum.leq(snd.sml, snd.una));
            boolean half = inFlight == 0 && n >= snd.maxWnd / 2;
            assertTrue(rest || half, "a small segment that had to wait");
        }
        if (n == 0 && available > 0) {
            boolean full = Math.min(wnd, cc.cwnd()) - inFlight >= Math.min(mss, available);
            boolean nagle = available < mss && !noDelay && SeqNum.gt(snd.sml, snd.una);
            assertTrue(!full || nagle, "nothing goes although it might");
        }
        if (policy.cwndLimited()) {
            assertTrue(cc.cwnd() - inFlight < mss, "not for want of cwnd");
        }
        queue.close();
        pool.assertAllReturned();
    }

    /** RFC 6528: monotone for one connection, unrelated between connections and between keys. */
    @Example
    void initialSequenceNumbers() {
        RandomSource random = RandomSource.seeded(3);
        IssGenerator g = new IssGenerator(SipHash.keyedFrom(random), SipHash.keyedFrom(random), new SipHash(5, 6));
        IssGenerator other = new IssGenerator(SipHash.keyedFrom(random), SipHash.keyedFrom(random), new SipHash(5, 6));
        Set<Integer> offsets = new HashSet<>();
        for (int port = 1; port <= 1000; port++) {
            int first = g.next(0, 1, port, 0, 2, 80, 5_000_000_000L);
            int later = g.next(0, 1, port, 0, 2, 80, 5_000_004_096L);
            assertEquals(1, later - first);
            assertNotEquals(first, other.next(0, 1, port, 0, 2, 80, 5_000_000_000L));
            offsets.add(first >>> 24);
        }
        assertTrue(offsets.size() > 200, "spread over " + offsets.size() + " of 256");
    }

    /** RFC 6056, section 3.3.3: consecutive for one destination, somewhere else for another. */
    @Example
    void portOffsets() {
        RandomSource random = RandomSource.seeded(4);
        IssGenerator g = new IssGenerator(SipHash.keyedFrom(random), SipHash.keyedFrom(random), new SipHash(5, 6));
        Set<Integer> seen = new HashSet<>();
        for (int host = 0; host < 200; host++) {
            int offset = g.portOffset(0, 1, 0, host, 80, 28_000);
            assertTrue(offset >= 0 && offset < 28_000);
            seen.add(offset);
        }
        assertTrue(seen.size() > 190);
        int a = g.portOffset(0, 1, 0, 7, 80, 28_000);
        int b = g.portOffset(0, 1, 0, 7, 80, 28_000);
        assertEquals((a + 1) % 28_000, b);
    }
}
