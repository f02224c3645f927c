package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.buffer.FramePool;
import dev.penstock.stack.device.MemoryWire;
import dev.penstock.stack.device.NetworkDevice;
import dev.penstock.stack.link.EthernetPort;
import dev.penstock.stack.timer.DeadlineQueue;
import dev.penstock.stack.udp.UdpConfig;
import dev.penstock.stack.udp.UdpLayer;
import dev.penstock.stack.wire.IpPrefix;

/** Two stacks, 192.0.2.1 and 192.0.2.2, on a wire in memory, in one thread and virtual time: how a stack is wired. */
public final class IpPair implements AutoCloseable {
    /** One of the two. */
    public static final class Side {
        public final Counters counters = new Counters();
        public final DeadlineQueue deadlines = new DeadlineQueue();
        public final FramePool small = new FramePool(2048, 4096);
        public final FramePool large = new FramePool(65_535, 64);
        public final IpLayer ip;
        public final UdpLayer udp;
        public final IpInterface nic;

        Side(NetworkDevice device, String prefix, long seed, long nowNs) {
            RandomSource random = RandomSource.seeded(seed);
            ip = new IpLayer(new IpConfig(), deadlines, random, counters, small, large);
            udp = new UdpLayer(UdpConfig.defaults(), ip, random, counters, small, large);
            nic = ip.addInterface(new EthernetPort(device, counters, null));
            ip.addAddress(nic, IpPrefix.parse(prefix), nowNs);
        }

        /** One duty cycle. */
        public int turn(long nowNs) {
            int work = ip.poll(64, nowNs);
            work += deadlines.expire(nowNs, 64);
            work += udp.flush(nowNs);
            return work + ip.flush(nowNs);
        }
    }

    public final MemoryWire wire;
    public final Side a;
    public final Side b;
    public long now = 1_000_000_000L;

    public IpPair(MemoryWire wire) {
        this.wire = wire;
        a = new Side(wire.a(), "192.0.2.1/24", 1, now);
        b = new Side(wire.b(), "192.0.2.2/24", 2, now);
    }

    /** Turns both until neither has anything to do, or 10,000 times. */
    public void settle() {
        for (int i = 0; i < 10_000 && a.turn(now) + b.turn(now) > 0; i++) {
            now += 1000;
        }
    }

    /** Lets time pass, from deadline to deadline. */
    public void advance(long ns) {
        long end = now + ns;
        settle();
        while (Math.min(a.deadlines.nextDeadlineNs(), b.deadlines.nextDeadlineNs()) <= end) {
            now = Math.max(now, Math.min(a.deadlines.nextDeadlineNs(), b.deadlines.nextDeadlineNs()));
            settle();
        }
        now = Math.max(now, end);
        settle();
    }

    @Override
    public void close() {
        for (Side side : new Side[] {a, b}) {
            side.ip.close();
            side.small.assertAllReturned();
            side.large.assertAllReturned();
            assertEquals(0, side.deadlines.size(), "timers were left");
        }
        wire.close();
    }
}
