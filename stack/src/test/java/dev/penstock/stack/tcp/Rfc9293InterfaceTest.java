package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.ip.IcmpError;
import dev.penstock.stack.wire.IpAddress;
import org.junit.jupiter.api.Test;

/** RFC 9293, section 3.9: between the application, TCP and the network layer. */
class Rfc9293InterfaceTest extends TcpFixture {
    private final IpAddress second = IpAddress.parse("192.0.2.99");

    // --- OPEN, 3.9.1.1 ---

    /** "a passive OPEN call ... MUST NOT affect any previously created connection record". */
    @Test
    @Requirement("RFC9293:MUST-41")
    void aPassiveOpenLeavesConnectionsAlone() {
        established();
        write(100);
        drain();
        // Refused while there is a listener; and a new one in its place. Neither does any harm.
        assertNull(tcp().listen(0, 0, localPort, 8, options, (l, now) -> {}));
        assertEquals(TcpError.ADDRESS_IN_USE, tcp.errorOfLastCall());
        peer.sends(ACK, 1, 101, 65_535, 50);
        assertEquals(50, read());
        assertEquals(0, info().bytesInFlight);
        acceptor.close(nowNs);
        acceptor = tcp.listen(0, 0, localPort, 8, options, (l, now) -> {});
        assertNotNull(acceptor);
        peer.sends(ACK, 51, 101, 65_535, 50);
        assertEquals(50, read());
        state(TcpState.ESTABLISHED);
        drain();
        write(MSS);
        expectData(ACK | PSH, 101, 101, MSS);
        peer.sends(ACK, 101, 101 + MSS, 65_535, 0);
    }

    /** "... LISTEN on a port while a connection block with the same local port is in SYN-SENT or SYN-RECEIVED state". */
    @Test
    @Requirement("RFC9293:MUST-42")
    void onePortCanBeListenedOnBesideItsConnections() {
        TcpConnection first =
                tcp().connect(0, 0, localPort, theirs.hi(), theirs.lo(), 9, options, new TcpHandler() {}, nowNs);
        flush();
        drain();
        listen();
        peer.sends(SYN, 0, 0, 1000, 0, mss(MSS));
        iss = expect(SYN | ACK, 0, 1).rawSeq;
        // Beside SYN-SENT and SYN-RECEIVED: close the listener, and listen anew.
        acceptor.close(nowNs);
        flush();
        drain();
        listen();
        remotePort++;
        peer.sends(SYN, 0, 0, 1000, 0, mss(MSS));
        iss = expect(SYN | ACK, 0, 1).rawSeq;
        peer.acks(1, 1000);
        state(TcpState.ESTABLISHED);
        assertEquals(TcpState.SYN_SENT, first.state());
        first.abort(nowNs);
        drain();
    }

    @Test
    @Requirement("RFC9293:MUST-43")
    void openTakesALocalAddress() {
        ip.second = second;
        Connection c =
                parts(tcp().connect(second.hi(), second.lo(), 0, theirs.hi(), theirs.lo(), 80, options, app, nowNs));
        flush();
        assertEquals(second.lo(), c.localLo());
        assertEquals(second, out.pollFirst().source);
        c.abort(nowNs);
        app.closed = 0;
        // A listener with an address hears what is for that address, and no more.
        TcpAcceptor one = tcp.listen(second.hi(), second.lo(), localPort, 8, options, (l, now) -> {});
        assertNotNull(one);
        peer.sends(SYN, 0, 0, 1000, 0, mss(MSS));
        expect(RST | ACK, 0, 1);
        one.close(nowNs);
    }

    /** "the TCP implementation MUST ask the IP layer to select a local IP address before sending the (first) SYN". */
    @Test
    @Requirement("RFC9293:MUST-44")
    void withoutALocalAddressTheNetworkLayerChooses() {
        ip.second = second;
        connecting();
        assertEquals(ours.lo(), connection.localLo());
        assertEquals(ours, out.pollFirst().source);
    }

    /** "... MUST use the same local address that was used in those previous segments". */
    @Test
    @Requirement("RFC9293:MUST-45")
    void allSegmentsOfAConnectionHaveOneLocalAddress() {
        ip.second = second;
        listen();
        peer.to = second;
        peer.sends(SYN, 0, 0, 60_000, 0, mss(MSS));
        Seg s = out.peekFirst();
        iss = s.rawSeq;
        peer.acks(1, 60_000);
        write(3000);
        peer.sends(ACK, 1, 1, 60_000, 100);
        advance(2000);
        close();
        abort();
        assertEquals(second.lo(), connection.localLo());
        assertTrue(out.size() > 5);
        out.forEach(each -> assertEquals(second, each.source, each.show(this)));
        drain();
    }

