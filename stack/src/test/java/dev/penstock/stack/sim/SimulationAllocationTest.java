package dev.penstock.stack.sim;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import java.lang.management.ManagementFactory;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Once warm, the simulated network allocates nothing for a packet, whatever its way. */
class SimulationAllocationTest {
    private static final long SECOND = 1_000_000_000;

    private final SimulatedNetwork net = SimulatedNetwork.seeded(4);
    private final UnsafeBuffer block = new UnsafeBuffer(new byte[32 * 1024]);

    private SimulatedHost[] hosts(String path) {
        if (path.equals("router")) {
            SimulatedSwitch right = net.newSwitch("right");
            SimulatedRouter router = net.newRouter("r");
            router.plugInto(net.lan(), 1500, "192.0.2.254/24");
            router.plugInto(right, 1500, "198.51.100.254/24");
            SimulatedHost a = net.newHost("a")
                    .address("192.0.2.1/24")
                    .gateway("192.0.2.254")
                    .plugIn();
            SimulatedHost b = net.newHost("b")
                    .address("198.51.100.1/24")
                    .gateway("198.51.100.254")
                    .clock(0, 50)
                    .plugInto(right);
            return new SimulatedHost[] {a, b};
        }
        return new SimulatedHost[] {net.host("a", "192.0.2.1/24"), net.host("b", "192.0.2.2/24")};
    }

    private static QueuePolicy policy(String queue) {
        return queue.equals("codel") ? QueuePolicy.codel() : QueuePolicy.dropTailPackets(200);
    }

    @ParameterizedTest
    @CsvSource({"switch,droptail", "switch,codel", "router,droptail"})
    void aPacketAllocatesNothing(String path, String queue) {
        SimulatedHost[] hosts = hosts(path);
        SimulatedHost a = hosts[0];
        SimulatedHost b = hosts[1];
        RunDigest.of(net);
        a.transmit()
                .rate(1_000_000_000L, policy(queue))
                .delay(1_000_000)
                .jitter(100_000)
                .loss(0.0005);
        b.receive().duplicate(0.001).holdBack(0.001, 3);
        net.run(5 * SECOND);
        TcpHandler source = new TcpHandler() {
            @Override
            public void onConnected(TcpConnection c, long nowNs) {
                onWritable(c, nowNs);
            }

            @Override
            public void onWritable(TcpConnection c, long nowNs) {
                int taken = block.capacity();
                while (taken == block.capacity()) {
                    taken = c.write(block, 0, block.capacity(), nowNs);
                }
            }
        };
        TcpOptions options = new TcpOptions();
        options.sendBuffer = 256 << 10;
        options.receiveBuffer = 256 << 10;
        b.stack()
                .tcp()
                .listen(
                        0,
                        0,
                        80,
                        4,
                        options,
                        (l, now) -> l.accept(new TcpHandler() {
                            @Override
                            public int onData(
                                    TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
                                return length;
                            }
                        }));
        long hi = b.address().hi();
        a.stack().tcp().connect(0, 0, 0, hi, b.address().lo(), 80, options, source, a.nowNs());
        net.run(2 * SECOND);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long best = Long.MAX_VALUE;
        long packets = 0;
        for (int attempt = 0; attempt < 4 && best > 2_048; attempt++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            packets = b.receive().count(LinkEvent.DELIVERED);
            net.run(SECOND / 2);
            packets = b.receive().count(LinkEvent.DELIVERED) - packets;
            best = Math.min(best, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertTrue(packets > 5_000, "packets " + packets);
        assertTrue(best <= 2_048, best + " bytes for " + packets + " packets");
        net.close();
        net.assertNoLeaks();
    }
}
