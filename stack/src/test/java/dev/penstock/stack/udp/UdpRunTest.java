package dev.penstock.stack.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.ip.IpOutput;
import dev.penstock.stack.udp.UdpHost.Recorder;
import dev.penstock.stack.wire.IpAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Runs of datagrams on the shard: {@link UdpEndpoint#sendRun} and {@link UdpHandler#onRun}. */
final class UdpRunTest {
    private static final UnsafeBuffer DATA = new UnsafeBuffer(ByteBuffer.allocateDirect(65_507));

    private static int run(UdpHost h, UdpEndpoint from, String to, int length, int segment) {
        IpAddress a = IpAddress.parse(to);
        return from.sendRun(a.hi(), a.lo(), IpOutput.ANY_INTERFACE, 7, DATA, 0, length, segment, h.host.now);
    }

    /** By the loopback: whoever does not ask for runs is told of datagrams. */
    @Test
    void aRunIsCutApartForWhoDoesNotAskForIt() {
        try (UdpHost h = new UdpHost()) {
            Recorder seen = new Recorder();
            h.bound(seen, "0.0.0.0", 7);
            UdpEndpoint from = h.bound(new Recorder(), "0.0.0.0", 8);
            assertEquals(4, run(h, from, "127.0.0.1", 350, 100));
            h.turn();
            assertEquals(4, seen.calls.size());
            assertEquals("datagram 100 from 127.0.0.1:8 to 127.0.0.1", seen.calls.get(2));
            assertEquals("datagram 50 from 127.0.0.1:8 to 127.0.0.1", seen.calls.get(3));
        }
    }

    @Test
    void whoAsksForRunsIsToldOfThem() {
        try (UdpHost h = new UdpHost()) {
            List<String> seen = new ArrayList<>();
            UdpHandler handler = new UdpHandler() {
                @Override
                public void onRun(
                        DirectBuffer buffer,
                        int offset,
                        int length,
                        int segmentSize,
                        long srcHi,
                        long srcLo,
                        int srcPort,
                        long dstHi,
                        long dstLo,
                        long nowNs) {
                    seen.add(length + " in " + segmentSize);
                }
            };
            h.bound(handler, "0.0.0.0", 7);
            UdpEndpoint from = h.bound(new Recorder(), "0.0.0.0", 8);
            assertEquals(4, run(h, from, "127.0.0.1", 350, 100));
            h.turn();
            assertEquals(List.of("350 in 100"), seen);
        }
    }

    /** A device that refuses: nothing is lost, the caller is told when to try again. */
    @Test
    void whatTheDeviceDoesNotTakeStaysTheCallers() {
        try (UdpHost h = new UdpHost()) {
            Recorder seen = new Recorder();
            UdpEndpoint from = h.bound(seen, "0.0.0.0", 8);
            h.host.device.room = 0;
            assertEquals(UdpEndpoint.WOULD_BLOCK, run(h, from, "192.0.2.2", 350, 100));
            h.host.device.room = 1;
            h.turn();
            assertEquals(List.of("writable"), seen.calls);
            assertEquals(0, h.host.small.outstanding() + h.host.large.outstanding());
        }
    }

    @Test
    void aRunToANeighbourThatIsBeingAskedForIsHeldInDatagrams() {
        try (UdpHost h = new UdpHost()) {
            UdpEndpoint from = h.bound(new Recorder(), "0.0.0.0", 8);
            assertEquals(UdpEndpoint.UNRESOLVED, run(h, from, "192.0.2.77", 300, 100));
            int before = h.host.small.outstanding(); // the ARP request
            from.setHoldUnresolved(true);
            assertEquals(3, run(h, from, "192.0.2.77", 300, 100));
            assertEquals(3, h.host.small.outstanding() - before);
            for (int i = 0; i < 21; i++) {
                assertEquals(3, run(h, from, "192.0.2.77", 300, 100));
            }
            // IpConfig.maxHeldPerNeighbor is 64.
            assertEquals(2, h.host.counters.get(DropReason.NEIGHBOR_QUEUE_FULL));
            assertEquals(64, h.host.small.outstanding() - before);
        }
    }

    @Test
    void refusesWhatIsNoRun() {
        try (UdpHost h = new UdpHost()) {
            UdpEndpoint from = h.bound(new Recorder(), "0.0.0.0", 8);
            assertThrows(IllegalArgumentException.class, () -> run(h, from, "192.0.2.2", 100, 0));
            assertThrows(IllegalArgumentException.class, () -> run(h, from, "192.0.2.2", 0, 1));
            assertThrows(IllegalArgumentException.class, () -> run(h, from, "192.0.2.2", 65, 1));
            assertEquals(64, run(h, from, "127.0.0.1", 64, 1));
        }
    }
}
