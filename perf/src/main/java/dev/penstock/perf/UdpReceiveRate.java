package dev.penstock.perf;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.blocking.DatagramBatch;
import dev.penstock.stack.blocking.IdleMode;
import dev.penstock.stack.blocking.PenstockStack;
import dev.penstock.stack.blocking.UdpSocket;
import dev.penstock.stack.device.NetworkDevice;
import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.shard.StackShard;
import dev.penstock.stack.udp.UdpEndpoint;
import dev.penstock.stack.udp.UdpHandler;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.tap.NetNamespace;
import dev.penstock.tap.TapConfig;
import dev.penstock.tap.TapDevice;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import jnr.ffi.LibraryLoader;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.SystemNanoClock;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * How fast small datagrams are received over TAP, as a share of what a loop gets that only reads frames and counts those with UDP
 * in them. The kernel sends, by sendmmsg(2); all is in a namespace that this makes. Two measures:
 *
 * <ul>
 *   <li>"drain": the queue is filled, then the time is taken that emptying it needs, on one thread: the receiver's own cost, whatever
 *       the sender can do
 *   <li>"live": the sender runs on a thread of its own as fast as it can; where it is slower than the receiver, all get the same
 * </ul>
 *
 * Arguments: bytes of data (18), milliseconds of a round (600), rounds (7).
 */
public final class UdpReceiveRate {
    private static final int PORT = 9;
    private static final int BATCH = 64;
    private static final int QUEUE = 8192;
    /** Bytes of struct mmsghdr. */
    private static final int MMSGHDR = 64;

    private static final long MAC = 0x02_00_00_00_00_02L;

    /** What this needs of the C library; addresses are those of off-heap buffers. */
    public interface LibC {
        int socket(int domain, int type, int protocol);

        int connect(int fd, long address, int length);

        int sendmmsg(int fd, long messages, int count, int flags);

        int close(int fd);
    }

    private final LibC libC = LibraryLoader.create(LibC.class).load("c");
    private final NetNamespace namespace;
    private final int size;
    private final long roundNs;

    private UdpReceiveRate(NetNamespace namespace, int size, long roundNs) {
        this.namespace = namespace;
        this.size = size;
        this.roundNs = roundNs;
    }

    public static void main(String[] args) throws Exception {
        int size = args.length > 0 ? Integer.parseInt(args[0]) : 18;
        long ns = (args.length > 1 ? Long.parseLong(args[1]) : 600) * 1_000_000;
        int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 7;
        try (NetNamespace namespace = NetNamespace.create()) {
            UdpReceiveRate bench = new UdpReceiveRate(namespace, size, ns);
            compare(
                    rounds,
                    List.of("drain, raw loop", "drain, shard callback"),
                    List.of(() -> bench.raw(true), () -> bench.shard(true)));
            compare(
                    rounds,
                    List.of("live, raw loop", "live, shard callback", "live, UdpSocket", "live, UdpSocket in batches"),
                    List.of(
                            () -> bench.raw(false),
                            () -> bench.shard(false),
                            () -> bench.socket(false),
                            () -> bench.socket(true)));
        }
    }

    /** All in turn, {@code rounds} times; the first is the measure. */
    private static void compare(int rounds, List<String> names, List<Callable<Double>> cases) throws Exception {
        double[][] rates = new double[names.size()][rounds];
        for (int round = -1; round < rounds; round++) {
            for (int i = 0; i < rates.length; i++) {
                double rate = cases.get(i).call();
                if (round >= 0) { // the one before is the JIT's
                    rates[i][round] = rate;
                }
            }
        }
        double[] raw = rates[0].clone();
        for (int i = 0; i < rates.length; i++) {
            double[] rate = rates[i];
            double[] ratios = new double[rounds];
            Arrays.setAll(ratios, r -> rate[r] / raw[r]);
            Arrays.sort(ratios);
            Arrays.sort(rate);
            System.out.printf(
                    Locale.ROOT,
                    "%-28s %,10.0f/s  %4.0f ns each  %.3f of the raw loop (%.3f .. %.3f)%n",
                    names.get(i),
                    rate[rounds / 2],
                    1e9 / rate[rounds / 2],
                    ratios[rounds / 2],
                    ratios[0],
                    ratios[rounds - 1]);
        }
    }

    private TapDevice open() throws Exception {
        TapConfig config = TapConfig.builder()
                .name("bench0")
                .hostAddress("192.0.2.1/24")
                .macAddress(MAC)
                .receiveUdpSegmentation(true)
                .txQueueLength(QUEUE)
                .build();
        TapDevice device = namespace.call(() -> TapDevice.open(config));
        String[] command = {
            "ip", "neigh", "replace", "192.0.2.2", "lladdr", "02:00:00:00:00:02", "dev", "bench0", "nud", "permanent"
        };
        namespace.start(new ProcessBuilder(command).inheritIO()).waitFor();
        return device;
    }

