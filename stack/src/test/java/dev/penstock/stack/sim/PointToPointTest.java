package dev.penstock.stack.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Hosts at the two ends of a link. */
class PointToPointTest {
    private static final long MS = 1_000_000;
    private static final long SECOND = 1_000 * MS;

    private static final class Receiver implements TcpHandler {
        long received;
        long lastNs;

        @Override
        public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
            received += length;
            lastNs = nowNs;
            return length;
        }
    }

    private static final class Sender implements TcpHandler {
        long connectedNs = -1;

        @Override
        public void onConnected(TcpConnection c, long nowNs) {
            connectedNs = nowNs;
            c.write(new UnsafeBuffer(new byte[1000]), 0, 1000, nowNs);
        }
    }

    private static SimulatedHost host(SimulatedNetwork net, LinkEnd end, String prefix) {
        return net.newHost("host" + net.hosts().size()).address(prefix).plugInto(end);
    }

    /** Connects, sends 1,000 bytes; answers when the last one arrived, after the start. */
    private static long transferNs(SimulatedNetwork net, double loss) {
        SimulatedLink link = net.link(1500).sparesDiscovery(true);
        link.aToB().delay(30 * MS).loss(loss);
        link.bToA().delay(20 * MS).loss(loss);
        SimulatedHost a = host(net, link.a(), "192.0.2.1/24");
        SimulatedHost b = host(net, link.b(), "192.0.2.2/24");
        Receiver receiver = new Receiver();
        b.stack().tcp().listen(0, 0, 80, 4, new TcpOptions(), (l, now) -> l.accept(receiver));
        Sender sender = new Sender();
        long began = net.nowNs();
        assertNotNull(a.stack()
                .tcp()
                .connect(0, 0, 0, b.address().hi(), b.address().lo(), 80, new TcpOptions(), sender, began));
        assertTrue(net.runUntil(() -> receiver.received == 1000, 600 * SECOND));
        if (loss == 0) {
            assertEquals(50 * MS, sender.connectedNs - began, "a round trip, and nothing for address resolution");
        }
        return receiver.lastNs - began;
    }

    @Test
    void timePassesAsTheDelaysSay() {
        SimulatedNetwork net = SimulatedNetwork.seeded(1);
        assertEquals(80 * MS, transferNs(net, 0));
        net.close();
        net.assertNoLeaks();
    }

    @Test
    void theSeedAloneDecides() {
        long first = transferNs(SimulatedNetwork.seeded(3), 0.4);
        assertEquals(first, transferNs(SimulatedNetwork.seeded(3), 0.4));
        boolean another = false;
        for (int seed = 4; seed < 14; seed++) {
            another |= transferNs(SimulatedNetwork.seeded(seed), 0.4) != first;
        }
        assertTrue(another, "the seed is used");
    }

    @Test
    void hostsOfOtherLinksAreNotDisturbedThoughTheyHaveTheSameAddresses() {
        SimulatedNetwork net = SimulatedNetwork.seeded(1);
        assertEquals(80 * MS, transferNs(net, 0));
        assertEquals(80 * MS, transferNs(net, 0));
    }

    @Test
    void anApplicationRunsAfterEachDutyCycle() {
        SimulatedNetwork net = SimulatedNetwork.seeded(1);
        SimulatedLink link = net.link(1500).sparesDiscovery(true);
        SimulatedHost a = host(net, link.a(), "192.0.2.1/24");
        int[] runs = {0};
        a.application(() -> runs[0]++);
        assertTrue(net.step());
        assertEquals(1, runs[0]);
        a.application(null);
        a.stack();
        net.step();
        assertEquals(1, runs[0]);
    }

    @Test
    void anEndTakesOneHost() {
        SimulatedNetwork net = SimulatedNetwork.seeded(1);
        SimulatedLink link = net.link(1500).sparesDiscovery(true);
        host(net, link.a(), "192.0.2.1/24");
        assertThrows(IllegalStateException.class, () -> host(net, link.a(), "192.0.2.3/24"));
    }

    @Test
    void timePassesOnlyAsFarAsAskedAndNothingHappensByItself() {
        SimulatedNetwork net = SimulatedNetwork.seeded(1);
        assertFalse(net.step());
        net.run(7 * SECOND);
        assertEquals(SimulatedNetwork.EPOCH_NS + 7 * SECOND, net.nowNs());
    }

    @Test
    void aHandlerThatThrowsEndsTheRunWithItsSeed() {
        SimulatedNetwork net = SimulatedNetwork.seeded(77);
        SimulatedLink link = net.link(1500).sparesDiscovery(true);
        SimulatedHost a = host(net, link.a(), "192.0.2.1/24");
        host(net, link.b(), "192.0.2.2/24");
        a.stack()
                .tcp()
                .connect(
                        0,
                        0,
                        0,
                        0,
                        a.address().lo() + 1,
                        80,
                        new TcpOptions(),
                        new TcpHandler() {
                            @Override
                            public void onClosed(TcpConnection c, dev.penstock.stack.tcp.TcpError why, long nowNs) {
                                throw new IllegalArgumentException("on purpose");
                            }
                        },
                        net.nowNs());
        IllegalStateException e = assertThrows(IllegalStateException.class, () -> net.run(SECOND));
        assertTrue(e.getMessage().contains("seed 77"), e.getMessage());
    }
}
