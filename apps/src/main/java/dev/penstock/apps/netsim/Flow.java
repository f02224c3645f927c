package dev.penstock.apps.netsim;

import dev.penstock.stack.device.PcapTap;
import dev.penstock.stack.device.PcapngWriter;
import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.sim.LinkEnd;
import dev.penstock.stack.sim.SimulatedHost;
import dev.penstock.stack.sim.SimulatedLink;
import dev.penstock.stack.sim.SimulatedNetwork;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpEcn;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpInfo;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.tcp.TcpTracer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One transfer between two hosts of its own, at the two ends of a link: the sender connects, keeps its send buffer full,
 * and the receiver uses what comes at once. One thread, virtual time.
 */
final class Flow {
    static final int MTU = 1500;

    private static final int PORT = 5001;
    private static final String SENDER = "192.0.2.1";
    private static final String RECEIVER = "192.0.2.2";

    private final SimulatedNetwork network;
    private final SimulatedHost sender;
    private final SimulatedHost receiver;
    private final SegmentWatch watch = new SegmentWatch();
    private final TcpOptions options;
    private final long bytes;
    private final UnsafeBuffer block = new UnsafeBuffer(new byte[64 * 1024]);

    private TcpConnection connection;
    private long written;
    private long received;
    private long startedNs;
    private long endedNs = -1;
    private TcpError error;

    /**
     * @param ecn whether the sender asks for ECN; the receiver agrees
     */
    Flow(
            SimulatedNetwork network,
            SimulatedLink link,
            TcpOptions options,
            boolean ecn,
            long bytes,
            Instruments instruments) {
        this.network = network;
        this.options = options;
        this.bytes = bytes;
        this.sender = host(link.a(), SENDER, config(ecn, instruments.tracer()), instruments.capture(), "sender");
        this.receiver = host(link.b(), RECEIVER, config(ecn, null), instruments.capture(), "receiver");
        link.aToB().observe(watch);
    }

    private SimulatedHost host(LinkEnd end, String address, ShardConfig config, PcapngWriter capture, String name) {
        return network.newHost(name + network.hosts().size())
                .address(address + "/24")
                .config(config)
                .checksumOffload(true)
                .through(device -> capture == null ? device : PcapTap.over(device, capture, name, network::nowNs))
                .plugInto(end);
    }

    /** A link for one flow: what is measured is what runs over IP. */
    static SimulatedLink link(SimulatedNetwork network) {
        network.ownCallsOnly(true);
        return network.link(MTU).sparesDiscovery(true);
    }

    /** The options of both sockets. */
    static TcpOptions options(int buffer, String congestion) {
        TcpOptions options = new TcpOptions();
        if (buffer != TransferSpec.AUTO) {
            options.sendBuffer = buffer;
            options.receiveBuffer = buffer;
        }
        options.noDelay = true;
        options.congestion = congestion;
        return options;
    }

    private static ShardConfig config(boolean ecn, TcpTracer tracer) {
        ShardConfig config = new ShardConfig();
        // Packets of a link without a rate arrive together; on a wire each comes by itself, and is answered by itself.
        config.burst = 1;
        // R2: with 30 % lost each way, 51 % of all round trips fail, and in 80,000 of them a row of 15 is certain.
        // Such a connection is to be slow here, not dead.
        config.tcp.dataRetries = Integer.MAX_VALUE;
        config.tcp.synRetries = Integer.MAX_VALUE;
        config.tcp.synAckRetries = Integer.MAX_VALUE;
        config.tcp.ecn = ecn ? TcpEcn.ON : TcpEcn.OFF;
        config.tcp.tracer = tracer;
        return config;
    }

    /** Connects; the SYN goes out with the network's next step. */
    void start() {
        receiver.stack().tcp().listen(0, 0, PORT, 1, options, (l, now) -> l.accept(new Receiver()));
        sender.application(this::fill);
        startedNs = network.nowNs();
        connection = sender.stack()
                .tcp()
                .connect(
                        0,
                        0,
                        0,
                        receiver.address().hi(),
                        receiver.address().lo(),
                        PORT,
                        options,
                        new Sender(),
                        startedNs);
    }

    private final class Sender implements TcpHandler {
        @Override
        public void onClosed(TcpConnection c, TcpError why, long nowNs) {
            error = why;
        }
    }

    private final class Receiver implements TcpHandler {
        @Override
        public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
            received += length;
            if (received >= bytes && endedNs < 0) {
                endedNs = nowNs;
                sender.application(null);
            }
            return length;
        }

        @Override
        public void onClosed(TcpConnection c, TcpError why, long nowNs) {
            error = why;
        }
    }

    private void fill() {
        if (connection == null || !connection.state().isSynchronized()) {
            return;
        }
        while (written < bytes) {
            int length = (int) Math.min(block.capacity(), bytes - written);
            int room = connection.sendQueue().writable();
            if (room == 0) {
                return;
            }
            int taken = connection.write(block, 0, Math.min(room, length), network.nowNs());
            if (taken <= 0) {
                return;
            }
            written += taken;
        }
    }

    boolean isOver() {
        return endedNs >= 0 || error != null;
    }

    boolean isComplete() {
        return endedNs >= 0;
    }

    /** Why it ended early, or null. */
    TcpError error() {
        return error;
    }

    long bytes() {
        return bytes;
    }

    long received() {
        return received;
    }

    /** From the first SYN to the last byte received; until now if that has not come. */
    long durationNs() {
        return (endedNs >= 0 ? endedNs : network.nowNs()) - startedNs;
    }

    /** When the first SYN was due. */
    long startedNs() {
        return startedNs;
    }

    long endedNs() {
        return endedNs;
    }

    SegmentWatch watch() {
        return watch;
    }

    /** What the sender knows of its connection. */
    TcpInfo info() {
        TcpInfo info = new TcpInfo();
        connection.info(info, network.nowNs());
        return info;
    }
}
