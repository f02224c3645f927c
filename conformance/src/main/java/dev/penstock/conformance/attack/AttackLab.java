package dev.penstock.conformance.attack;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.FramePool;
import dev.penstock.stack.device.NetworkDevice;
import dev.penstock.stack.sim.LinkEvent;
import dev.penstock.stack.sim.SimulatedHost;
import dev.penstock.stack.sim.SimulatedNetwork;
import dev.penstock.stack.sim.SimulatedStation;
import dev.penstock.stack.tcp.TcpAcceptor;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.Ipv6Header;
import java.util.EnumMap;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A victim and its friend, who send each other a stream that is checked to the byte, and an attacker on the same switch, in
 * virtual time. The streams are paced at 10 Mbit/s and the links have no limit, so that only what the stack makes of an attack
 * can slow them down.
 */
final class AttackLab implements AutoCloseable {
    static final int SERVICE = 7_000;
    static final int CLOSED = 7_001;
    private static final long SECOND_NS = 1_000_000_000L;
    /** Bytes a second. */
    private static final long RATE = 1_250_000;

    /** 5,000 frames a second. */
    private static final long EVERY_NS = 200_000;

    /**
     * What came of an attack.
     *
     * @param frames sent by the attacker
     * @param drops counted by the victim meanwhile
     * @param replies packets of the victim that belong to none of the friends' connections
     * @param in the part of the usual rate at which the victim went on receiving
     * @param out the part at which it went on sending
     * @param alive the connection is there, every byte of it was right, and a new one can be made
     * @param why it is not
     */
    record Outcome(
            int frames, Map<DropReason, Long> drops, long replies, double in, double out, boolean alive, String why) {}

    final IpAddress victim;
    final IpAddress friend;
    final long victimMac;
    final long friendMac;
    final long attackerMac = 0x02_66_66_66_66_66L;
    final RandomSource random;

    private final boolean v6;
    private final SimulatedNetwork network;
    private final SimulatedHost victimHost;
    private final SimulatedHost friendHost;
    private final SimulatedStation attacker;
    private final FramePool frames = new FramePool(2048, 16);
    private final SteadyStream client = new SteadyStream();
    private final SteadyStream server = new SteadyStream();
    private TcpAcceptor acceptor;
    private SteadyStream newest = server;
    private long otherPackets;

    AttackLab(boolean v6, long seed) {
        this.v6 = v6;
        network = SimulatedNetwork.seeded(seed);
        random = RandomSource.seeded(seed);
        victimHost = network.newHost("victim")
                .address("192.0.2.1/16")
                .address("2001:db8::1/64")
                .plugIn();
        friendHost = network.newHost("friend")
                .address("192.0.2.2/16")
                .address("2001:db8::2/64")
                .plugIn();
        attacker = network.station("attacker", 1500, (device, now) -> {
            device.poll(frame -> {}, 256);
            return Long.MAX_VALUE;
        });
        victim = IpAddress.parse(v6 ? "2001:db8::1" : "192.0.2.1");
        friend = IpAddress.parse(v6 ? "2001:db8::2" : "192.0.2.2");
        victimMac = victimHost.end().macAddress();
        friendMac = friendHost.end().macAddress();
        friendHost.transmit().delay(2_000_000);
        friendHost.receive().delay(2_000_000);
        countOthers();
    }

    IpAddress address(String v4Text, String v6Text) {
        return IpAddress.parse(v6 ? v6Text : v4Text);
    }

    boolean isV6() {
        return v6;
    }

    /** The friend's port, which an attacker may know or guess. */
    int friendPort() {
        return client.connection.localPort();
    }

    int ttl() {
        return v6 ? 255 : 64;
    }

    private void countOthers() {
        victimHost.transmit().observe((event, side, frame, now) -> {
            if (event == LinkEvent.SENT && !isOfStream(frame)) {
                otherPackets++;
            }
        });
    }

    private boolean isOfStream(Frame frame) {
        int at = frame.start() + EthernetHeader.LENGTH;
        int type = EthernetHeader.type(frame.buffer(), frame.start());
        if (type == EthernetHeader.TYPE_IPV4) {
            return Ipv4Header.protocol(frame.buffer(), at) == IpProtocol.TCP
                    && Ipv4Header.destination(frame.buffer(), at) == (int) friend.lo();
        }
        return type == EthernetHeader.TYPE_IPV6
                && Ipv6Header.nextHeader(frame.buffer(), at) == IpProtocol.TCP
                && Ipv6Header.destinationLo(frame.buffer(), at) == friend.lo();
    }

