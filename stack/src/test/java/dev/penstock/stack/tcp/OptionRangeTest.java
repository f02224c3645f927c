package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** The native API refuses what is out of range when it is told of it: nothing is half made. */
class OptionRangeTest extends TcpFixture {
    private String refused(org.junit.jupiter.api.function.Executable call) {
        return assertThrows(IllegalArgumentException.class, call).getMessage();
    }

    private void connect(TcpOptions wrong, int port, int remote) {
        assertNull(tcp().connect(0, 0, port, theirs.hi(), theirs.lo(), remote, wrong, app, nowNs));
    }

    @Test
    void connectChecksTheOptions() {
        TcpOptions wrong = new TcpOptions();
        wrong.ttl = 0;
        assertEquals("IP_TTL must be in 1 .. 255: 0", refused(() -> connect(wrong, 0, 80)));
        wrong.ttl = 64;
        wrong.maxSegment = 63;
        assertEquals("TCP_MAXSEG must be in 0 or 64 .. 65535 bytes: 63", refused(() -> connect(wrong, 0, 80)));
        wrong.maxSegment = 0;
        wrong.congestion = "vegas";
        assertEquals(
                "TCP_CONGESTION must be one of cubic, reno, bbr, none: 'vegas'", refused(() -> connect(wrong, 0, 80)));
        wrong.congestion = null;
        assertEquals(
                "TCP_CONGESTION must be one of cubic, reno, bbr, none: 'null'", refused(() -> connect(wrong, 0, 80)));
        assertEquals(0, tcp.connections());
        assertEquals(0, ip.openPaths);
    }

    @Test
    void listenChecksTheOptions() {
        TcpOptions wrong = new TcpOptions();
        wrong.keepCount = 128;
        assertEquals(
                "TCP_KEEPCNT must be in 1 .. 127: 128", refused(() -> tcp().listen(0, 0, 80, 1, wrong, (l, n) -> {})));
        wrong.keepCount = 9;
        tcp().listen(0, 0, 80, 1, wrong, (l, n) -> {}).close(nowNs);
    }

    @Test
    void portsAreChecked() {
        String range = "a local port must be in 0 .. 65535, 0 to have one chosen: ";
        assertEquals(range + 65_536, refused(() -> connect(options, 65_536, 80)));
        assertEquals(range + -1, refused(() -> connect(options, -1, 80)));
        assertEquals(range + 65_536, refused(() -> tcp().listen(0, 0, 65_536, 1, options, (l, n) -> {})));
        // No host has a port 0 to connect to.
        connect(options, 0, 0);
        assertEquals(TcpError.NET_UNREACHABLE, tcp.errorOfLastCall());
    }

    @Test
    void aListenersOptionsAreInForceOnceChecked() {
        listen();
        acceptor.options().ttl = 7;
        peer.sends(SYN, 0, 0, 1000, 0, mss(MSS));
        iss = out.pollFirst().rawSeq;
        peer.sends(ACK, 1, 1, 1000, 0);
        assertEquals(64, connection.getOption(TcpOption.IP_TTL));
        acceptor.optionsChanged();
        abort();
        drain();
        app.closed = 0;
        remotePort++;
        peer.sends(SYN, 0, 0, 1000, 0, mss(MSS));
        iss = out.pollFirst().rawSeq;
        peer.sends(ACK, 1, 1, 1000, 0);
        assertEquals(7, connection.options().ttl);
        acceptor.options().ttl = 256;
        assertEquals("IP_TTL must be in 1 .. 255: 256", refused(() -> acceptor.optionsChanged()));
        acceptor.options().congestion = "vegas";
        abort();
        drain();
        app.closed = 0;
        remotePort++;
        peer.sends(SYN, 0, 0, 1000, 0, mss(MSS));
        iss = out.pollFirst().rawSeq;
        peer.sends(ACK, 1, 1, 1000, 0);
        assertEquals(7, connection.options().ttl, "what was checked stays in force");
        drain();
    }
}
