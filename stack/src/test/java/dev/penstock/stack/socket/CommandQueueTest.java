package dev.penstock.stack.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.buffer.ChunkPool;
import dev.penstock.stack.dhcp.DhcpLayer;
import dev.penstock.stack.ip.IpLayer;
import dev.penstock.stack.tcp.Tcp;
import dev.penstock.stack.timer.DeadlineQueue;
import dev.penstock.stack.udp.UdpEndpoint;
import dev.penstock.stack.udp.UdpHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class CommandQueueTest {
    private int wakeUps;
    private final CommandQueue queue = new CommandQueue(4, 3, () -> wakeUps++);
    private final OpenSockets sockets = new OpenSockets();
    private final ShardContext shard = new Context();

    /** Nothing but a list of sockets. */
    private final class Context implements ShardContext {
        @Override
        public Tcp tcp() {
            throw new UnsupportedOperationException();
        }

        @Override
        public UdpEndpoint openUdp(UdpHandler handler) {
            throw new UnsupportedOperationException();
        }

        @Override
        public IpLayer ip() {
            throw new UnsupportedOperationException();
        }

        @Override
        public DhcpLayer dhcp() {
            throw new UnsupportedOperationException();
        }

        @Override
        public DeadlineQueue deadlines() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Counters counters() {
            throw new UnsupportedOperationException();
        }

        @Override
        public ChunkPool chunks() {
            throw new UnsupportedOperationException();
        }

        @Override
        public OpenSockets sockets() {
            return sockets;
        }

        @Override
        public UnsafeBuffer scratch() {
            throw new UnsupportedOperationException();
        }

        @Override
        public long nowNs() {
            return 0;
        }

        @Override
        public long clockNs() {
            return 0;
        }
    }

    private final class Handle extends SocketHandle {
        final List<Integer> performed = new ArrayList<>();
        int ended;

        Handle() {
            super(queue, ReadinessListener.NONE);
        }

        @Override
        void perform(int ops, ShardContext context, long nowNs) {
            performed.add(ops);
        }

        @Override
        void onShardEnds(long nowNs) {
            ended++;
        }

        @Override
        void onShardEnded() {
            ended++;
        }
    }

    private void drain() {
        queue.drain(shard, 0, 100);
    }

    @Test
    void operationsOfOneSocketCoalesce() {
        Handle h = new Handle();
        assertTrue(h.open());
        h.post(SocketHandle.WRITTEN);
        h.post(SocketHandle.READ);
        h.post(SocketHandle.WRITTEN);
        assertEquals(1, queue.drain(shard, 0, 100));
        assertEquals(List.of(SocketHandle.WRITTEN | SocketHandle.READ), h.performed);
        h.post(SocketHandle.WRITTEN);
        drain();
        assertEquals(2, h.performed.size());
    }

    @Test
    void aSleepingShardIsWokenOnceAndAnAwakeOneNever() {
        Handle h = new Handle();
        h.open();
        h.post(SocketHandle.WRITTEN);
        assertEquals(0, wakeUps);
        assertFalse(queue.prepareToSleep(), "something waits");
        drain();
        assertTrue(queue.prepareToSleep());
        h.post(SocketHandle.WRITTEN);
        h.post(SocketHandle.READ);
        queue.offer((s, now) -> {});
        assertEquals(1, wakeUps);
        queue.awake();
        h.post(SocketHandle.WRITTEN);
        assertEquals(1, wakeUps);
    }

    @Test
    void lazyOperationsWakeNobodyButKeepTheShardFromSleeping() {
        Handle h = new Handle();
        h.open();
        assertTrue(queue.prepareToSleep());
        h.postLazily(SocketHandle.READ);
        assertEquals(0, wakeUps);
        h.post(SocketHandle.WRITTEN);
        assertEquals(1, wakeUps, "a later operation wakes although the handle waits already");
        queue.awake();
        assertFalse(queue.prepareToSleep());
        drain();
        assertEquals(List.of(SocketHandle.WRITTEN | SocketHandle.READ), h.performed);
    }

    @Test
    void commandsAreLimitedApartFromSockets() {
        AtomicInteger ran = new AtomicInteger();
        for (int i = 0; i < 3; i++) {
            assertTrue(queue.offer((s, now) -> ran.incrementAndGet()));
        }
        assertFalse(queue.offer((s, now) -> ran.incrementAndGet()));
        assertEquals(1, queue.refused());
        for (int i = 0; i < 4; i++) {
            Handle h = new Handle();
            assertTrue(h.open());
            h.post(SocketHandle.CONNECT);
        }
        assertFalse(new Handle().open());
        assertEquals(2, queue.refused());
        drain();
        assertEquals(3, ran.get());
        assertTrue(queue.offer((s, now) -> ran.incrementAndGet()), "room again");
    }

    @Test
    void aPlaceIsGivenBackWhenTheCloseWasCarriedOut() {
        Handle h = new Handle();
        h.open();
        h.post(SocketHandle.CONNECT);
        drain();
        assertEquals(1, sockets.size());
        h.post(SocketHandle.CLOSE);
        assertEquals(1, queue.sockets());
        drain();
        assertEquals(0, queue.sockets());
        assertEquals(0, sockets.size());
        h.post(SocketHandle.CLOSE);
        drain();
        assertEquals(0, queue.sockets());
    }

    @Test
    void theLimitOfACycleIsKept() {
        AtomicInteger ran = new AtomicInteger();
        for (int i = 0; i < 3; i++) {
            queue.offer((s, now) -> ran.incrementAndGet());
        }
        assertEquals(2, queue.drain(shard, 0, 2));
        assertFalse(queue.isEmpty());
        assertEquals(1, queue.drain(shard, 0, 2));
        assertEquals(3, ran.get());
    }

    @Test
    void anExceptionConsumesItsCommandOnly() {
        AtomicInteger ran = new AtomicInteger();
        queue.offer((s, now) -> {
            throw new IllegalStateException("mine");
        });
        queue.offer((s, now) -> ran.incrementAndGet());
        assertThrows(IllegalStateException.class, this::drain);
        drain();
        assertEquals(1, ran.get());
    }

    @Test
    void afterTheEndEverythingIsRejected() {
        Handle waiting = new Handle();
        waiting.open();
        waiting.post(SocketHandle.CONNECT);
        boolean[] rejected = new boolean[1];
        queue.offer(new Command() {
            @Override
            public void run(ShardContext s, long nowNs) {
                throw new AssertionError("must not run");
            }

            @Override
            public void rejected() {
                rejected[0] = true;
            }
        });
        queue.end();
        assertTrue(rejected[0]);
        assertEquals(1, waiting.ended);
        assertFalse(queue.offer((s, now) -> {}));
        waiting.post(SocketHandle.WRITTEN);
        assertEquals(2, waiting.ended);
        assertFalse(new Handle().open());
    }

    /** The race between going to sleep and posting, with real threads: nothing is ever left behind. */
    @Test
    @Timeout(30)
    void noWakeUpIsLost() throws InterruptedException {
        Thread shardThread = Thread.currentThread();
        CommandQueue real = new CommandQueue(4, 1000, () -> java.util.concurrent.locks.LockSupport.unpark(shardThread));
        int total = 20_000;
        AtomicInteger ran = new AtomicInteger();
        Thread producer = new Thread(() -> {
            for (int i = 0; i < total; i++) {
                while (!real.offer((s, now) -> ran.incrementAndGet())) {
                    Thread.onSpinWait();
                }
            }
        });
        producer.start();
        while (ran.get() < total) {
            if (real.drain(shard, 0, 16) == 0 && real.prepareToSleep()) {
                java.util.concurrent.locks.LockSupport.park();
                real.awake();
            }
        }
        producer.join();
        assertEquals(total, ran.get());
    }
}
