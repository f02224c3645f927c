package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.StackCounter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 4821, packetization layer path MTU discovery, and the states and constants of RFC 8899. */
@Tag("ipv4-sizes")
class Rfc4821Test {
    private static final long SECOND = 1_000 * TcpPair.MS;
    private static final int HEADERS = 52;

    private final TcpConfig config = new TcpConfig();
    private TcpPair net;
    private TransferApp client;
    private TransferApp server;
    private Connection sender;
    /** What the path takes, bytes of IP packet; nobody is told. */
    private int pathMtu = 1_400;

    private int interfaceMtu = 1_500;
    /** Sizes of what was sent beyond 1,100 bytes, in their order. */
    private final List<Integer> sizes = new ArrayList<>();

    /** As {@link #open}, at most 3 MB/s. */
    private void openSlowly(int bytes) {
        config.defaults.sendBuffer = 64 << 10;
        open(bytes);
    }

    private void open(int bytes) {
        config.quietNs = Long.MAX_VALUE;
        net = new TcpPair(1, config, config);
        net.a.ip.mtu = interfaceMtu;
        net.a.ip.gsoMaxLength = 65_535;
        net.b.ip.mtu = interfaceMtu;
        net.drop = (from, segment) -> {
            int size = segment.length + 20;
            if (size > 1_100) {
                sizes.add(size);
            }
            return size > pathMtu;
        };
        client = new TransferApp(bytes, 0, 1);
        server = new TransferApp(0, bytes, 2);
        net.b.tcp.listen(0, 0, 80, 8, config.defaults, (l, now) -> l.accept(server));
        sender = TcpFixture.parts(net.a.tcp.connect(
                0, 0, 0, net.b.address.hi(), net.b.address.lo(), 80, config.defaults, client, net.nowNs));
    }

    private void finish(long withinSeconds) {
        assertTrue(
                net.runUntil(() -> client.closed && server.closed, withinSeconds * SECOND),
                () -> client + "; " + server + "; MTU " + sender.negotiation.mtu());
        assertTrue(client.good() && server.good(), () -> client + "; " + server);
        net.run(120 * SECOND);
        net.assertNoLeaks();
    }

    private long count(StackCounter c) {
        return net.a.counters.get(c);
    }

    private void within4Percent() {
        int mtu = sender.negotiation.mtu();
        assertTrue(mtu <= pathMtu && mtu >= pathMtu * 0.96, () -> "found " + mtu + " of " + pathMtu);
        assertEquals(mtu - HEADERS, sender.tcb.snd.mss);
    }

    // --- 7.7: black holes ---

    @ParameterizedTest
    @CsvSource({"1400,1500", "1280,1500", "1492,1500", "1100,1500", "1450,9000", "1500,9000", "4352,9000", "8900,9000"})
    void aPathThatSwallowsLargeSegmentsIsFoundOutAndMeasured(int carries, int mtu) {
        pathMtu = carries;
        interfaceMtu = mtu;
        openSlowly(4_000_000);
        finish(6);
        within4Percent();
        assertEquals(1, count(StackCounter.TCP_MTU_BLACK_HOLES));
        assertEquals(
                count(StackCounter.TCP_MTU_PROBES),
                count(StackCounter.TCP_MTU_PROBES_ARRIVED) + count(StackCounter.TCP_MTU_PROBES_LOST));
    }

    @Test
    void itWorksWithoutSelectiveAcknowledgmentAndWithoutTimestamps() {
        config.sack = false;
        config.timestamps = false;
        openSlowly(3_000_000);
        finish(10);
        int mtu = sender.negotiation.mtu();
        assertTrue(mtu <= pathMtu && mtu >= pathMtu * 0.96, () -> "found " + mtu);
    }

    @Test
    void segmentsStayLargeUntilTwoTimeoutsInARow() {
        open(100_000);
        net.runUntil(() -> sender.retransmission.timeouts() == 1, SECOND);
        assertEquals(1_500, sender.negotiation.mtu());
        net.runUntil(() -> sender.retransmission.timeouts() == 2, SECOND);
        // 7.7: "set both eff_pmtu and search_low to the initial value for search_low".
        assertEquals(1_064, sender.negotiation.mtu());
        finish(10);
    }

