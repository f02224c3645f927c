package dev.penstock.stack.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.ChunkPool;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.BlockingDevice;
import dev.penstock.stack.device.DeviceCapabilities;
import dev.penstock.stack.device.FrameHandler;
import dev.penstock.stack.ip.IpLayer;
import dev.penstock.stack.tcp.Tcp;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.timer.DeadlineQueue;
import dev.penstock.stack.udp.UdpLayer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.AgentTerminationException;
import org.junit.jupiter.api.Test;

/** The duty cycle by itself: what it does in which order, when it sleeps, and what it survives. */
class DutyCycleTest {
    private final List<String> log = new ArrayList<>();
    private final List<Throwable> errors = new ArrayList<>();
    private final Counters counters = new Counters();
    private final DeadlineQueue deadlines = new DeadlineQueue();
    private final FakeDevice device = new FakeDevice();
    private final FakeProtocols protocols = new FakeProtocols();
    private long nowNs = 1000;
    private int clockReads;
    private final StackShard shard;

    DutyCycleTest() {
        ShardConfig config = new ShardConfig();
        config.maxFaultsInRow = 3;
        shard = new StackShard(
                List.of(device),
                null,
                config,
                this::readClock,
                counters,
                errors::add,
                new ChunkPool(1),
                deadlines,
                protocols);
        clockReads = 0;
    }

    private long readClock() {
        clockReads++;
        return nowNs;
    }

    private static final class FakeDevice implements BlockingDevice {
        final List<Long> awaited = new ArrayList<>();
        int wakeUps;
        boolean closed;

        @Override
        public DeviceCapabilities capabilities() {
            return DeviceCapabilities.plain(1500);
        }

        @Override
        public long macAddress() {
            return 0x0200_0000_0001L;
        }

        @Override
        public int poll(FrameHandler handler, int limit) {
            return 0;
        }

        @Override
        public int offer(Frame frame) {
            return 0;
        }

        @Override
        public boolean isUp() {
            return true;
        }

        @Override
        public void close() {
            closed = true;
        }

        @Override
        public void await(long timeoutNs) {
            awaited.add(timeoutNs);
        }

        @Override
        public void wakeUp() {
            wakeUps++;
        }
    }

    private final class FakeProtocols implements Protocols {
        boolean pending;
        int flushed;
        RuntimeException failure;

        @Override
        public Tcp tcp() {
            return null;
        }

        @Override
        public UdpLayer udp() {
            return null;
        }

        @Override
        public IpLayer ip() {
            return null;
        }

        @Override
        public int poll(int limit, long now) {
            log.add("poll " + limit);
            if (failure != null) {
                throw failure;
            }
            return 0;
        }

        @Override
        public int flush(long now) {
            log.add("flush");
            return flushed;
        }

        @Override
        public boolean hasPending() {
            return pending;
        }

        @Override
        public void close() {
            log.add("close");
        }

        @Override
        public int framesOutstanding() {
            return 0;
        }
    }

    private final class Logged extends Deadline {
        @Override
        protected void onDeadline(long now) {
            log.add("deadline");
        }
    }

    @Test
    void theOrderIsCommandsFramesDeadlinesFlushWithOneClockRead() {
        shard.commands().offer((s, now) -> log.add("command at " + now));
        deadlines.schedule(new Logged(), 900);
        deadlines.schedule(new Logged(), 1001);
        assertEquals(2, shard.doWork());
        assertEquals(List.of("command at 1000", "poll 64", "deadline", "flush"), log);
        assertEquals(1, clockReads);
        assertEquals(1001, shard.nextDeadlineNs());
    }

    @Test
    void sleepsUntilTheNextDeadline() {
        shard.await(500);
        deadlines.schedule(new Logged(), 1200);
        shard.await(500);
        shard.await(100);
        assertEquals(List.of(500L, 200L, 100L), device.awaited);
        nowNs = 1200;
        shard.await(500);
        assertEquals(3, device.awaited.size(), "a deadline is due");
    }

    @Test
    void doesNotSleepWhileSomethingWaits() {
        protocols.pending = true;
        assertTrue(shard.hasPending());
        shard.await(500);
        protocols.pending = false;
        shard.commands().offer((s, now) -> {});
        assertTrue(shard.hasPending());
        shard.await(500);
        assertEquals(List.of(), device.awaited);
        assertEquals(0, device.wakeUps, "nobody sleeps");
    }

    @Test
    void aFullDeviceIsWaitedForInsteadOfBeingAskedInCircles() {
        protocols.pending = true;
        protocols.flushed = 1;
        assertEquals(0, shard.doWork(), "nothing went out");
        assertFalse(shard.hasPending());
        shard.await(1_000_000_000);
        assertEquals(List.of(1_000_000L), device.awaited);
    }

    @Test
    void faultsOfTheStackAreReportedAndInARowEndIt() {
        protocols.failure = new IllegalStateException("broken");
        assertEquals(1, shard.doWork());
        assertEquals(1, shard.doWork());
        protocols.failure = null;
        shard.doWork();
        protocols.failure = new IllegalStateException("broken again");
        shard.doWork();
        shard.doWork();
        assertThrows(AgentTerminationException.class, shard::doWork);
        assertEquals(5, counters.get(StackCounter.SHARD_FAULTS));
        assertEquals(5, errors.size());
    }

    @Test
    void aCommandThatThrowsIsReported() {
        shard.commands().offer((s, now) -> {
            throw new IllegalStateException("mine");
        });
        shard.doWork();
        assertEquals("mine", errors.get(0).getMessage());
        assertEquals(1, counters.get(StackCounter.APPLICATION_FAULTS));
        assertEquals(List.of("poll 64", "flush"), log, "the cycle goes on");
    }

    @Test
    void refusedCommandsAreCounted() {
        for (int i = 0; i < 1025; i++) {
            shard.commands().offer((s, now) -> {});
        }
        shard.doWork();
        assertEquals(1, counters.get(StackCounter.COMMAND_QUEUE_FULL));
    }

    @Test
    void theEndRunsWhatWaitsAndClosesTheDevice() {
        shard.commands().offer((s, now) -> log.add("late command"));
        shard.onClose();
        shard.onClose();
        assertEquals(List.of("late command", "close"), log);
        assertTrue(device.closed);
        assertFalse(shard.commands().offer((s, now) -> {}));
        assertEquals("", shard.leaks());
    }
}
