package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.device.MemoryWire;
import dev.penstock.stack.udp.UdpEndpoint;
import dev.penstock.stack.udp.UdpHandler;
import java.lang.management.ManagementFactory;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two whole stacks on one wire. */
class IpPairTest {

    /** Sends back what it gets. */
    private static final class Echo implements UdpHandler {
        UdpEndpoint endpoint;
        long count;

        @Override
        public void onDatagram(
                DirectBuffer buffer,
                int offset,
                int length,
                long srcHi,
                long srcLo,
                int srcPort,
                long dstHi,
                long dstLo,
                long nowNs) {
            count++;
            if (srcPort != 7) {
                endpoint.send(srcHi, srcLo, srcPort, buffer, offset, length, nowNs);
            }
        }
    }

    private static MemoryWire wire(boolean offload) {
        return offload ? MemoryWire.offloading(1500) : MemoryWire.plain(1500);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void pingOfAnySizeComesBack(boolean offload) {
        try (IpPair pair = new IpPair(wire(offload))) {
            pair.advance(5 * IpHost.SECOND);
            int[] got = {0};
            int id = pair.a.ip.openEcho((hi, lo, seq, buffer, offset, length, ttl, now) -> {
                byte[] data = new byte[length];
                buffer.getBytes(offset, data);
                assertArrayEquals(Packets.bytes(length, length), data);
                got[0]++;
            });
            IpPath path = pair.a.ip.path(0, 0, 0, Packets.lo("192.0.2.2"), pair.now);
            int sent = 0;
            for (int size : new int[] {0, 1, 56, 1472, 1473, 20_000, 65_507}) {
                byte[] data = Packets.bytes(size, size);
                int taken;
                do {
                    taken = pair.a.ip.sendEcho(path, id, sent, new UnsafeBuffer(data), 0, size, 0, 64, false, pair.now);
                    pair.settle();
                } while (taken <= 0);
                sent++;
            }
            assertEquals(sent, got[0]);
            path.release();
            pair.a.ip.closeEcho(id);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void datagramsOfAnySizeAreEchoed(boolean offload) {
        try (IpPair pair = new IpPair(wire(offload))) {
            pair.advance(5 * IpHost.SECOND);
            Echo echo = new Echo();
            echo.endpoint = pair.b.udp.open(echo);
            echo.endpoint.bind(0, Packets.lo("0.0.0.0"), 7);
            long[] bytes = {0};
            UdpEndpoint client = pair.a.udp.open(new UdpHandler() {
                @Override
                public void onDatagram(
                        DirectBuffer buffer,
                        int offset,
                        int length,
                        long srcHi,
                        long srcLo,
                        int srcPort,
                        long dstHi,
                        long dstLo,
                        long nowNs) {
                    byte[] data = new byte[length];
                    buffer.getBytes(offset, data);
                    assertArrayEquals(Packets.bytes(length, length), data);
                    bytes[0] += length;
                }
            });
            long sent = 0;
            for (int size : new int[] {0, 1, 1472, 1473, 9001, 65_507}) {
                UnsafeBuffer data = new UnsafeBuffer(Packets.bytes(size, size));
                while (client.send(0, Packets.lo("192.0.2.2"), 7, data, 0, size, pair.now) != UdpEndpoint.OK) {
                    pair.settle();
                }
                pair.settle();
                sent += size;
            }
            assertEquals(sent, bytes[0]);
            for (IpPair.Side side : new IpPair.Side[] {pair.a, pair.b}) {
                // Each hears the other's announcements.
                long announcements = side.counters.get(DropReason.ARP_NOT_FOR_US);
                assertEquals(announcements, side.counters.totalDrops(), () -> side.counters.toString());
            }
            client.close();
            echo.endpoint.close();
        }
    }

    @Test
    void theEchoPathAllocatesNothing() {
        ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        try (IpPair pair = new IpPair(wire(true))) {
            pair.advance(5 * IpHost.SECOND);
            Echo server = new Echo();
            server.endpoint = pair.b.udp.open(server);
            server.endpoint.bind(0, Packets.lo("0.0.0.0"), 7);
            Echo client = new Echo();
            client.endpoint = pair.a.udp.open(client);
            UnsafeBuffer data = new UnsafeBuffer(new byte[100]);
            EchoHandler pings = (hi, lo, seq, buffer, offset, length, ttl, now) -> client.count++;
            int id = pair.a.ip.openEcho(pings);
            IpPath path = pair.a.ip.path(0, 0, 0, Packets.lo("192.0.2.2"), pair.now);
            long before = 0;
            long start = 0;
            int rounds = 40_000;
            long peer = path.dstLo();
            for (int i = 0; i < 2 * rounds; i++) {
                if (i == rounds) {
                    before = memory.getThreadAllocatedBytes(thread);
                    start = client.count;
                }
                client.endpoint.send(0, peer, 7, data, 0, 100, pair.now);
                pair.a.ip.sendEcho(path, id, i, data, 0, 100, 0, 64, true, pair.now);
                pair.b.turn(pair.now);
                pair.a.turn(pair.now);
                pair.now += 1000;
            }
            long allocated = memory.getThreadAllocatedBytes(thread) - before;
            assertEquals(2L * rounds, client.count - start);
            assertTrue(allocated < rounds, allocated + " bytes in " + rounds + " rounds");
            assertEquals(0, pair.a.counters.get(StackCounter.NEIGHBOR_FAILED));
            path.release();
            pair.a.ip.closeEcho(id);
            client.endpoint.close();
            server.endpoint.close();
        }
    }
}