    @Test
    void slowStartDoesNotEndWhereABlackHoleBegan() {
        // The flight that timed out is no measure of the path: with its threshold a megabyte a second were 100 round
        // trips.
        open(2_000_000);
        net.runUntil(() -> sender.retransmission.timeouts() == 1, SECOND);
        assertTrue(sender.cc.ssthresh() < 20_000, "an ordinary timeout as yet");
        net.runUntil(() -> sender.retransmission.timeouts() == 2, SECOND);
        assertEquals(CongestionControl.UNLIMITED, sender.cc.ssthresh());
        assertTrue(sender.cc.cwnd() <= 1_500, "it begins with one segment: " + sender.cc.cwnd());
        finish(10);
    }

    @Test
    void whereTheSizeHasWorkedBeforeTheTimeoutsCount() {
        pathMtu = 1_500;
        openSlowly(5_000_000);
        net.run(SECOND);
        net.drop = (from, segment) -> true;
        net.runUntil(() -> count(StackCounter.TCP_MTU_BLACK_HOLES) == 1, 5 * SECOND);
        assertEquals(1, count(StackCounter.TCP_MTU_BLACK_HOLES));
        assertTrue(sender.cc.ssthresh() < CongestionControl.UNLIMITED);
        net.drop = (from, segment) -> false;
        finish(60);
    }

    @Test
    void additionalTimeoutsHalveIt() {
        // 7.7: "Upon additional successive timeouts, search_low and eff_pmtu SHOULD be halved".
        pathMtu = 576;
        open(50_000);
        finish(60);
        assertEquals(552, sender.negotiation.mtu());
        assertEquals(2, count(StackCounter.TCP_MTU_BLACK_HOLES));
    }

    @Test
    void smallSegmentsThatTimeOutAreNoBlackHole() {
        open(500);
        net.runUntil(() -> client.connected, SECOND);
        net.drop = (from, segment) -> true;
        net.run(10 * SECOND);
        assertEquals(1_500, sender.negotiation.mtu());
        assertEquals(0, count(StackCounter.TCP_MTU_BLACK_HOLES));
        net.drop = (from, segment) -> false;
        finish(60);
    }

    @Test
    void afterAnInterruptionTheSizeThatWorkedIsTriedFirst() {
        pathMtu = 1_500;
        openSlowly(20_000_000);
        net.run(SECOND);
        net.drop = (from, segment) -> true;
        net.run(3 * SECOND);
        assertEquals(552, sender.negotiation.mtu(), "four timeouts");
        List<Integer> large = new ArrayList<>();
        net.drop = (from, segment) -> segment.length > 600 && !large.add(segment.length + 20);
        net.runUntil(() -> sender.negotiation.mtu() == 1_500, 10 * SECOND);
        assertTrue(large.stream().allMatch(n -> n == 1_500), large::toString);
        assertEquals(1_500, sender.negotiation.mtu());
        finish(30);
        assertEquals(1_500, sender.path.mtu(), "nothing to tell others");
    }

    @Test
    void whereItIsOffTheConnectionDies() {
        config.mtuProbing = TcpMtuProbing.OFF;
        config.dataRetries = 6;
        open(100_000);
        net.run(120 * SECOND);
        assertEquals(TcpError.TIMED_OUT, client.error);
        assertEquals(0, count(StackCounter.TCP_MTU_BLACK_HOLES));
    }

    // --- 7.2 to 7.6: probing ---

    @Test
    void aConnectionMayBeginSmallAndProbeUpward() {
        config.mtuProbing = TcpMtuProbing.ALWAYS;
        openSlowly(3_000_000);
        net.runUntil(() -> client.connected, SECOND);
        assertEquals(1_064, sender.negotiation.mtu());
        finish(4);
        within4Percent();
        assertEquals(0, count(StackCounter.TCP_MTU_BLACK_HOLES));
        assertEquals(0, sender.retransmission.timeouts());
    }

