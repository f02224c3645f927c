package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.ip.IcmpError;
import dev.penstock.stack.wire.IpAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** RFC 1191 and RFC 8201: path MTU discovery, as TCP has to act on it. The cache of IP has a test of its own. */
@Tag("ipv4-sizes")
class Rfc1191Test extends TcpFixture {
    private void tooBig(int seq, int mtu) {
        icmp(IcmpError.Kind.TOO_BIG, seq, mtu);
    }

    @Test
    void allThatWasTooLargeIsSentAgainAtOnceInSmallerSegments() {
        // 6.5: no timer is waited for, and all that is in flight counts, not only what was quoted.
        established();
        write(4 * MSS);
        assertEquals(4, drain());
        tooBig(1, 1_000);
        for (int at = 0; at < 4 * MSS; at += 960) {
            int n = Math.min(960, 4 * MSS - at);
            Seg s = out.pollFirst();
            assertEquals(1 + at, s.rawSeq - iss);
            assertEquals(n, s.payload.length);
        }
        expectNothing();
        peer.acks(1 + 4 * MSS, 65_535);
    }

    @Test
    void theWindowStaysAsItIs() {
        // 6.5: not a sign of congestion.
        established();
        long cwnd = info().cwnd;
        write(4 * MSS);
        tooBig(1, 1_000);
        assertEquals(cwnd, info().cwnd);
        assertEquals(-1, info().ssthresh);
        assertEquals(0, info().recoveries);
        peer.acks(1 + 4 * MSS, 65_535);
        assertTrue(info().cwnd >= cwnd);
        assertEquals(0, info().timeouts);
        drain();
    }

    @Test
    void aSmallSegmentInFlightIsNotSentAgain() {
        established();
        write(2 * MSS + 100);
        drain();
        tooBig(1, 1_000);
        assertEquals(4, drain(), "two times 960 and 500");
        assertEquals(0, info().bytesLost);
        assertEquals(2 * MSS + 100, info().pipe);
        peer.acks(1 + 2 * MSS + 100, 65_535);
    }

    @Test
    void anotherConnectionFindsOutByItself() {
        // The path's MTU is one for all connections (section 5): no message about this one ever comes.
        established();
        write(2 * MSS);
        drain();
        ((FakeIp.Path) connection.path).pathMtu = 1_000;
        write(10);
        Seg s = expect(ACK, 1, 1);
        assertEquals(960, s.payload.length);
        drain();
        peer.acks(1 + 2 * MSS + 10, 65_535);
    }

    @Requirement("RFC8200:8.3-1")
    @Test
    void ipv6HasALeastMtu() {
        // RFC 8201, section 4: "it MUST discard it".
        List<Seg> sent = new ArrayList<>();
        FakeIp v6 = new FakeIp(IpAddress.parse("2001:db8::1"), (bytes, path, now) -> sent.add(new Seg(bytes, now)));
        v6.counters = counters;
        TcpLayer layer =
                new TcpLayer(config, v6, deadlines, dev.penstock.stack.base.RandomSource.seeded(1), counters, chunks);
        IpAddress other = IpAddress.parse("2001:db8::2");
        Connection c = parts(layer.connect(0, 0, 5000, other.hi(), other.lo(), 80, options, new Recorder(), nowNs));
        c.tcb.snd.begin(1000);
        c.tcb.snd.una = 1001;
        c.tcb.snd.nxt = 1001 + 1220;
        c.board.sent(1001, 1001 + 1220, 1220, false, nowNs);
        IcmpError e = new IcmpError();
        e.kind = IcmpError.Kind.TOO_BIG;
        e.mtu = 1_279;
        c.pathTrouble.onIcmpError(e, 1001, nowNs);
        assertEquals(1_500, c.negotiation.mtu());
        assertEquals(1, count(StackCounter.TCP_TOO_BIG_REFUSED));
        c.board.clear();
        c.tcb.snd.begin(1000);
        c.abort(nowNs);
        layer.flush(nowNs);
        assertEquals(0, v6.openPaths);
    }
}
