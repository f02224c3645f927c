package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Whole transfers between two TCPs: every byte arrives once and in order, both ends close, nothing is left. */
class TransferTest {
    private static final long MINUTE = 60_000_000_000L;

    private static void transfer(TcpPair net, TransferApp client, TransferApp server, String what) {
        TcpAcceptor acceptor = net.b.tcp.listen(0, 0, 80, 8, net.b.tcp.config.defaults, (l, now) -> l.accept(server));
        TcpConnection c = net.a.tcp.connect(
                0, 0, 0, net.b.address.hi(), net.b.address.lo(), 80, net.a.tcp.config.defaults, client, net.nowNs);
        assertTrue(c != null, what);
        boolean done = net.runUntil(() -> client.closed && server.closed, 120 * MINUTE);
        assertTrue(
                done && client.good() && server.good(),
                () -> what + "\nclient " + client + "\nserver " + server + "\n" + net.a.counters + "\n" + net.b.counters
                        + "\nwire time " + net.nowNs / 1e9);
        acceptor.close(net.nowNs);
        net.run(3 * MINUTE);
        net.assertNoLeaks();
    }

    @Test
    void bothWaysOverACleanPath() {
        TcpPair net = new TcpPair(1);
        TransferApp client = new TransferApp(3_000_000, 1_000_000, 2);
        TransferApp server = new TransferApp(1_000_000, 3_000_000, 3);
        transfer(net, client, server, "clean");
        assertEquals(0, net.a.counters.get(dev.penstock.stack.base.StackCounter.TCP_RETRANS_SEGS));
        assertEquals(0, net.b.counters.get(dev.penstock.stack.base.StackCounter.TCP_RETRANS_SEGS));
        assertEquals(0, net.a.counters.totalDrops());
    }

    @Test
    void throughLossReorderingAndDuplicationForManySeeds() {
        for (long seed = 0; seed < 300; seed++) {
            // Each third of the runs is of the other family.
            Family family = seed % 3 == 2 ? Family.V6 : Family.OF_THIS_RUN;
            TcpPair net = new TcpPair(seed, family, new TcpConfig(), new TcpConfig());
            net.loss = 0.05;
            net.reorder = 0.05;
            net.duplicate = 0.05;
            net.jitterNs = TcpPair.MS;
            long up = net.random.nextInt(150_000);
            long down = net.random.nextInt(150_000);
            TransferApp client = new TransferApp(up, down, seed + 1);
            TransferApp server = new TransferApp(down, up, seed + 2);
            client.inPlace = (seed & 1) == 0;
            server.inPlace = (seed & 2) == 0;
            transfer(net, client, server, "seed " + seed);
        }
    }

    @Test
    void throughTinyBuffers() {
        for (long seed = 0; seed < 60; seed++) {
            TcpConfig config = new TcpConfig();
            config.defaults.sendBuffer = 1 + (int) (seed * 97 % 3000);
            config.defaults.receiveBuffer = 1 + (int) (seed * 131 % 3000);
            config.timestamps = (seed & 1) == 0;
            config.windowScaling = (seed & 2) == 0;
            TcpPair net = new TcpPair(seed, config, config);
            net.loss = (seed % 3) * 0.03;
            TransferApp client = new TransferApp(5_000, 3_000, seed + 1);
            TransferApp server = new TransferApp(3_000, 5_000, seed + 2);
            transfer(
                    net,
                    client,
                    server,
                    "seed " + seed + " buffers " + config.defaults.sendBuffer + " " + config.defaults.receiveBuffer);
        }
    }
}