    private void connect() {
        acceptor = victimHost
                .stack()
                .tcp()
                .listen(0, 0, SERVICE, 16, options(), (listener, now) -> listener.accept(newest));
        client.connection = open(client);
        require(network.runUntil(() -> client.connected && server.connected, 10 * SECOND_NS), "no connection");
    }

    private TcpConnection open(TcpHandler handler) {
        IpAddress any = v6 ? IpAddress.ANY : IpAddress.ANY_V4;
        return friendHost
                .stack()
                .tcp()
                .connect(
                        any.hi(),
                        any.lo(),
                        0,
                        victim.hi(),
                        victim.lo(),
                        SERVICE,
                        options(),
                        handler,
                        friendHost.nowNs());
    }

    private static TcpOptions options() {
        TcpOptions options = new TcpOptions();
        options.maxPacingRate = RATE;
        return options;
    }

    private static void require(boolean good, String what) {
        if (!good) {
            throw new IllegalStateException(what);
        }
    }

    /** Attacks with so many frames and tells what came of it. */
    Outcome run(Attack attack, int count) {
        // What a host has to say about itself when it comes, to routers among others, is said by then.
        network.run(3 * SECOND_NS);
        connect();
        network.run(SECOND_NS / 2);
        long inBefore = server.received;
        long outBefore = client.received;
        long lasts = count * EVERY_NS;
        network.run(lasts);
        double inUsual = server.received - inBefore;
        double outUsual = client.received - outBefore;

        Counters counters = victimHost.counters();
        Map<DropReason, Long> before = drops(counters);
        long othersBefore = otherPackets;
        long in = server.received;
        long out = client.received;
        int introductions = 0;
        for (int i = 0; i < count; i++) {
            int number = i;
            if (i % 1000 == 0) {
                // So that the victim knows where to send an answer. It answers this, too.
                network.after(i * EVERY_NS, () -> inject(Attacks.introduce(this)));
                introductions++;
            }
            network.after(i * EVERY_NS, () -> inject(attack.frame().frame(this, number)));
        }
        network.run(lasts);
        double inPart = (server.received - in) / inUsual;
        double outPart = (client.received - out) / outUsual;
        long replies = Math.max(0, otherPackets - othersBefore - introductions);
        Map<DropReason, Long> after = drops(counters);
        after.replaceAll((reason, n) -> n - before.getOrDefault(reason, 0L));
        after.values().removeIf(n -> n == 0);
        String why = trouble();
        return new Outcome(count, after, replies, inPart, outPart, why.isEmpty(), why);
    }

    private String trouble() {
        if (server.wrong || client.wrong) {
            return "a stream was changed";
        }
        if (server.closed || client.closed) {
            return "a connection ended: " + (server.error != null ? server.error : client.error);
        }
        long faults = victimHost.counters().get(StackCounter.SHARD_FAULTS)
                + victimHost.counters().get(StackCounter.APPLICATION_FAULTS);
        if (faults != 0) {
            return faults + " exceptions in the victim";
        }
        victimHost.checkInvariants();
        SteadyStream more = new SteadyStream();
        newest = new SteadyStream();
        TcpConnection made = open(more);
        boolean works = made != null && network.runUntil(() -> more.received > 100_000, 20 * SECOND_NS);
        return works ? "" : "no new connection: " + (made == null ? "not even begun" : describe(more.error));
    }

    private static String describe(TcpError error) {
        return error == null ? "it waits" : error.toString();
    }

    private static Map<DropReason, Long> drops(Counters counters) {
        Map<DropReason, Long> all = new EnumMap<>(DropReason.class);
        for (DropReason reason : DropReason.values()) {
            long n = counters.get(reason);
            if (n != 0) {
                all.put(reason, n);
            }
        }
        return all;
    }

    private void inject(byte[] bytes) {
        NetworkDevice device = attacker.device();
        Frame frame = frames.acquire();
        frame.append(new UnsafeBuffer(bytes), 0, bytes.length);
        device.offer(frame);
        frame.release();
    }

    @Override
    public void close() {
        acceptor.close(victimHost.nowNs());
        network.close();
        network.assertNoLeaks();
        frames.assertAllReturned();
    }
}
