package dev.penstock.stack.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.device.MemoryWire;
import dev.penstock.stack.device.NetworkDevice;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/**
 * Connect, 64 bytes each way, close: once warm that allocates nothing, on neither side, as long as applications let go of their
 * connections; TIME-WAIT included.
 */
class ConnectionCycleAllocationTest {
    private static final int PORT = 7;
    private static final int AT_ONCE = 16;

    private final TcpOptions options = new TcpOptions();
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[64]);
    private final IpAddress to = IpAddress.parse("192.0.2.2");
    private long nowNs = 1_000_000_000L;
    private int open;
    private long done;

    private final TcpHandler echo = new TcpHandler() {
        @Override
        public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
            return Math.max(0, c.write(buffer, offset, length, nowNs));
        }

        @Override
        public void onReadable(TcpConnection c, long nowNs) {
            if (c.isInputEnded()) {
                c.close(nowNs);
            }
        }

        @Override
        public void onClosed(TcpConnection c, TcpError error, long nowNs) {
            c.letGo();
        }
    };

    private final TcpHandler visitor = new TcpHandler() {
        @Override
        public void onConnected(TcpConnection c, long nowNs) {
            c.write(message, 0, 64, nowNs);
        }

        @Override
        public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
            c.close(nowNs);
            return length;
        }

        @Override
        public void onClosed(TcpConnection c, TcpError error, long nowNs) {
            assertNull(error);
            c.letGo();
            open--;
            done++;
        }
    };

    private StackShard stack(NetworkDevice device, String prefix, long seed) {
        ShardConfig config = new ShardConfig();
        config.tcp.maxTimeWait = 500;
        return StackShard.create(
                device, config, List.of(IpPrefix.parse(prefix)), null, () -> nowNs, RandomSource.seeded(seed), t -> {
                    throw new AssertionError(t);
                });
    }

    @Test
    void aConnectionCycleAllocatesNothing() {
        MemoryWire wire = MemoryWire.offloading(1500);
        StackShard client = stack(wire.a(), "192.0.2.1/24", 1);
        StackShard server = stack(wire.b(), "192.0.2.2/24", 2);
        server.tcp().listen(0, 0, PORT, 64, options, (l, now) -> {
            while (l.acceptable() > 0) {
                l.accept(echo);
            }
        });
        run(client, server, 20_000);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long id = Thread.currentThread().getId();
        long best = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 3 && best > 0; attempt++) {
            long before = threads.getThreadAllocatedBytes(id);
            run(client, server, 5_000);
            best = Math.min(best, threads.getThreadAllocatedBytes(id) - before);
        }
        assertTrue(best < 2_048, best + " bytes were allocated for 5,000 connections");
        client.onClose();
        server.onClose();
        assertEquals("", client.leaks());
        assertEquals("", server.leaks());
        wire.assertAllReturned();
        wire.close();
    }

    private void run(StackShard client, StackShard server, long connections) {
        long goal = done + connections;
        while (done < goal) {
            while (open < AT_ONCE) {
                open++;
                client.tcp().connect(0, 0, 0, to.hi(), to.lo(), PORT, options, visitor, nowNs);
            }
            nowNs += 1_000;
            client.doWork();
            server.doWork();
        }
    }
}