    @Test
    void aLoneProbeLossIsNoCongestion() {
        // 7.6.2.
        config.mtuProbing = TcpMtuProbing.ALWAYS;
        openSlowly(3_000_000);
        finish(4);
        assertTrue(count(StackCounter.TCP_MTU_PROBES_LOST) >= 3);
        assertEquals(0, count(StackCounter.TCP_FAST_RETRANSMITS));
        assertEquals(CongestionControl.UNLIMITED, sender.cc.ssthresh());
    }

    @Test
    void aLossBesideThatOfTheProbeIsCongestion() {
        // 7.6.3: and it says nothing of the probe's size.
        config.mtuProbing = TcpMtuProbing.ALWAYS;
        pathMtu = 1_500;
        open(3_000_000);
        boolean[] dropped = new boolean[2];
        net.drop = (from, segment) -> {
            int size = segment.length + 20;
            boolean probe = size == 1_280 && !dropped[0];
            boolean following = dropped[0] && !dropped[1] && size > 1_000;
            dropped[0] |= probe;
            dropped[1] |= following;
            return probe || following;
        };
        finish(10);
        assertEquals(1, count(StackCounter.TCP_FAST_RETRANSMITS));
        assertEquals(0, count(StackCounter.TCP_MTU_PROBES_LOST));
        assertEquals(1_500, sender.negotiation.mtu());
    }

    @Test
    void aSizeFailsWhenThreeProbesAreLost() {
        // RFC 8899, 5.1.2: MAX_PROBES; a single loss may be anything.
        config.mtuProbing = TcpMtuProbing.ALWAYS;
        pathMtu = 1_500;
        open(3_000_000);
        int[] lost = new int[1];
        net.drop = (from, segment) -> segment.length + 20 == 1_280 && lost[0]++ < 2;
        finish(10);
        assertEquals(2, count(StackCounter.TCP_MTU_PROBES_LOST));
        assertEquals(1_500, sender.negotiation.mtu());
    }

    @Test
    void randomLossesDoNotMisleadItForLong() {
        config.mtuProbing = TcpMtuProbing.ALWAYS;
        for (int seed = 1; seed <= 5; seed++) {
            pathMtu = 1_400;
            openSlowly(5_000_000);
            net.loss = 0.01;
            net.runUntil(() -> client.closed && server.closed, 60 * SECOND);
            assertTrue(client.good() && server.good(), () -> client + "; " + server);
            within4Percent();
        }
    }

    @Test
    void whatWasFoundIsToldToThePathForOthers() {
        // 5.2: the IP layer's cache.
        openSlowly(3_000_000);
        finish(6);
        assertEquals(sender.negotiation.mtu(), sender.path.mtu());
        assertEquals(1_500, sender.path.interfaceMtu());
    }

    @Test
    void afterTenMinutesItIsTriedAgain() {
        // 7.7; RFC 8899, 5.1.1: PMTU_RAISE_TIMER.
        openSlowly(20_000_000);
        net.runUntil(() -> sender.path.mtu() < 1_500, 10 * SECOND);
        int found = sender.negotiation.mtu();
        pathMtu = 1_500;
        server.paused = true;
        net.run(590 * SECOND);
        server.paused = false;
        server.onReadable(server.connection, net.nowNs);
        net.run(TcpPair.MS * 500);
        assertEquals(found, sender.negotiation.mtu());
        server.paused = true;
        net.run(11 * SECOND);
        ((FakeIp.Path) sender.path).pathMtu = 1_500;
        server.paused = false;
        server.onReadable(server.connection, net.nowNs);
        net.runUntil(() -> sender.negotiation.mtu() == 1_500, 5 * SECOND);
        assertEquals(1_500, sender.negotiation.mtu());
        assertEquals(1_448, sender.tcb.snd.mss);
        assertEquals(1, count(StackCounter.TCP_MTU_BLACK_HOLES));
        finish(300);
    }

    @Test
    void aPeerWithASmallMssIsNotProbed() {
        config.mtuProbing = TcpMtuProbing.ALWAYS;
        config.defaults.maxSegment = 600;
        pathMtu = 1_500;
        open(1_000_000);
        finish(10);
        assertEquals(0, count(StackCounter.TCP_MTU_PROBES));
        assertFalse(sizes.stream().anyMatch(n -> n > 640));
    }
}