    /** The sending kernel: batches as they are asked for, or on a thread of its own until it is told to end. */
    private final class Sender implements AutoCloseable {
        private final UnsafeBuffer data = new UnsafeBuffer(ByteBuffer.allocateDirect(size));
        private final UnsafeBuffer iovec = new UnsafeBuffer(ByteBuffer.allocateDirect(16));
        private final UnsafeBuffer messages = new UnsafeBuffer(ByteBuffer.allocateDirect(BATCH * MMSGHDR));
        private final int fd = namespace.call(this::connected);
        private Thread thread;
        private volatile boolean over;

        Sender() throws Exception {
            iovec.putLong(0, data.addressOffset());
            iovec.putLong(8, size);
            for (int i = 0; i < BATCH; i++) {
                messages.putLong(i * MMSGHDR + 16, iovec.addressOffset());
                messages.putLong(i * MMSGHDR + 24, 1);
            }
        }

        private int connected() {
            UnsafeBuffer address = new UnsafeBuffer(ByteBuffer.allocateDirect(16));
            address.putShort(0, (short) 2);
            address.putShort(2, Short.reverseBytes((short) PORT));
            address.putInt(4, Integer.reverseBytes(0xc0_00_02_02));
            int socket = libC.socket(2, 2, 0);
            libC.connect(socket, address.addressOffset(), 16);
            return socket;
        }

        void send() {
            libC.sendmmsg(fd, messages.addressOffset(), BATCH, 0);
        }

        void start() {
            thread = new Thread(
                    () -> {
                        while (!over) {
                            send();
                        }
                    },
                    "bench-sender");
            thread.setDaemon(true);
            thread.start();
        }

        @Override
        public void close() {
            over = true;
            try {
                if (thread != null) {
                    thread.join();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            libC.close(fd);
        }
    }

    private double raw(boolean drain) throws Exception {
        long[] count = new long[1];
        try (TapDevice device = open();
                Sender sender = new Sender()) {
            NetworkDevice d = device;
            return rate(
                    drain,
                    sender,
                    count,
                    () -> d.poll(
                            frame -> {
                                if (frame.headLength() > 34 && frame.buffer().getByte(frame.start() + 23) == 17) {
                                    count[0]++;
                                }
                            },
                            64));
        }
    }

    private double rate(boolean drain, Sender sender, long[] count, Runnable turn) {
        if (drain) {
            return drain(sender, count, turn);
        }
        sender.start();
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < roundNs / 10) {
            turn.run();
        }
        long first = count[0];
        begin = System.nanoTime();
        while (System.nanoTime() - begin < roundNs) {
            for (int i = 0; i < 16; i++) {
                turn.run();
            }
        }
        return (count[0] - first) * 1e9 / (System.nanoTime() - begin);
    }

    /** Fills and empties the queue in turn, and takes the time of emptying alone. */
    private double drain(Sender sender, long[] count, Runnable turn) {
        long begin = System.nanoTime();
        long first = count[0];
        long spent = 0;
        while (System.nanoTime() - begin < roundNs) {
            for (int i = 0; i < QUEUE / BATCH - 2; i++) {
                sender.send();
            }
            long from = System.nanoTime();
            long before;
            do {
                before = count[0];
                turn.run();
            } while (count[0] != before);
            spent += System.nanoTime() - from;
        }
        return (count[0] - first) * 1e9 / spent;
    }

    private double shard(boolean drain) throws Exception {
        long[] count = new long[1];
        UdpHandler counter = new UdpHandler() {
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
                count[0]++;
            }
        };
        StackShard shard = StackShard.create(
                open(),
                new ShardConfig(),
                List.of(IpPrefix.parse("192.0.2.2/24")),
                null,
                SystemNanoClock.INSTANCE,
                RandomSource.seeded(1),
                Throwable::printStackTrace);
        try (Sender sender = new Sender()) {
            UdpEndpoint endpoint = shard.openUdp(counter);
            endpoint.bind(IpAddress.ANY_V4.hi(), IpAddress.ANY_V4.lo(), PORT);
            return rate(drain, sender, count, shard::doWork);
        } finally {
            shard.onClose();
        }
    }

    private double socket(boolean batches) throws Exception {
        PenstockStack stack = PenstockStack.builder()
                .device(open())
                .address("192.0.2.2/24")
                .idle(IdleMode.HYBRID)
                .start();
        try (Sender sender = new Sender();
                UdpSocket socket = stack.udpSocket(PORT)) {
            long[] count = new long[1];
            byte[] data = new byte[2048];
            DatagramBatch batch = new DatagramBatch(256, 1 << 16);
            return rate(false, sender, count, () -> {
                try {
                    if (batches) {
                        batch.clear();
                        count[0] += socket.receive(batch);
                    } else {
                        socket.receive(data);
                        count[0]++;
                    }
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
        } catch (SocketException e) {
            throw new IllegalStateException(e);
        } finally {
            stack.close();
        }
    }
}
