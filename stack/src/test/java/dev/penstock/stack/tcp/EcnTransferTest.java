package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.StackCounter;
import org.junit.jupiter.api.Test;

/** Transfers with ECN over paths that mark, and over such as break it. */
class EcnTransferTest {
    private final TcpConfig asking = new TcpConfig();
    private TcpPair net;

    private void transfer(int bytes) {
        TransferApp client = new TransferApp(bytes, 0, 1);
        TransferApp server = new TransferApp(0, bytes, 2);
        TcpAcceptor acceptor = net.b.tcp.listen(0, 0, 80, 8, net.b.tcp.config.defaults, (l, now) -> l.accept(server));
        net.a.tcp.connect(
                0, 0, 0, net.b.address.hi(), net.b.address.lo(), 80, net.a.tcp.config.defaults, client, net.nowNs);
        assertTrue(net.runUntil(() -> client.closed && server.closed, 3600_000_000_000L), () -> client + "; " + server);
        assertTrue(client.good() && server.good(), () -> client + "; " + server);
        acceptor.close(net.nowNs);
        net.run(180_000_000_000L);
        net.assertNoLeaks();
    }

    private void open(long seed) {
        asking.ecn = TcpEcn.ON;
        net = new TcpPair(seed, asking, new TcpConfig());
    }

    @Test
    void marksAreNoLosses() {
        open(1);
        net.mark = 0.05;
        transfer(1_000_000);
        assertTrue(net.b.counters.get(StackCounter.TCP_CE_RECEIVED) > 5);
        assertEquals(0, net.a.counters.get(StackCounter.TCP_RETRANS_SEGS));
        assertEquals(0, net.a.counters.get(StackCounter.TCP_ECN_FALLBACKS));
    }

    @Test
    void aPathThatLosesAllThatIsCapable() {
        // The handshake is not, so it succeeds; then no new data arrives, and its copies do.
        open(2);
        net.ectDropped = true;
        transfer(1_000_000);
        assertEquals(1, net.a.counters.get(StackCounter.TCP_ECN_FALLBACKS));
    }
}
