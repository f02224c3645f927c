package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.ip.IcmpError;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** RFC 5927, section 7.2: ICMP "too big" that an attacker may have sent; and RFC 5927, section 4.1. */
@Tag("ipv4-sizes")
class Rfc5927Test extends TcpFixture {
    private void tooBig(int seq, int mtu) {
        icmp(IcmpError.Kind.TOO_BIG, seq, mtu);
    }

    private void refused(int times) {
        assertEquals(1500, info().pathMtu);
        assertEquals(times, count(StackCounter.TCP_TOO_BIG_REFUSED));
        assertEquals(times, drops(DropReason.ICMP_UNMATCHED));
    }

    @Test
    void onlyAnErrorAboutASegmentInFlightIsBelieved() {
        // 4.1: "SND.UNA =< SEG.SEQ < SND.NXT".
        established();
        tooBig(1, 600);
        assertEquals(1, drops(DropReason.ICMP_UNMATCHED));
        write(MSS);
        tooBig(0, 600);
        tooBig(1 + MSS, 600);
        assertEquals(3, drops(DropReason.ICMP_UNMATCHED));
        assertEquals(1500, info().pathMtu);
        drain();
    }

    @Test
    void aSegmentThatWasNoLargerCannotHaveBeenTooBig() {
        // 7.2: maxsizesent; here for the very segment that is quoted.
        established();
        write(500);
        tooBig(1, 540);
        refused(1);
        tooBig(1, 1500);
        refused(2);
        tooBig(1, 539);
        assertEquals(539, info().pathMtu, "its 540 bytes were larger");
        drain();
    }

    @Test
    void initialDiscoveryIsAtOnce() {
        // 7.2: while nothing larger was acknowledged (maxsizeacked).
        established();
        write(100);
        peer.acks(101, 65_535);
        write(2 * MSS);
        drain();
        tooBig(101, 1_000);
        assertEquals(1_000, info().pathMtu);
        expectData(ACK, 101, 1, 960);
        drain();
    }

    @Test
    void whatContradictsProgressWaitsForATimeout() {
        // 7.2: "Path-MTU Update": nsegrto >= MAXSEGRTO.
        established();
        write(MSS);
        peer.acks(1 + MSS, 65_535);
        write(MSS);
        drain();
        tooBig(1 + MSS, 1_000);
        assertEquals(1_500, info().pathMtu);
        assertEquals(1, count(StackCounter.TCP_TOO_BIG_DEFERRED));
        expectNothing();
        advance(info().rtoNs / MS);
        assertEquals(1, info().timeouts);
        assertEquals(1_000, info().pathMtu);
        expectData(ACK, 1 + MSS, 1, 960);
        drain();
    }

    @Test
    void progressDiscardsWhatWaits() {
        established();
        write(MSS);
        peer.acks(1 + MSS, 65_535);
        write(MSS);
        drain();
        tooBig(1 + MSS, 1_000);
        peer.acks(1 + 2 * MSS, 65_535);
        assertEquals(1, count(StackCounter.TCP_TOO_BIG_REFUSED));
        write(100);
        drain();
        advance(info().rtoNs / MS);
        assertEquals(1, info().timeouts);
        assertEquals(1_500, info().pathMtu);
        drain();
    }

    @Test
    void whatWasReceivedSelectivelyWasNotTooBig() {
        config.sack = true;
        established(65_535, mss(MSS), sackPermitted());
        write(3 * MSS);
        drain();
        peer.sends(ACK, 1, 1, 65_535, 0, sack(1 + MSS, 1 + 2 * MSS));
        tooBig(1 + MSS, 1_499);
        refused(1);
        drain();
    }

    @Test
    void afterTheUpdateSmallerSegmentsAreTheMeasure() {
        // Discovery goes on: the next router's message is about segments of the new size.
        established();
        write(4 * MSS);
        drain();
        tooBig(1, 1_200);
        assertEquals(1_200, info().pathMtu);
        drain();
        tooBig(1, 1_000);
        assertEquals(1_000, info().pathMtu);
        expectData(ACK, 1, 1, 960);
        drain();
        tooBig(1, 1_100);
        assertEquals(1_000, info().pathMtu, "an old message about what was sent larger");
        drain();
    }

    @Requirement({"RFC1122:IP-50", "RFC1122:IP-51"})
    @Test
    void aHardErrorDoesNotEndASynchronizedConnection() {
        // 5.2: in the synchronized states hard errors are treated as soft ones.
        established();
        write(10);
        icmp(IcmpError.Kind.PORT_UNREACHABLE, 1, 0);
        state(TcpState.ESTABLISHED);
        assertTrue(out.size() > 0);
        drain();
    }
}
