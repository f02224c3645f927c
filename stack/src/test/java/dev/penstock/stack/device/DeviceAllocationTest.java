package dev.penstock.stack.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.TxOffload;
import dev.penstock.stack.wire.TcpHeader;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import org.junit.jupiter.api.Test;

/** All decorators on top of each other: once warm, they allocate nothing. */
class DeviceAllocationTest {
    private static final int ROUNDS = 2_000;

    private static final class Nowhere implements WritableByteChannel {
        @Override
        public int write(ByteBuffer src) {
            int n = src.remaining();
            src.position(src.limit());
            return n;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    @Test
    void steadyStateAllocatesNothing() {
        MemoryWire wire = MemoryWire.plain(1500);
        Impairment link = Impairment.over(wire.a(), RandomSource.seeded(1));
        link.transmit()
                .loss(0.01)
                .duplicate(0.01)
                .reorder(0.05, 2)
                .corrupt(0.01)
                .delay(100, 50);
        PcapTap sending = PcapTap.over(link, new PcapngWriter(new Nowhere(), 65_600), "a", () -> 1);
        NetworkDevice a = SoftwareOffload.over((NetworkDevice) sending);
        PcapTap b = PcapTap.over(wire.b(), new PcapngWriter(new Nowhere(), 100), "b", () -> 1);
        FrameHandler drop = f -> b.onDrop(DropReason.TCP_NO_SOCKET, f.buffer(), f.start(), f.length());
        Frame f = TestFrames.withPayload(TestFrames.pattern(20_000, 1), 0, 16_384);
        TestFrames.pushTcp(f, false, TcpHeader.ACK, 0);
        TestFrames.segmented(f, TxOffload.GSO_TCPV4, 1460);

        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long now = 0;
        long before = 0;
        for (int i = 0; i < 2 * ROUNDS; i++) {
            if (i == ROUNDS) {
                before = threads.getCurrentThreadAllocatedBytes();
            }
            assertEquals(14, a.offer(f));
            now += 1_000;
            link.advance(now);
            b.poll(drop, 64);
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertEquals(0, allocated / (14 * ROUNDS), "bytes a packet; " + allocated + " in all");
        wire.assertAllReturned();
    }
}