    @Test
    @Requirement({"RFC9293:MUST-46.1", "RFC9293:MUST-46.2"})
    void noConnectionToManyOrToNobody() {
        for (String to : new String[] {"224.0.0.1", "239.255.255.255", "255.255.255.255", "0.0.0.0", "ff02::1", "::"}) {
            IpAddress a = IpAddress.parse(to);
            assertNull(tcp().connect(0, 0, 0, a.hi(), a.lo(), 80, options, app, nowNs), to);
            assertEquals(TcpError.NET_UNREACHABLE, tcp.errorOfLastCall(), to);
        }
        flush();
        expectNothing();
        assertEquals(0, tcp.connections());
    }

    /** Nothing of what is sent to many is taken, whatever its flags, with and without a connection. */
    @Test
    @Requirement({"RFC9293:MUST-57.1", "RFC9293:MUST-57.2"})
    void whatIsSentToManyIsDiscardedSilently() {
        established();
        peer.toGroup = true;
        peer.sends(SYN, 0, 0, 1000, 0);
        peer.sends(ACK, 1, 1, 1000, 10);
        peer.sends(RST, 1, 0, 0, 0);
        peer.sends(FIN | ACK, 1, 1, 1000, 0);
        remotePort++;
        peer.sends(SYN, 0, 0, 1000, 0);
        peer.sends(ACK, 5, 5, 1000, 10);
        remotePort--;
        expectNothing();
        assertEquals(6, drops(DropReason.TCP_NOT_UNICAST));
        state(TcpState.ESTABLISHED);
        assertEquals(0, app.received);
    }

    // --- TTL and Diffserv, 3.9.1.9 and 3.9.2 ---

    @Test
    @Requirement("RFC9293:MUST-49")
    void theTimeToLiveIsConfigurable() {
        options.ttl = 17;
        connecting();
        assertEquals(17, out.pollFirst().ttl);
        peer.sends(SYN | ACK, 0, 1, 1000, 0, mss(MSS));
        assertEquals(17, out.pollFirst().ttl);
        connection.options().ttl = 255;
        connection.optionsChanged(nowNs);
        write(10);
        assertEquals(255, out.pollFirst().ttl);
        abort();
        assertEquals(255, out.pollFirst().ttl, "and of the reset");
    }

    @Test
    @Requirement({"RFC9293:MUST-48", "RFC9293:SHLD-22", "RFC9293:SHLD-21"})
    void theDiffservFieldIsTheApplicationsAndChangesWithIt() {
        options.tos = 0xb8;
        connecting();
        assertEquals(0xb8, out.pollFirst().tos, "as it is, to IP");
        peer.sends(SYN | ACK, 0, 1, 1000, 0, mss(MSS));
        write(10);
        peer.acks(11, 1000);
        out.forEach(s -> assertEquals(0xb8, s.tos));
        drain();
        connection.options().tos = 0x20;
        connection.optionsChanged(nowNs);
        write(10);
        close();
        assertEquals(2, out.size());
        out.forEach(s -> assertEquals(0x20, s.tos));
        drain();
        abort();
        assertEquals(0x20, out.pollFirst().tos);
    }

    // --- errors from below, 3.9.2.2, and what the application is told of them, 3.9.1.8 ---

    @Test
    @Requirement({"RFC9293:MUST-54", "RFC9293:MUST-47", "RFC9293:SHLD-25", "RFC9293:MUST-56.1"})
    void softErrorsAreToldAndEndNothing() {
        for (IcmpError.Kind kind : new IcmpError.Kind[] {
            IcmpError.Kind.NET_UNREACHABLE, IcmpError.Kind.HOST_UNREACHABLE, IcmpError.Kind.SOURCE_ROUTE_FAILED
        }) {
            SoftError run = new SoftError();
            run.run(kind);
            run.nothingIsLeft();
        }
    }

    @Test
    @Requirement("RFC9293:MUST-56.2")
    void timeExceededEndsNothing() {
        new SoftError().run(IcmpError.Kind.TTL_EXCEEDED);
        new SoftError().run(IcmpError.Kind.REASSEMBLY_TIMEOUT);
    }

