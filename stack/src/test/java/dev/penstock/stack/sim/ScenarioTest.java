package dev.penstock.stack.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpOptions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What changes while a run goes on, and what is seen of it. */
class ScenarioTest {
    private static final long MS = 1_000_000;
    private static final long SECOND = 1_000 * MS;

    private final SimulatedNetwork net = SimulatedNetwork.seeded(7);
    private final SimulatedHost a = net.host("a", "192.0.2.1/24");
    private final SimulatedHost b = net.host("b", "192.0.2.2/24");

    @AfterEach
    void nothingLeaks() {
        net.close();
        net.assertNoLeaks();
    }

    /** Runs until the stream is over; how long it took. */
    private long finish(Streams s) {
        long began = net.nowNs();
        assertTrue(net.runUntil(s::isDone, 600 * SECOND), "received " + s.received);
        assertTrue(s.right);
        return net.nowNs() - began;
    }

    @Test
    void theThirdSynIsDroppedAndNoOther() {
        net.run(5 * SECOND);
        LinkSide side = b.receive();
        side.drop(Match.range(1, 3, Match.SYN));
        Streams s = Streams.start(a, b, 1000);
        // RFC 6298: the SYN is sent again after 1, 2 and 4 s.
        assertEquals(7, finish(s) / SECOND);
        assertEquals(3, side.count(LinkEvent.SCRIPTED));
        side.drop(Match.nth(3, Match.SYN));
        for (int i = 0; i < 4; i++) {
            Streams t = Streams.toClosedPort(a, b);
            assertTrue(net.runUntil(() -> t.over, 60 * SECOND));
            assertEquals(TcpError.CONNECTION_REFUSED, t.error);
        }
        assertEquals(4, side.count(LinkEvent.SCRIPTED));
    }

    @Test
    void aPartitionStopsEverythingAndHealingLetsItGoOn() {
        SimulatedHost c = net.host("c", "192.0.2.3/24");
        a.transmit().rate(8_000_000);
        Streams s = Streams.start(a, b, 1_000_000);
        long[] atPartition = {0};
        net.after(500 * MS, () -> {
            net.partition(a, c);
            atPartition[0] = s.received;
        });
        net.run(3 * SECOND);
        assertTrue(atPartition[0] > 100_000, "received " + atPartition[0]);
        assertEquals(atPartition[0], s.received);
        assertTrue(b.receive().count(LinkEvent.PARTITIONED) > 0);
        Streams within = Streams.start(a, c, 1000);
        finish(within);
        net.heal();
        finish(s);
    }

    @Test
    void aPartitionOfThreePartsSeparatesAllOfThem() {
        SimulatedHost c = net.host("c", "192.0.2.3/24");
        net.run(SECOND);
        net.partition(a);
        net.partition(b);
        for (SimulatedHost to : List.of(b, c)) {
            Streams s = Streams.toClosedPort(a, to);
            assertTrue(net.runUntil(() -> s.over, 600 * SECOND));
            assertEquals(TcpError.HOST_UNREACHABLE, s.error);
        }
        Streams s = Streams.toClosedPort(b, c);
        assertTrue(net.runUntil(() -> s.over, 600 * SECOND));
        assertEquals(TcpError.HOST_UNREACHABLE, s.error);
    }

    @Test
    void ofAHalfOpenLinkOneDirectionIsDead() {
        Streams s = Streams.start(a, b, 100_000);
        assertTrue(net.runUntil(() -> s.connected, SECOND));
        a.transmit().cut(true);
        long offered = b.transmit().count(LinkEvent.DELIVERED);
        net.run(2 * SECOND);
        assertFalse(s.isDone());
        assertTrue(a.transmit().count(LinkEvent.CUT_OFF) > 0);
        assertEquals(b.transmit().count(LinkEvent.OFFERED), b.transmit().count(LinkEvent.DELIVERED));
        assertTrue(b.transmit().count(LinkEvent.DELIVERED) >= offered);
        net.heal();
        finish(s);
    }

    @Test
    void repairingMakesLinksPerfectAgainButLeavesRateAndDelay() {
        a.transmit().delay(10 * MS).rate(8_000_000).loss(1).duplicate(0.5).corrupt(0.5);
        b.link().cut(true);
        net.run(SECOND);
        net.repair();
        Streams s = Streams.start(a, b, 500_000);
        long took = finish(s);
        assertTrue(took > 500 * MS, "1 MB/s: " + took);
        long lost = a.transmit().count(LinkEvent.LOST);
        assertTrue(lost > 0);
        finish(Streams.start(a, b, 0));
        assertEquals(lost, a.transmit().count(LinkEvent.LOST));
        assertEquals(0, a.transmit().count(LinkEvent.DUPLICATED));
    }

    @Test
    void actionsHappenAtTheirMomentInTheOrderInWhichTheyWereTold() {
        List<String> done = new ArrayList<>();
        long began = net.nowNs();
        net.after(5, () -> done.add("first at " + (net.nowNs() - began)));
        net.at(began + 5, () -> done.add("second at " + (net.nowNs() - began)));
        ScheduledAction never = net.after(3, () -> done.add("never"));
        net.at(began - 100, () -> net.after(2, () -> done.add("from within at " + (net.nowNs() - began))));
        assertTrue(never.isPending());
        never.cancel();
        net.run(10);
        assertEquals(List.of("from within at 2", "first at 5", "second at 5"), done);
        assertFalse(never.isPending());
        net.after(1, () -> {
            throw new IllegalArgumentException("on purpose");
        });
        assertThrows(IllegalArgumentException.class, () -> net.run(10));
    }

