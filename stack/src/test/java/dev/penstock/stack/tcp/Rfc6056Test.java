package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.SipHash;
import dev.penstock.stack.wire.IpAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** RFC 6056: which ephemeral ports are chosen, by algorithm 4 (section 3.3.4, double-hash port selection). */
class Rfc6056Test extends TcpFixture {
    private final List<Connection> all = new ArrayList<>();

    private Connection open(int host, int port) {
        Connection c = parts(
                tcp().connect(0, 0, 0, 0, IpAddress.v4(0x0a00_0000 + host), port, options, new Recorder(), nowNs));
        if (c != null) {
            all.add(c);
        }
        return c;
    }

    private void endAll() {
        flush();
        all.forEach(c -> c.abort(nowNs));
        all.clear();
        flush();
        drain();
    }

    /** Section 3.2: the range is large, and nothing outside of it is chosen. */
    @Test
    void allPortsOfTheRangeAreUsedAndNoOther() {
        config.ephemeralPortFirst = 40_000;
        config.ephemeralPortLast = 40_063;
        Set<Integer> seen = new HashSet<>();
        for (int i = 0; i < 64; i++) {
            int port = open(1, 80).localPort();
            assertTrue(port >= 40_000 && port <= 40_063, "port " + port);
            assertTrue(seen.add(port), "twice for one destination: " + port);
        }
        assertNull(open(1, 80));
        assertEquals(TcpError.ADDRESS_IN_USE, tcp.errorOfLastCall());
        assertNotNull(open(1, 81), "another destination may use them again");
        endAll();
        assertTrue(new TcpConfig().ephemeralPortLast - new TcpConfig().ephemeralPortFirst >= 32_767);
    }

    /** Section 3.3.3: from one destination's ports another's cannot be told. */
    @Test
    void destinationsBeginAnywhere() {
        Set<Integer> seen = new HashSet<>();
        for (int host = 1; host <= 200; host++) {
            seen.add(open(host, 80).localPort() >>> 7);
        }
        assertTrue(seen.size() > 120, "of 256 parts of the range " + seen.size());
        endAll();
    }

    /** Section 3.3.4: a destination does not see how many connections went to others in the meantime. */
    @Test
    void aDestinationCannotCountOurOtherConnections() {
        RandomSource random = RandomSource.seeded(9);
        IssGenerator g =
                new IssGenerator(SipHash.keyedFrom(random), SipHash.keyedFrom(random), SipHash.keyedFrom(random));
        int before = g.portOffset(0, 1, 0, 2, 80, 32_768);
        for (int host = 100; host < 200; host++) {
            g.portOffset(0, 1, 0, host, 80, 32_768);
        }
        int after = g.portOffset(0, 1, 0, 2, 80, 32_768);
        int moved = Math.floorMod(after - before, 32_768);
        assertTrue(moved >= 1 && moved <= 5, "moved by " + moved);
    }

    /** Section 2.1: a port that is in use for something else is passed over. */
    @Test
    void listenersKeepTheirPorts() {
        config.ephemeralPortFirst = 50_000;
        config.ephemeralPortLast = 50_003;
        TcpAcceptor l = tcp().listen(0, 0, 50_002, 1, options, (x, now) -> {});
        for (int i = 0; i < 3; i++) {
            assertTrue(open(1, 80).localPort() != 50_002);
        }
        assertNull(open(1, 80));
        l.close(nowNs);
        assertEquals(50_002, open(1, 80).localPort());
        endAll();
    }

    // --- RFC 9293, section 3.9.1, and SO_REUSEADDR ---

    private void toTimeWait() {
        established();
        close();
        peer.sends(FIN | ACK, 1, 2, 1_000, 0);
        state(TcpState.TIME_WAIT);
        drain();
        acceptor.close(nowNs);
    }

    @Test
    void withReuseAddressAListenerTakesAPortWithConnectionsInTimeWait() {
        toTimeWait();
        acceptor = tcp.listen(0, 0, localPort, 1, options, (l, now) -> {});
        assertNotNull(acceptor);
        TcpOptions strict = options.clone();
        strict.reuseAddress = false;
        assertNull(tcp.listen(0, 0, localPort, 1, options, (l, now) -> {}), "never two listeners");
    }

    @Test
    void withoutReuseAddressItWaitsForThem() {
        toTimeWait();
        options.reuseAddress = false;
        assertNull(tcp.listen(0, 0, localPort, 1, options, (l, now) -> {}));
        assertEquals(TcpError.ADDRESS_IN_USE, tcp.errorOfLastCall());
        assertNull(tcp.listen(ours.hi(), ours.lo(), localPort, 1, options, (l, now) -> {}));
        acceptor = tcp.listen(0, 0, localPort + 1, 1, options, (l, now) -> {});
        assertNotNull(acceptor);
        acceptor.close(nowNs);
        advance(60_000);
        acceptor = tcp.listen(0, 0, localPort, 1, options, (l, now) -> {});
        assertNotNull(acceptor);
    }

    @Test
    void withoutReuseAddressItWaitsForEstablishedOnesToo() {
        established();
        acceptor.close(nowNs);
        options.reuseAddress = false;
        assertNull(tcp.listen(0, 0, localPort, 1, options, (l, now) -> {}));
        abort();
        drain();
        acceptor = tcp.listen(0, 0, localPort, 1, options, (l, now) -> {});
        assertNotNull(acceptor);
    }
}