    @Test
    @Requirement("RFC9293:MUST-56.3")
    void aParameterProblemEndsNothing() {
        new SoftError().run(IcmpError.Kind.PARAMETER_PROBLEM);
    }

    /** A fresh fixture for each error. */
    static final class SoftError extends TcpFixture {
        void run(IcmpError.Kind kind) {
            connecting();
            expect(SYN, 0, 0);
            icmp(kind, 0, 0);
            state(TcpState.SYN_SENT);
            assertEquals(1, app.softErrors, kind + " while opening");
            peer.sends(SYN | ACK, 0, 1, 1000, 0, mss(MSS));
            write(10);
            drain();
            icmp(kind, 1, 0);
            state(TcpState.ESTABLISHED);
            assertEquals(2, app.softErrors);
            assertEquals(
                    kind == IcmpError.Kind.NET_UNREACHABLE ? TcpError.NET_UNREACHABLE : TcpError.HOST_UNREACHABLE,
                    app.softError);
            // Of another connection, or of nothing in flight: not ours.
            icmp(kind, 11, 0);
            remotePort++;
            icmp(kind, 1, 0);
            remotePort--;
            assertEquals(2, app.softErrors);
            assertEquals(2, drops(DropReason.ICMP_UNMATCHED));
            drain();
            peer.acks(11, 1000);
            assertEquals(0, info().bytesInFlight);
            assertEquals(0, app.closed);
        }
    }

    /** Nobody has to listen: the default of the handler does nothing, and nothing else depends on it. */
    @Test
    @Requirement("RFC9293:SHLD-20")
    void whoeverDoesNotWantReportsGetsNone() {
        TcpHandler deaf = new TcpHandler() {};
        connection = parts(tcp().connect(0, 0, localPort, theirs.hi(), theirs.lo(), remotePort, options, deaf, nowNs));
        iss = connection.tcb.snd.iss;
        flush();
        drain();
        icmp(IcmpError.Kind.HOST_UNREACHABLE, 0, 0);
        peer.sends(SYN | ACK, 0, 1, 1000, 0, mss(MSS));
        state(TcpState.ESTABLISHED);
        drain();
    }

    /** 3.8.3 (c): the application is told between R1 and R2, once for each trouble. */
    @Test
    @Requirement("RFC9293:SHLD-9")
    void theApplicationIsToldAtR1() {
        established();
        write(100);
        drain();
        while (info().timeouts < 2) {
            advance(10);
        }
        assertEquals(0, app.softErrors);
        while (info().timeouts < 3) {
            advance(10);
        }
        assertEquals(1, app.softErrors);
        assertEquals(TcpError.TIMED_OUT, app.softError);
        advance(60_000);
        assertEquals(1, app.softErrors, "told once");
        state(TcpState.ESTABLISHED);
        drain();
        peer.acks(101, 65_535);
        write(100);
        advance(600_000);
        assertEquals(2, app.softErrors, "and again when it happens again");
        drain();
    }

    @Test
    @Requirement("RFC9293:MUST-22")
    void synsAreTreatedTheSame() {
        connecting();
        advance(200);
        assertEquals(0, app.softErrors);
        advance(7_000);
        assertEquals(1, app.softErrors, "R1");
        assertEquals(1, ip.reachabilityDoubted);
        advance(240_000);
        assertEquals(1 + config.synRetries, drain());
        closedWith(TcpError.TIMED_OUT);
    }

    /** "MUST be set large enough to provide retransmission of the segment for at least 3 minutes". */
    @Test
    @Requirement("RFC9293:MUST-23")
    void aSynIsNotGivenUpBeforeThreeMinutes() {
        connecting();
        advance(180_000);
        state(TcpState.SYN_SENT);
        advance(60_000);
        closedWith(TcpError.TIMED_OUT);
        drain();
    }

    // --- resets, 3.5.3 ---

    /** "TCP implementations SHOULD allow a received RST segment to include data". */
    @Test
    @Requirement("RFC9293:SHLD-2")
    void aResetMayCarryData() {
        established();
        peer.sends(RST | ACK, 1, 1, 0, 40);
        closedWith(TcpError.CONNECTION_RESET);
        assertEquals(0, app.received, "and the data is not of the stream");
        expectNothing();
    }
}
