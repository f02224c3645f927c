package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.ip.IcmpError;
import dev.penstock.stack.ip.IpOutput;
import dev.penstock.stack.ip.PathWaiter;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Retransmission, giving up (RFC 9293, section 3.8.3) and trouble below (RFC 1122, 4.2.3.9; RFC 5927; RFC 1191). */
class RetransmissionTest extends TcpFixture {

    /** A round-trip time of 100 ms and an MSS of 1000. */
    private void open() {
        connecting();
        expect(SYN, 0, 0);
        advance(100);
        peer.sends(SYN | ACK, 0, 1, 60_000, 0, mss(1000));
        expectAck(1, 1);
    }

    /** The copy may have filled the hole, and the rest have arrived before the timeout: it was taken for spurious. */
    @Test
    void anAckThatTheCopyMayHaveCausedDoesNotShowTheTimeoutToBeSpurious() {
        // RFC 5682, section 2.1: only the ACK after that one tells, in step 3, and for that something new must be sent.
        open();
        write(5000);
        assertEquals(5, drain());
        advance(300);
        expectData(ACK, 1, 1, 1000);
        expectNothing();
        assertEquals(1000, info().cwnd);
        peer.acks(4001, 60_000);
        expectData(ACK | PSH, 4001, 1, 1000);
        assertEquals(0, info().undos);
        peer.acks(5001, 60_000);
        advance(10_000);
        expectNothing();
    }

    @Test
    void anAckOfEverythingAfterTheTimeoutEndsIt() {
        open();
        write(5000);
        drain();
        advance(300);
        drain();
        peer.acks(5001, 60_000);
        advance(100_000);
        expectNothing();
        assertEquals(0, info().bytesInFlight);
    }

    @Test
    void newDataIsSentBehindTheRetransmitted() {
        open();
        write(1000);
        drain();
        write(500);
        drain();
        advance(300);
        expectData(ACK, 1, 1, 1000);
        write(2000);
        expectNothing();
        // RFC 5682, section 2.1, step 2b: "transmit up to two new (previously unsent) segments".
        peer.acks(1001, 60_000);
        expectData(ACK, 1501, 1, 1000);
        expectData(ACK | PSH, 2501, 1, 1000);
        expectNothing();
        // Step 3a: a duplicate, so the loss was real.
        peer.acks(1001, 60_000);
        expectData(ACK, 1001, 1, 500);
        peer.acks(3501, 60_000);
    }

    @Test
    @Requirement({"RFC9293:MUST-20.2", "RFC9293:SHLD-11"})
    void dataIsGivenUpAfterR2() {
        // SHLD-11: "R2 for data ... SHOULD correspond to at least 100 seconds".
        open();
        write(100);
        drain();
        long begin = nowNs;
        advance(100_000);
        state(TcpState.ESTABLISHED);
        advance(30 * 60_000);
        closedWith(TcpError.TIMED_OUT);
        assertEquals(config.dataRetries, drain());
        assertTrue(nowNs - begin > 100_000 * MS);
    }

    @Test
    @Requirement("RFC9293:MUST-21")
    void theUserTimeoutEndsItSooner() {
        // RFC 5482.
        options.userTimeoutNs = 5_000 * MS;
        open();
        write(100);
        drain();
        advance(4_900);
        state(TcpState.ESTABLISHED);
        advance(200);
        closedWith(TcpError.TIMED_OUT);
        // After 300, 900, 2100 and 4500 ms, and not in a storm at the end.
        assertEquals(4, drain());
    }

    @Test
    @Requirement("RFC9293:MUST-56.1")
    void softErrorsAreRememberedHardOnesIgnoredOnceSynchronized() {
        // RFC 1122, 4.2.3.9: "TCP MUST NOT abort the connection"; RFC 5927, section 5.2.
        open();
        write(100);
        drain();
        icmp(IcmpError.Kind.PORT_UNREACHABLE, 1, 0);
        icmp(IcmpError.Kind.HOST_UNREACHABLE, 1, 0);
        state(TcpState.ESTABLISHED);
        advance(30 * 60_000);
        closedWith(TcpError.HOST_UNREACHABLE);
        drain();
    }

    @Test
    void aSoftErrorIsForgottenWithProgress() {
        open();
        write(100);
        drain();
        icmp(IcmpError.Kind.HOST_UNREACHABLE, 1, 0);
        peer.acks(101, 60_000);
        write(100);
        advance(30 * 60_000);
        closedWith(TcpError.TIMED_OUT);
        drain();
    }

