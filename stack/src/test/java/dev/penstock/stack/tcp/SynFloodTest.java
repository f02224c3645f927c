package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.TcpHeader;
import dev.penstock.stack.wire.Wire;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/**
 * 100,000 SYNs in a second from addresses that never answer, against a listener to which honest peers connect meanwhile:
 * they notice nothing, and get all options, and the memory stays bounded.
 */
class SynFloodTest {
    private static final int SYNS = 100_000;
    private static final int PER_MS = 100;
    private static final int HONEST = 25;
    private static final int BYTES = 200_000;
    /** Honest ports are above. */
    private static final int FIRST_HONEST_PORT = 32_768;

    private final RandomSource random = RandomSource.seeded(77);
    private final TcpPair net = new TcpPair(78);
    private final List<TransferApp> servers = new ArrayList<>();
    private final List<TransferApp> clients = new ArrayList<>();
    private final List<Connection> accepted = new ArrayList<>();

    private void flood(int count) {
        for (int i = 0; i < count; i++) {
            byte[] segment = new byte[TcpHeader.MIN_LENGTH + 4];
            UnsafeBuffer b = new UnsafeBuffer(segment);
            int port = 1 + random.nextInt(FIRST_HONEST_PORT - 1);
            Wire.u32(b, TcpHeader.MIN_LENGTH, 0x020405b4);
            TcpHeader.put(b, 0, port, 80, random.nextInt(), 0, segment.length, TcpHeader.SYN, 65_535, 0, 0);
            IpAddress from = IpAddress.parse("10." + random.nextInt(256) + "." + random.nextInt(256) + ".1");
            IpAddress to = net.b.address;
            int sum = InternetChecksum.pseudoHeader(
                    from.hi(), from.lo(), to.hi(), to.lo(), IpProtocol.TCP, segment.length);
            sum = InternetChecksum.add(sum, InternetChecksum.sum(b, 0, segment.length));
            Wire.u16(b, TcpHeader.CHECKSUM_OFFSET, InternetChecksum.finish(sum));
            net.b.tcp.onPacket(FakeIp.packet(segment, from, to), net.nowNs);
        }
    }

    private void connect() {
        TransferApp app = new TransferApp(BYTES, BYTES, clients.size());
        clients.add(app);
        IpAddress to = net.b.address;
        assertTrue(net.a.tcp.connect(0, 0, 0, to.hi(), to.lo(), 80, new TcpOptions(), app, net.nowNs) != null);
    }

    @Test
    void honestPeersNoticeNothing() {
        net.b.tcp.listen(0, 0, 80, 128, new TcpOptions(), (l, now) -> {
            while (l.acceptable() > 0) {
                TransferApp app = new TransferApp(BYTES, BYTES, 1_000 + servers.size());
                servers.add(app);
                accepted.add(TcpFixture.parts(l.accept(app)));
            }
        });
        // What answers the flood goes to nobody.
        net.drop = (from, segment) ->
                from == net.b && TcpHeader.destinationPort(new UnsafeBuffer(segment), 0) < FIRST_HONEST_PORT;
        int most = 0;
        int mostDeadlines = 0;
        for (int ms = 0; ms < SYNS / PER_MS; ms++) {
            flood(PER_MS);
            if (ms % 40 == 20) {
                connect();
            }
            net.runExactly(TcpPair.MS);
            most = Math.max(most, net.b.tcp.connections());
            mostDeadlines = Math.max(mostDeadlines, net.b.deadlines.size());
        }
        assertEquals(HONEST, clients.size());
        net.run(20_000 * TcpPair.MS);
        assertTrue(clients.stream().allMatch(TransferApp::good), clients::toString);
        assertTrue(servers.stream().allMatch(TransferApp::good), servers::toString);
        assertEquals(HONEST, servers.size());
        int limit = new TcpConfig().maxHalfOpen;
        assertTrue(most <= limit + 2 * HONEST, "connections " + most);
        assertTrue(mostDeadlines <= limit + 2 * HONEST, "deadlines " + mostDeadlines);
        long sent = net.b.counters.get(StackCounter.TCP_SYN_COOKIES_SENT);
        assertTrue(sent >= SYNS - limit, "cookies " + sent);
        assertEquals(HONEST, net.b.counters.get(StackCounter.TCP_SYN_COOKIES_RECEIVED));
        assertEquals(0, net.b.counters.get(StackCounter.TCP_HALF_OPEN_EVICTED));
        assertEquals(0, net.b.counters.get(DropReason.TCP_COOKIE_LIMITED));
        for (Connection c : accepted) {
            assertTrue(c.tcb.rcv.sack && c.tcb.rcv.timestamps, "SACK and timestamps");
            assertTrue(c.tcb.rcv.wndShift > 0 && c.tcb.snd.wndShift > 0, "window scaling");
        }
        // The half-open ones end by themselves.
        net.run(200_000 * TcpPair.MS);
        assertEquals(0, net.b.tcp.connections());
        net.assertNoLeaks();
    }
}
