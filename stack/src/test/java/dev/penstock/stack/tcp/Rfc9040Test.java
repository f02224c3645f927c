package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.SipHash;
import dev.penstock.stack.base.StackCounter;
import org.junit.jupiter.api.Test;

/** RFC 9040, sections 6 and 7: what a connection leaves to the next one to the same host, and tells those that begin. */
class Rfc9040Test extends TcpFixture {
    private static final long LIFE = 1_000;

    private final TcbCache cache = new TcbCache(8, LIFE, new SipHash(1, 2), counters);

    /** A connection whose segments are acknowledged after {@code rttMs}, ended by a reset. */
    private void run(int segments, long rttMs) {
        connecting();
        expect(SYN, 0, 0);
        advance(rttMs);
        peer.sends(SYN | ACK, 0, 1, 65_535, 0, mss(MSS));
        drain();
        for (int i = 0; i < segments; i++) {
            app.written = 0;
            app.write(connection, 100, nowNs);
            flush();
            advance(rttMs);
            peer.sends(ACK, 1, 1 + 100 * (i + 1), 65_535, 0);
            drain();
        }
    }

    private void end() {
        abort();
        drain();
        app.closed = 0;
        app.connected = 0;
    }

    @Test
    void theFirstMeasurementIsTakenIntoWhatTheLastConnectionFound() {
        run(30, 100);
        assertEquals(100e6, (double) info().srttNs, 1_000);
        long rttvar = info().rttvarNs;
        end();
        assertEquals(0, count(StackCounter.TCP_TCB_CACHE_HITS));
        run(0, 180);
        assertEquals(1, count(StackCounter.TCP_TCB_CACHE_HITS));
        assertEquals(110e6, (double) info().srttNs, 1_000, "an eighth of the way from 100 ms");
        assertTrue(info().rttvarNs > rttvar && info().rttvarNs < 40 * MS, "rttvar " + info().rttvarNs);
    }

    /** RFC 6298, (2.1) stays: what is remembered makes the first RTO longer, never shorter. */
    @Test
    void theFirstRtoMayOnlyGrow() {
        run(10, 10);
        end();
        connecting();
        assertEquals(1_000 * MS, info().rtoNs);
        end();
        remoteSlow();
        connecting();
        assertTrue(info().rtoNs > 2_400 * MS, "RTO " + info().rtoNs);
    }

    private void remoteSlow() {
        config.initialRtoNs = 10_000 * MS;
        for (int i = 0; i < 12; i++) {
            run(8, 2_400);
            end();
        }
        config.initialRtoNs = 1_000 * MS;
    }

    @Test
    void fewMeasurementsAreNotRemembered() {
        run(1, 100);
        end();
        run(0, 10);
        assertEquals(0, count(StackCounter.TCP_TCB_CACHE_HITS));
    }

    private Connection another() {
        Connection first = connection;
        remotePort++;
        localPort++;
        app.connected = 0;
        return first;
    }

    private void end(Connection first) {
        first.abort(nowNs);
        flush();
        drain();
        app.closed = 0;
    }

    /** Section 7, ensemble sharing: the first connection still lives when the second begins. */
    @Test
    void connectionsThatBeginMeanwhileKnowTheRoundTripTime() {
        run(4, 100);
        Connection first = another();
        run(0, 180);
        assertEquals(TcpState.ESTABLISHED, first.state());
        assertEquals(1, count(StackCounter.TCP_TCB_CACHE_HITS));
        assertEquals(110e6, (double) info().srttNs, 2e6);
        end(first);
    }

    /** Congestion windows are not: neither does the new one begin with more, nor the old one go on with less. */
    @Test
    void congestionWindowsAreNotShared() {
        run(4, 100);
        for (int i = 0; i < 5; i++) {
            app.write(connection, 40 * MSS, nowNs);
            advance(100);
            peer.acks(connection.tcb.snd.nxt - connection.tcb.snd.iss, 65_535);
            drain();
        }
        long window = connection.cc.cwnd();
        assertTrue(window > 10L * MSS, "cwnd " + window);
        Connection first = another();
        run(0, 100);
        assertEquals(10L * MSS, connection.cc.cwnd());
        assertEquals(window, first.cc.cwnd());
        end(first);
    }

    @Test
    void fewMeasurementsAreNotToldEither() {
        run(1, 100);
        Connection first = another();
        run(0, 10);
        assertEquals(0, count(StackCounter.TCP_TCB_CACHE_HITS));
        end(first);
    }

    @Test
    void turnedOffNothingIsShared() {
        config.tcbSharing = false;
        run(10, 100);
        end();
        run(0, 300);
        assertEquals(300e6, (double) info().srttNs, 1_000);
    }

    @Test
    void theSlowStartThresholdOnlyIfAskedFor() {
        for (boolean asked : new boolean[] {false, true}) {
            config.tcbSharingSsthresh = asked;
            run(20, 10);
            connection.cc.onCongestion(CongestionControl.Cause.LOSS, 40 * MSS, nowNs);
            long found = connection.cc.ssthresh();
            assertTrue(found < CongestionControl.UNLIMITED);
            end();
            run(0, 10);
            assertEquals(asked, connection.cc.ssthresh() == found, "ssthresh " + connection.cc.ssthresh());
            end();
        }
    }

    // --- the cache ---

    @Test
    void mergesHalfAndHalf() {
        cache.save(0, 1, 100, 10, 1_000, 0);
        cache.save(0, 1, 300, 30, CongestionControl.UNLIMITED, 1);
        int at = cache.find(0, 1, 1);
        assertEquals(200, cache.srttNs(at));
        assertEquals(20, cache.rttvarNs(at));
        assertEquals(1_000, cache.ssthresh(at));
        cache.save(0, 1, 200, 20, 3_000, 2);
        assertEquals(2_000, cache.ssthresh(cache.find(0, 1, 2)));
    }

    @Test
    void whatIsOldIsNeitherUsedNorMerged() {
        cache.save(0, 1, 100, 10, 1_000, 0);
        assertTrue(cache.find(0, 1, LIFE) >= 0);
        assertEquals(-1, cache.find(0, 1, LIFE + 1));
        cache.save(0, 1, 500, 50, 9_000, LIFE + 1);
        assertEquals(500, cache.srttNs(cache.find(0, 1, LIFE + 1)));
    }

    @Test
    void isBoundedAndTheOldestOfASetGoes() {
        for (int host = 0; host < 100; host++) {
            cache.save(7, host, 100 + host, 10, 1_000, host);
        }
        int there = 0;
        for (int host = 0; host < 100; host++) {
            there += cache.find(7, host, 100) >= 0 ? 1 : 0;
        }
        assertEquals(8, there);
        assertEquals(92, count(StackCounter.TCP_TCB_CACHE_EVICTED));
        assertTrue(cache.find(7, 99, 100) >= 0, "the newest is there");
        assertEquals(-1, cache.find(8, 99, 100), "another host with the same low half");
    }
}
