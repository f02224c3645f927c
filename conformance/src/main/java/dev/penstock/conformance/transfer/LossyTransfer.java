package dev.penstock.conformance.transfer;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.sim.RunDigest;
import dev.penstock.stack.sim.SimulatedHost;
import dev.penstock.stack.sim.SimulatedNetwork;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpEcn;
import dev.penstock.stack.tcp.TcpOptions;

/**
 * Two whole stacks on a bad network exchange known streams in both directions at once, in virtual time. The seed decides
 * everything: sizes, buffers, delays, what is lost, doubled, and overtaken, and which of SACK, timestamps, window scaling,
 * ECN, pacing and congestion controls each side has.
 */
public final class LossyTransfer {
    private static final int PORT = 7;
    private static final TcpEcn[] ECN = TcpEcn.values();
    private static final String[] CONGESTION = {"cubic", "reno"};
    private static final long MS = 1_000_000L;
    private static final long HOUR_NS = 3_600_000L * MS;
    private static final long TIME_WAIT_NS = 240_000 * MS;

    private LossyTransfer() {}

    /**
     * How bad the network is, in each direction; probabilities of 0 .. 1 for each packet.
     *
     * @param loss of being lost
     * @param duplicate of arriving twice
     * @param reorder of being overtaken by some later ones
     * @param corrupt of having a bit flipped
     */
    public record Conditions(double loss, double duplicate, double reorder, double corrupt) {}

    /**
     * What a run was like.
     *
     * @param seed reproduces it
     * @param bytes that were transferred, both directions together
     * @param frames that the switch carried
     * @param virtualNs how long it took in virtual time
     * @param digest over all that happened
     * @param complaint what went wrong, or null
     */
    public record Outcome(long seed, long bytes, long frames, long virtualNs, long digest, String complaint) {}

    /**
     * Runs one transfer of up to {@code maxBytes} in each direction.
     *
     * @throws IllegalStateException with the seed, if a stack threw or something leaked
     */
    public static Outcome run(long seed, int maxBytes, Conditions conditions) {
        SimulatedNetwork net = SimulatedNetwork.seeded(seed);
        Outcome outcome;
        try {
            outcome = transfer(net, maxBytes, conditions);
        } finally {
            net.close();
        }
        net.assertNoLeaks();
        return outcome;
    }

    private static Outcome transfer(SimulatedNetwork net, int maxBytes, Conditions conditions) {
        RandomSource random = net.random();
        RunDigest digest = RunDigest.of(net);
        SimulatedHost a = host(net, "client", "192.0.2.1/24", conditions);
        SimulatedHost b = host(net, "server", "192.0.2.2/24", conditions);
        long up = random.nextInt(maxBytes + 1);
        long down = random.nextInt(maxBytes + 1);
        long seed = net.seed();
        StreamEnd client = new StreamEnd(up, down, RandomSource.seeded(seed ^ 1), random.nextInt(2) == 0);
        StreamEnd server = new StreamEnd(down, up, RandomSource.seeded(seed ^ 2), random.nextInt(2) == 0);
        b.stack().tcp().listen(0, 0, PORT, 4, options(random), (l, now) -> l.accept(server));
        long began = net.nowNs();
        TcpOptions options = options(random);
        long hi = b.address().hi();
        long lo = b.address().lo();
        TcpConnection c = a.stack().tcp().connect(0, 0, 0, hi, lo, PORT, options, client, began);
        if (c == null) {
            return new Outcome(
                    seed, 0, 0, 0, 0, "no connection: " + a.stack().tcp().errorOfLastCall());
        }
        net.runUntil(() -> client.isOver() && server.isOver(), 24 * HOUR_NS);
        long took = net.nowNs() - began;
        String complaint = complaint("client", client, "server", server);
        // After TIME-WAIT, three times as long if a FIN came again, nothing may be left but the listener.
        net.run(4 * TIME_WAIT_NS);
        int left = a.stack().tcp().connections() + b.stack().tcp().connections();
        if (complaint == null && left != 0) {
            complaint = left + " connection(s) are left";
        }
        return new Outcome(seed, up + down, net.lan().forwarded(), took, digest.value(), complaint);
    }

    private static String complaint(String nameA, StreamEnd a, String nameB, StreamEnd b) {
        if (a.complaint() != null) {
            return nameA + ": " + a.complaint() + (b.complaint() == null ? "" : "; " + nameB + ": " + b.complaint());
        }
        return b.complaint() == null ? null : nameB + ": " + b.complaint();
    }

    private static SimulatedHost host(SimulatedNetwork net, String name, String prefix, Conditions conditions) {
        RandomSource random = net.random();
        int mtu = 576 + random.nextInt(1500 - 576 + 1);
        SimulatedHost host = net.host(name, prefix, mtu, config(random));
        host.transmit()
                .loss(conditions.loss)
                .duplicate(conditions.duplicate)
                .corrupt(conditions.corrupt)
                .holdBack(conditions.reorder, 1 + random.nextInt(8))
                .delay(random.nextInt(20) * MS, random.nextInt(2) * MS);
        return host;
    }

    /** What one side offers in its SYN; the two sides need not be alike. */
    private static ShardConfig config(RandomSource random) {
        ShardConfig config = new ShardConfig();
        config.tcp.sack = random.nextInt(4) != 0;
        config.tcp.timestamps = random.nextInt(2) == 0;
        config.tcp.windowScaling = random.nextInt(4) != 0;
        config.tcp.ecn = ECN[random.nextInt(ECN.length)];
        config.tcp.pacing = random.nextInt(2) == 0;
        // RFC 9293's 2 MSL. On so bad a path a FIN is sent again after more than our default, a minute, and who
        // finds nobody in TIME-WAIT any more gets a reset, rightly.
        config.tcp.timeWaitNs = TIME_WAIT_NS;
        return config;
    }

    private static TcpOptions options(RandomSource random) {
        TcpOptions options = new TcpOptions();
        options.sendBuffer = 1 << (10 + random.nextInt(11));
        options.receiveBuffer = 1 << (10 + random.nextInt(11));
        options.congestion = CONGESTION[random.nextInt(CONGESTION.length)];
        options.noDelay = random.nextInt(2) == 0;
        options.delayedAck = random.nextInt(2) == 0;
        return options;
    }
}
