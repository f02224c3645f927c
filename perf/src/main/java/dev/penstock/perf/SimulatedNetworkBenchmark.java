package dev.penstock.perf;

import dev.penstock.stack.sim.HostBuilder;
import dev.penstock.stack.sim.LinkEvent;
import dev.penstock.stack.sim.LinkSide;
import dev.penstock.stack.sim.QueuePolicy;
import dev.penstock.stack.sim.RunDigest;
import dev.penstock.stack.sim.SimulatedHost;
import dev.penstock.stack.sim.SimulatedLink;
import dev.penstock.stack.sim.SimulatedNetwork;
import dev.penstock.stack.sim.SimulatedRouter;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.timer.DeadlineQueue;
import dev.penstock.stack.udp.UdpEndpoint;
import dev.penstock.stack.udp.UdpHandler;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Packets a second of the simulated network, on one thread. An operation is one packet that one host's stack made and
 * another host's stack took, however many links it passed; acknowledgments count as the packets that they are. The links
 * have 10 Gbit/s, a queue of 1 MiB and 0.1 ms each way.
 */
@State(Scope.Thread)
@Fork(value = 2, jvmArgsAppend = "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED")
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class SimulatedNetworkBenchmark {
    private static final int PACKETS = 100_000;
    private static final int PORT = 9;
    private static final int BURST = 16;
    private static final int ROUNDS = 12;
    private static final long SECOND = 1_000_000_000L;

    /** Datagrams of so many bytes, or a stream in segments of 1,448 bytes. */
    @Param({"udp-64", "udp-1472", "tcp"})
    public String traffic;

    /** One link, two links and a switch, or two links and a router; a link with a digest of all that happens. */
    @Param({"link", "switch", "router", "digest"})
    public String path;

    /** Whether TCP and UDP checksums are computed and verified. */
    @Param({"true", "false"})
    public boolean checksums;

    private final UnsafeBuffer block = new UnsafeBuffer(ByteBuffer.allocateDirect(64 * 1024));
    private SimulatedNetwork net;
    private SimulatedHost a;
    private SimulatedHost b;

    @Setup
    public void connect() {
        net = SimulatedNetwork.seeded(1);
        HostBuilder from = net.newHost("a").address("192.0.2.1/24").checksumOffload(!checksums);
        HostBuilder to = net.newHost("b").checksumOffload(!checksums);
        switch (path) {
            case "switch" -> {
                a = from.plugIn();
                b = to.address("192.0.2.2/24").plugIn();
            }
            case "router" -> {
                SimulatedLink left = net.link(1500);
                SimulatedLink right = net.link(1500);
                SimulatedRouter router = net.newRouter("r");
                router.plugInto(left.b(), "192.0.2.254/24");
                router.plugInto(right.a(), "198.51.100.254/24");
                a = from.gateway("192.0.2.254").plugInto(left.a());
                b = to.address("198.51.100.1/24").gateway("198.51.100.254").plugInto(right.b());
            }
            default -> {
                SimulatedLink link = net.link(1500);
                a = from.plugInto(link.a());
                b = to.address("192.0.2.2/24").plugInto(link.b());
            }
        }
        if ("digest".equals(path)) {
            RunDigest.of(net);
        }
        for (SimulatedLink link : net.links()) {
            link.delay(100_000).rate(10_000_000_000L, QueuePolicy.dropTail(1 << 20));
        }
        net.run(5 * SECOND);
        if ("tcp".equals(traffic)) {
            stream();
        } else {
            datagrams(Integer.parseInt(traffic.substring("udp-".length())));
        }
        net.run(SECOND);
    }

    private void stream() {
        TcpOptions options = new TcpOptions();
        options.sendBuffer = 1 << 20;
        options.receiveBuffer = 1 << 20;
        b.stack()
                .tcp()
                .listen(
                        0,
                        0,
                        PORT,
                        4,
                        options,
                        (l, now) -> l.accept(new TcpHandler() {
                            @Override
                            public int onData(
                                    TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
                                return length;
                            }
                        }));
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
        long hi = b.address().hi();
        a.stack().tcp().connect(0, 0, 0, hi, b.address().lo(), PORT, options, source, a.nowNs());
    }

    /** Bursts of sixteen, as fast as the link takes them. */
    private void datagrams(int length) {
        b.stack().openUdp(new UdpHandler() {}).bind(0, 0, PORT);
        UdpEndpoint udp = a.stack().openUdp(new UdpHandler() {});
        DeadlineQueue deadlines = a.stack().deadlines();
        long hi = b.address().hi();
        long lo = b.address().lo();
        long gapNs = BURST * ((length + 42) * 8L / 10 + 1);
        Deadline burst = new Deadline() {
            @Override
            protected void onDeadline(long nowNs) {
                for (int i = 0; i < BURST; i++) {
                    udp.send(hi, lo, PORT, block, 0, length, nowNs);
                }
                deadlines.schedule(this, nowNs + gapNs);
            }
        };
        deadlines.schedule(burst, a.nowNs());
    }

    private static long delivered(LinkSide side) {
        return side.count(LinkEvent.DELIVERED);
    }

    /** A hundred thousand packets. */
    @Benchmark
    @OperationsPerInvocation(PACKETS)
    public long packets() {
        long goal = delivered(a.receive()) + delivered(b.receive()) + PACKETS;
        net.runUntil(() -> delivered(a.receive()) + delivered(b.receive()) >= goal, 1000 * SECOND);
        return goal;
    }

    @TearDown
    public void close() {
        net.close();
    }

    /**
     * All of it in a minute or so, by the time that the thread had on a core: on a machine that does other things, too, the
     * clock on the wall tells of those.
     */
    public static void main(String[] args) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        System.out.println("traffic   path    checksums  million packets/s");
        for (String traffic : new String[] {"udp-64", "udp-1472", "tcp"}) {
            for (String path : new String[] {"link", "switch", "router", "digest"}) {
                for (boolean checksums : new boolean[] {true, false}) {
                    SimulatedNetworkBenchmark b = new SimulatedNetworkBenchmark();
                    b.traffic = traffic;
                    b.path = path;
                    b.checksums = checksums;
                    b.connect();
                    double best = 0;
                    for (int round = 0; round < ROUNDS; round++) {
                        long before = threads.getCurrentThreadCpuTime();
                        b.packets();
                        b.packets();
                        best = Math.max(best, 2e3 * PACKETS / (threads.getCurrentThreadCpuTime() - before));
                    }
                    b.close();
                    System.out.printf("%-9s %-7s %-9s  %.2f%n", traffic, path, checksums, best);
                }
            }
        }
    }
}
