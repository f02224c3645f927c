package dev.penstock.perf.bench;

import dev.penstock.perf.kernel.Cpu;
import dev.penstock.perf.kernel.DatagramFlood;
import dev.penstock.perf.kernel.KernelSocket;
import dev.penstock.perf.kernel.VethPair;
import dev.penstock.stack.blocking.PenstockStack;
import dev.penstock.stack.socket.ShardContext;
import dev.penstock.stack.udp.UdpEndpoint;
import dev.penstock.stack.udp.UdpHandler;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.tap.NetNamespace;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Small datagrams, as many as go: counted at the receiver, or as the device took them. */
final class PacketsRig implements Rig {
    private static final int PORT = 7007;
    private static final int BURST = 64;
    private static final String PEER = "192.0.2.1";

    private final LongSupplier count;
    private final Workers workers;
    private final Closeable end;

    private PacketsRig(LongSupplier count, Workers workers, Closeable end) {
        this.count = count;
        this.workers = workers;
        this.end = end;
    }

    private static void flood(Workers workers, NetNamespace in, Setting s, String to) {
        workers.start(in, "kernel-flood", s.placement().clientCpu(), () -> new DatagramFlood(
                        KernelSocket.ipv4(to), PORT, s.message())
                .run(workers::isStopping));
    }

    /** The kernel sends, a callback of the stack counts. */
    static Rig penstockIn(Setting s) throws Exception {
        PenstockHost host = PenstockHost.start(s, false);
        AtomicLong received = new AtomicLong();
        host.stack.call(shard -> {
            UdpEndpoint udp = shard.openUdp(new UdpHandler() {
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
                    received.lazySet(received.get() + 1);
                }
            });
            return udp.bind(0, 0, PORT);
        });
        Workers workers = new Workers();
        flood(workers, host.link.namespace, s, TapLink.STACK);
        return new PacketsRig(received::get, workers, host);
    }

    /** The kernel sends, the raw loop counts. */
    static Rig floorIn(Setting s) throws Exception {
        FloorHost host = FloorHost.start(s);
        Workers workers = new Workers();
        flood(workers, host.link.namespace, s, TapLink.STACK);
        return new PacketsRig(host.loop::datagrams, workers, host);
    }

    /** The kernel sends, a socket of the kernel's counts. */
    static Rig kernelIn(Setting s) throws Exception {
        VethPair pair = VethPair.open(true);
        Workers workers = new Workers();
        AtomicLong received = new AtomicLong();
        workers.start(pair.server(), "kernel-server", s.placement().serverCpu(), () -> {
            UnsafeBuffer block = new UnsafeBuffer(ByteBuffer.allocateDirect(2048));
            try (KernelSocket socket = KernelSocket.udp().bind(PORT)) {
                while (!workers.isStopping()) {
                    if (socket.receive(block.addressOffset(), 2048) > 0) {
                        received.lazySet(received.get() + 1);
                    }
                }
            }
        });
        flood(workers, pair.client(), s, VethPair.SERVER);
        return new PacketsRig(received::get, workers, pair::close);
    }

    /** The stack sends to a socket of the kernel's that nobody reads. */
    static Rig penstockOut(Setting s) throws Exception {
        PenstockHost host = PenstockHost.start(s, false);
        Workers workers = new Workers();
        AtomicLong sent = new AtomicLong();
        KernelSocket sink = host.link.namespace.call(() -> KernelSocket.udp().bind(PORT));
        UnsafeBuffer data = new UnsafeBuffer(ByteBuffer.allocateDirect(s.message()));
        IpAddress to = IpAddress.parse(PEER);
        UdpEndpoint udp = host.stack.call(shard -> shard.openUdp(new UdpHandler() {}));
        send(host.stack, udp, to, data, sent, workers);
        return new PacketsRig(sent::get, workers, () -> {
            host.close();
            sink.close();
        });
    }

    /** A burst in each duty cycle, until it is over. */
    private static void send(
            PenstockStack stack, UdpEndpoint udp, IpAddress to, UnsafeBuffer data, AtomicLong sent, Workers workers) {
        if (workers.isStopping() || stack.isClosed()) {
            return;
        }
        stack.onShard((ShardContext shard) -> {
            int taken = 0;
            long now = shard.nowNs();
            while (taken < BURST && udp.send(to.hi(), to.lo(), PORT, data, 0, data.capacity(), now) == UdpEndpoint.OK) {
                taken++;
            }
            sent.lazySet(sent.get() + taken);
            send(stack, udp, to, data, sent, workers);
        });
    }

    /** The kernel sends over veth to a socket that nobody reads. */
    static Rig kernelOut(Setting s) throws Exception {
        VethPair pair = VethPair.open(true);
        Workers workers = new Workers();
        KernelSocket sink = pair.server().call(() -> KernelSocket.udp().bind(PORT));
        DatagramFlood flood =
                pair.client().call(() -> new DatagramFlood(KernelSocket.ipv4(VethPair.SERVER), PORT, s.message()));
        workers.start(null, "kernel-flood", s.placement().serverCpu(), () -> flood.run(workers::isStopping));
        return new PacketsRig(flood::sent, workers, () -> {
            sink.close();
            pair.close();
        });
    }

    /** Packets a second. */
    @Override
    public Sample measure(long ns) throws Exception {
        long before = count.getAsLong();
        long begin = System.nanoTime();
        Thread.sleep(Math.max(1, ns / 1_000_000));
        long n = count.getAsLong() - before;
        long took = System.nanoTime() - begin;
        workers.check();
        return Sample.rate(n * 1e9 / took, Double.NaN);
    }

    @Override
    public void close() throws IOException {
        workers.stopping();
        workers.join();
        end.close();
        Cpu.pin(Cpu.ANY);
    }
}
