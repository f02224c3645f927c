package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/**
 * A path that reorders and loses nothing: after the first round trips nothing is sent again for nothing. The copy that went
 * out first teaches RACK, by the DSACK and by Eifel's echo (RFC 8985, section 6.2, step 4; RFC 3522).
 */
class ReorderingTransferTest {
    private static final int BYTES = 20_000_000;

    private long lastRetransmissionNs;

    private long retransmissions(long seed, boolean timestamps) {
        TcpConfig config = new TcpConfig();
        config.timestamps = timestamps;
        config.defaults.receiveBuffer = 128 << 10;
        config.defaults.sendBuffer = 128 << 10;
        config.quietNs = Long.MAX_VALUE;
        TcpPair net = new TcpPair(seed, config, config);
        net.delayNs = 50 * TcpPair.MS;
        TransferApp client = new TransferApp(BYTES, 0, 1);
        TransferApp server = new TransferApp(0, BYTES, 2);
        TcpAcceptor acceptor = net.b.tcp.listen(0, 0, 80, 8, config.defaults, (l, now) -> l.accept(server));
        Connection c = TcpFixture.parts(net.a.tcp.connect(
                0, 0, 0, net.b.address.hi(), net.b.address.lo(), 80, config.defaults, client, net.nowNs));
        long began = net.nowNs;
        // One of a hundred is overtaken for a fifth of the round trip.
        net.reorder = 0.01;
        net.reorderNs = 20 * TcpPair.MS;
        TcpInfo info = new TcpInfo();
        long seen = 0;
        while (!(client.closed && server.closed) && net.nowNs - began < 3600_000_000_000L) {
            net.run(100 * TcpPair.MS);
            if (c.state() == TcpState.ESTABLISHED) {
                c.info(info, net.nowNs);
                if (info.retransmits != seen) {
                    seen = info.retransmits;
                    lastRetransmissionNs = net.nowNs - began;
                }
            }
        }
        assertTrue(client.good() && server.good(), () -> client + "; " + server);
        acceptor.close(net.nowNs);
        net.run(180_000_000_000L);
        net.assertNoLeaks();
        return seen;
    }

    @Test
    void withTimestamps() {
        for (long seed = 1; seed <= 5; seed++) {
            long n = retransmissions(seed, true);
            assertTrue(n <= 3, "seed " + seed + ": " + n);
            assertTrue(lastRetransmissionNs < 1_500 * TcpPair.MS, "seed " + seed + ": " + lastRetransmissionNs);
        }
    }

    @Test
    void byDsacksAlone() {
        for (long seed = 1; seed <= 5; seed++) {
            long n = retransmissions(seed, false);
            assertTrue(n <= 4, "seed " + seed + ": " + n);
            assertTrue(lastRetransmissionNs < 1_500 * TcpPair.MS, "seed " + seed + ": " + lastRetransmissionNs);
        }
    }
}
