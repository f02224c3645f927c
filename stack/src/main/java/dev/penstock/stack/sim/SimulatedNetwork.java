package dev.penstock.stack.sim;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.FrameHandler;
import dev.penstock.stack.device.Impairment;
import dev.penstock.stack.device.NetworkDevice;
import dev.penstock.stack.device.SoftwareOffload;
import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.shard.StackShard;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.MacAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Whole stacks on one Ethernet switch, in one thread, in virtual time, from one seed: two runs with the same seed and
 * the same calls are the same to the byte. Time jumps from event to event, so hours take seconds.
 *
 * <pre>{@code
 * SimulatedNetwork net = SimulatedNetwork.seeded(42);
 * SimulatedHost a = net.host("a", "192.0.2.1/24");
 * SimulatedHost b = net.host("b", "192.0.2.2/24");
 * a.cable().transmit().loss(0.05).delay(10_000_000, 0);
 * b.stack().tcp().listen(0, 0, 80, 8, new TcpOptions(), acceptor);
 * net.runUntil(() -> finished, 60_000_000_000L);
 * }</pre>
 */
public final class SimulatedNetwork extends VirtualNetwork {
    private static final int PORT_QUEUE_FRAMES = 4096;
    private final List<SimulatedHost> hosts = new ArrayList<>();
    private long framesForwarded;
    private FrameHandler observer;

    private SimulatedNetwork(long seed) {
        super(seed);
    }

    /** A network without hosts whose whole randomness comes from {@code seed}. */
    public static SimulatedNetwork seeded(long seed) {
        return new SimulatedNetwork(seed);
    }

    /** As {@link #host(String, String, int, ShardConfig)}, with an MTU of 1,500 and default limits. */
    public SimulatedHost host(String name, String prefix) {
        return host(name, prefix, 1500, new ShardConfig());
    }

    /**
     * Plugs in a host.
     *
     * @param prefix its address, {@code "192.0.2.1/24"}
     * @param mtu bytes of IP packet
     */
    public SimulatedHost host(String name, String prefix, int mtu, ShardConfig config) {
        IpPrefix address = IpPrefix.parse(prefix);
        long mac = MacAddress.locallyAdministered(hosts.size() + 1);
        SwitchPort port = new SwitchPort(this, mac, mtu, PORT_QUEUE_FRAMES);
        Impairment cable = Impairment.over(port, RandomSource.seeded(random.nextLong()));
        cable.advance(nowNs());
        NetworkDevice device = SoftwareOffload.over(cable);
        StackShard shard = shard(device, config, address);
        SimulatedHost host = new SimulatedHost(name, address, shard, cable, port);
        shard.onStart();
        hosts.add(host);
        return host;
    }

    /** Randomness for the scenario itself, from the same seed. */
    public RandomSource random() {
        return random;
    }

    /** Frames that the switch has carried. */
    public long framesForwarded() {
        return framesForwarded;
    }

    /** Shows {@code handler} every frame that the switch carries from now on, before it is delivered; null ends it. */
    public void observe(FrameHandler handler) {
        observer = handler;
    }

    /** The switch: to the port with that address, or to all others. */
    void forward(SwitchPort from, Frame frame) {
        framesForwarded++;
        if (observer != null) {
            observer.onFrame(frame);
        }
        long destination = EthernetHeader.destination(frame.buffer(), frame.start());
        boolean group = MacAddress.isGroup(destination);
        for (int i = 0; i < hosts.size(); i++) {
            SwitchPort port = hosts.get(i).port();
            if (port != from && (group || port.macAddress() == destination)) {
                port.deliver(frame);
            }
        }
    }

    @Override
    long nextNs() {
        long next = Deadline.NEVER;
        for (int i = 0; i < hosts.size(); i++) {
            next = Math.min(next, hosts.get(i).nextNs(nowNs()));
        }
        return next;
    }

    @Override
    void happen() {
        for (int i = 0; i < hosts.size(); i++) {
            SimulatedHost host = hosts.get(i);
            host.cable().advance(nowNs());
            host.shard().doWork();
        }
    }

    @Override
    public void close() {
        for (SimulatedHost host : hosts) {
            host.shard().onClose();
        }
    }

    /** After {@link #close}: throws {@link IllegalStateException} if anything was not given back. */
    public void assertNoLeaks() {
        for (SimulatedHost host : hosts) {
            host.port().assertAllReturned();
            checkLeaks(host.shard(), host.name());
        }
    }
}