    @Test
    void aLinkCanBecomeSlowerWhileFramesFlow() {
        LinkSide side = b.receive();
        side.rate(80_000_000);
        Streams s = Streams.start(a, b, 20_000_000);
        net.after(100 * MS, () -> side.rate(8_000_000));
        net.run(600 * MS);
        long at600 = s.received;
        net.run(1000 * MS);
        long rate = s.received - at600;
        assertTrue(rate > 900_000 && rate < 1_000_000, "1 MB/s less headers: " + rate);
        side.rate(80_000_000);
        net.run(100 * MS);
        long at1700 = s.received;
        net.run(100 * MS);
        assertTrue(s.received - at1700 > 850_000, "10 MB/s again: " + (s.received - at1700));
    }

    @Test
    void whatIsCalledFromOutsideIsSentBeforeTimeMovesOn() {
        b.stack().tcp().listen(0, 0, 80, 4, new TcpOptions(), (l, now) -> l.accept(new Streams.Echo()));
        Streams.Talker talker = Streams.talk(a, b, 80);
        assertTrue(net.runUntil(() -> talker.connection.state().isSynchronized(), SECOND));
        net.run(SECOND);
        // No call of stack(), as where a test keeps a connection.
        talker.say("hello", a.nowNs());
        net.run(10 * MS);
        assertEquals("hello", talker.heard.toString());
        net.after(MS, () -> talker.say(" again", a.nowNs()));
        net.run(10 * MS);
        assertEquals("hello again", talker.heard.toString());
    }

    private static long[] run(long seed, double loss, int delay) {
        try (SimulatedNetwork net = SimulatedNetwork.seeded(seed)) {
            RunDigest digest = RunDigest.of(net);
            SimulatedHost a = net.host("a", "192.0.2.1/24");
            SimulatedHost b = net.host("b", "192.0.2.2/24");
            a.transmit().loss(loss).delay(delay).jitter(1000).duplicate(0.1).corrupt(0.01);
            Streams s = Streams.start(a, b, 200_000);
            assertTrue(net.runUntil(s::isDone, 600 * SECOND));
            assertTrue(s.right);
            return new long[] {digest.value(), digest.events(), net.nowNs()};
        }
    }

    @Test
    void twoRunsOfOneSeedAreTheSameToTheByteAndOthersAreNot() {
        for (long seed = 1; seed <= 5; seed++) {
            long[] one = run(seed, 0.05, 1000);
            long[] two = run(seed, 0.05, 1000);
            assertEquals(one[0], two[0]);
            assertEquals(one[1], two[1]);
            assertEquals(one[2], two[2]);
            assertNotEquals(one[0], run(seed + 100, 0.05, 1000)[0]);
            assertNotEquals(one[0], run(seed, 0.05, 1001)[0], "a nanosecond more");
        }
    }

    @Test
    void theTraceTellsWhatHappenedAndWhy() {
        StringBuilder csv = new StringBuilder();
        EventTrace trace = EventTrace.of(net, csv, 1000);
        b.receive().drop(Match.SYN);
        Streams.toClosedPort(a, b);
        net.run(500 * MS);
        assertTrue(csv.toString().startsWith("ns,link,event,bytes,packet\n"), csv.toString());
        assertTrue(
                csv.toString()
                        .matches(
                                "(?s).*\n\\d+,lan>b,SCRIPTED,\\d+,192.0.2.1:\\d+ > 192.0.2.2:81 TCP S seq \\d+ ack 0 len 0\n.*"),
                csv.toString());
        assertEquals(csv.toString().lines().count() - 1, trace.lines());
    }

    @Test
    void theTraceEndsAtItsLimit() {
        StringBuilder csv = new StringBuilder();
        EventTrace.of(net, csv, 3);
        Streams.toClosedPort(a, b);
        net.run(SECOND);
        List<String> lines = csv.toString().lines().toList();
        assertEquals(5, lines.size());
        assertTrue(lines.get(4).startsWith("# the limit of 3 lines"), lines.get(4));
    }

    @Test
    void namesAreUnique() {
        assertThrows(IllegalArgumentException.class, () -> net.host("a", "192.0.2.9/24"));
        assertThrows(IllegalArgumentException.class, () -> net.newSwitch("lan"));
    }

    @Test
    void leaksAreLookedForAtTheEndOnly() {
        SimulatedNetwork open = SimulatedNetwork.seeded(1);
        assertThrows(IllegalStateException.class, open::assertNoLeaks);
        open.close();
        open.close();
        open.assertNoLeaks();
    }

    @Test
    void aFrameThatIsNotGivenBackIsALeak() {
        SimulatedNetwork leaky = SimulatedNetwork.seeded(77);
        SimulatedLink link = leaky.link(1500);
        link.a().offer(new Frame(100));
        assertTrue(link.aToB().take(leaky.nowNs()) != null);
        leaky.close();
        IllegalStateException e = assertThrows(IllegalStateException.class, leaky::assertNoLeaks);
        assertTrue(e.getMessage().contains("seed 77"), e.getMessage());
    }
}