    @Test
    @Requirement("RFC9293:MUST-54")
    void aHardErrorEndsAnOpeningConnection() {
        connecting();
        drain();
        icmp(IcmpError.Kind.HOST_UNREACHABLE, 0, 0);
        state(TcpState.SYN_SENT);
        icmp(IcmpError.Kind.PORT_UNREACHABLE, 0, 0);
        closedWith(TcpError.CONNECTION_REFUSED);
    }

    @Test
    @Requirement("RFC9293:MUST-54")
    @Tag("ipv4-sizes")
    void anErrorThatQuotesNothingInFlightIsNotBelieved() {
        connecting();
        drain();
        icmp(IcmpError.Kind.PORT_UNREACHABLE, 1, 0);
        icmp(IcmpError.Kind.PORT_UNREACHABLE, -1, 0);
        state(TcpState.SYN_SENT);
        icmp(IcmpError.Kind.TOO_BIG, 99, 100);
        assertEquals(1500, info().pathMtu);
        assertEquals(3, drops(dev.penstock.stack.base.DropReason.ICMP_UNMATCHED));
    }

    @Test
    @Tag("ipv4-sizes")
    void aSmallerPathIsRetransmittedAtOnceInSmallerSegments() {
        // RFC 1191, section 6.5.
        open();
        write(3000);
        drain();
        long cwnd = info().cwnd;
        icmp(IcmpError.Kind.TOO_BIG, 1, 640);
        for (int i = 0; i < 5; i++) {
            expectData(i == 4 ? ACK | PSH : ACK, 1 + 600 * i, 1, 600);
        }
        expectNothing();
        assertEquals(cwnd, info().cwnd);
        peer.acks(3001, 60_000);
        advance(10_000);
        expectNothing();
    }

    @Test
    @Tag("ipv4-sizes")
    void aPathThatAnotherConnectionFoundSmallerIsFollowedAtOnce() {
        open();
        ((FakeIp.Path) connection.path).pathMtu = 640;
        write(3000);
        assertEquals(600, out.peekFirst().payload.length);
        assertEquals(5, drain());
        peer.acks(3001, 60_000);
    }

    @Test
    void anUnresolvedNeighbourParksTheConnection() {
        ip.refuse = IpOutput.UNRESOLVED;
        connecting();
        expectNothing();
        assertEquals(1, ip.waiters.size());
        advance(5_000);
        expectNothing();
        ip.refuse = 0;
        resolved(true);
        expect(SYN, 0, 0);
        peer.sends(SYN | ACK, 0, 1, 60_000, 0, mss(1000));
        expectAck(1, 1);
    }

    private void resolved(boolean reachable) {
        PathWaiter w = ip.waiters.remove(0);
        w.onPathReady(reachable, nowNs);
        flush();
    }

    @Test
    void anUnreachableNeighbourEndsAnOpeningConnection() {
        ip.refuse = IpOutput.UNRESOLVED;
        connecting();
        resolved(false);
        closedWith(TcpError.HOST_UNREACHABLE);
    }

    @Test
    void anEstablishedConnectionOutlivesAnUnreachableNeighbour() {
        open();
        ip.refuse = IpOutput.UNRESOLVED;
        write(1000);
        assertEquals(1, ip.waiters.size());
        ip.refuse = IpOutput.HOST_UNREACHABLE;
        resolved(false);
        state(TcpState.ESTABLISHED);
        advance(2000);
        expectNothing();
        ip.refuse = 0;
        advance(10_000);
        assertTrue(drain() > 0);
        peer.acks(1001, 60_000);
        drain();
    }

    @Test
    void abortWhileParkedLeavesNoWaiter() {
        open();
        ip.refuse = IpOutput.UNRESOLVED;
        write(1000);
        assertEquals(1, ip.waiters.size());
        abort();
        assertEquals(0, ip.waiters.size());
        closedWith(TcpError.ABORTED);
    }

    @Test
    void withoutARouteAConnectionIsGivenUpInTheEnd() {
        open();
        ip.refuse = IpOutput.NO_ROUTE;
        write(1000);
        advance(40 * 60_000);
        closedWith(TcpError.NET_UNREACHABLE);
    }

    @Test
    void withoutARouteThereIsNoConnection() {
        ip.noRoute = true;
        assertEquals(null, tcp().connect(0, 0, 0, theirs.hi(), theirs.lo(), 9, options, app, nowNs));
        assertEquals(TcpError.NET_UNREACHABLE, tcp.errorOfLastCall());
    }

    // --- keepalive, 3.8.4 ---

    @Test
    @Requirement("RFC9293:MUST-25")
    void keepaliveIsOffByDefault() {
        // MUST-25.
        open();
        advance(5 * 3_600_000);
        expectNothing();
        state(TcpState.ESTABLISHED);
    }

    @Test
    @Requirement({"RFC9293:MAY-5", "RFC9293:MUST-28", "RFC9293:MUST-29", "RFC9293:SHLD-12"})
    void keepaliveProbesAfterTwoHoursAndGivesUpAfterNine() {
        // MUST-28: "MUST default to no less than two hours"; MUST-29.
        options.keepAlive = true;
        open();
        long begin = nowNs;
        advance(7_199_999);
        expectNothing();
        advance(1 + 75_000 * 8);
        for (int i = 0; i < 9; i++) {
            Seg s = expect(ACK, 0, 1);
            assertEquals(7_200_000 + 75_000 * i, (s.atNs - begin) / MS);
            assertEquals(0, s.payload.length);
        }
        state(TcpState.ESTABLISHED);
        advance(75_000);
        closedWith(TcpError.TIMED_OUT);
        assertEquals(9, count(StackCounter.TCP_KEEPALIVE_PROBES));
        drain();
    }

    @Test
    @Requirement({"RFC9293:MUST-26", "RFC9293:MUST-27"})
    void anAnswerBeginsTheIdleTimeAnew() {
        options.keepAlive = true;
        options.keepIdleNs = 10_000 * MS;
        options.keepIntervalNs = 1_000 * MS;
        open();
        advance(12_000);
        assertEquals(3, drain());
        peer.acks(1, 60_000);
        advance(9_999);
        expectNothing();
        advance(1);
        assertEquals(1, drain());
    }

    @Test
    @Requirement("RFC9293:MUST-26")
    void keepaliveIsSilentWhileDataIsOutstanding() {
        // MUST-26: "only when no sent data is outstanding".
        options.keepAlive = true;
        options.keepIdleNs = 1_000 * MS;
        open();
        write(100);
        advance(20_000);
        assertEquals(0, count(StackCounter.TCP_KEEPALIVE_PROBES));
        drain();
        peer.acks(101, 60_000);
    }

    /** It fired every millisecond, for as long as the data was outstanding. */
    @Test
    void keepaliveSleepsWhileDataIsOutstanding() {
        options.keepAlive = true;
        options.keepIdleNs = 1_000 * MS;
        open();
        write(100);
        flush();
        int wakeUps = 0;
        long end = nowNs + 60_000 * MS;
        while (deadlines.nextDeadlineNs() < end) {
            advanceNs(deadlines.nextDeadlineNs() - nowNs);
            wakeUps++;
        }
        assertTrue(wakeUps < 80, "deadlines in a minute: " + wakeUps);
        drain();
        peer.acks(101, 60_000);
    }

    @Test
    @Requirement({"RFC9293:MAY-5", "RFC9293:MUST-24"})
    void keepaliveCanBeTurnedOnAndOffOnTheWay() {
        open();
        connection.options().keepAlive = true;
        connection.options().keepIdleNs = 1_000 * MS;
        connection.optionsChanged(nowNs);
        advance(1_000);
        expect(ACK, 0, 1);
        connection.options().keepAlive = false;
        connection.optionsChanged(nowNs);
        advance(1_000_000);
        expectNothing();
    }

    /** RFC 9293, section 3.8.3 (b): at R1, IP is told; SHLD-9, "R1 SHOULD correspond to at least 3 retransmissions". */
    @Test
    @Requirement({"RFC9293:MUST-20.1", "RFC9293:SHLD-10"})
    void theWayIsDoubtedAtR1() {
        open();
        write(1000);
        drain();
        advance(300);
        advance(600);
        assertEquals(2, info().timeouts);
        assertEquals(0, ip.reachabilityDoubted);
        advance(1200);
        assertEquals(3, info().timeouts);
        assertEquals(1, ip.reachabilityDoubted);
        advance(60_000);
        assertEquals(1, ip.reachabilityDoubted, "told once");
    }

    /** RFC 1191, section 6.3: the path MTU ages, and segments grow with it again. */
    @Test
    @Tag("ipv4-sizes")
    void segmentsGrowAgainWithThePathMtu() {
        open();
        write(1000);
        drain();
        icmp(IcmpError.Kind.TOO_BIG, 1, 600);
        drain();
        peer.acks(1001, 60_000);
        assertEquals(560, info().sendMss);
        ((FakeIp.Path) connection.path).pathMtu = 1500;
        write(1000);
        expectData(ACK | PSH, 1001, 1, 1000);
        assertEquals(1000, info().sendMss);
    }
}
