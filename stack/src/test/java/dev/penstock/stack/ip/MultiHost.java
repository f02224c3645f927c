package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.buffer.FramePool;
import dev.penstock.stack.device.DeviceCapabilities;
import dev.penstock.stack.link.EthernetPort;
import dev.penstock.stack.timer.DeadlineQueue;
import dev.penstock.stack.wire.ArpPacket;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.MacAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.concurrent.UnsafeBuffer;

/** An IP layer on several test devices, {@code eth0} and on, in virtual time. */
public final class MultiHost implements AutoCloseable {
    public static final long SECOND = IpHost.SECOND;

    public final IpConfig config = new IpConfig();
    public final Counters counters = new Counters();
    public final DeadlineQueue deadlines = new DeadlineQueue();
    public final FramePool small = new FramePool(2048, 4096);
    public final FramePool large = new FramePool(65_535, 64);
    public final List<TestDevice> devices = new ArrayList<>();
    public final List<EthernetPort> ports = new ArrayList<>();
    public final IpLayer ip;
    public long now = 1000 * SECOND;

    public MultiHost(int count, Consumer<IpConfig> settings) {
        settings.accept(config);
        ip = new IpLayer(config, deadlines, RandomSource.seeded(42), counters, small, large);
        for (int i = 0; i < count; i++) {
            TestDevice device = new TestDevice(mac(i), DeviceCapabilities.offloading(1500));
            devices.add(device);
            ports.add(new EthernetPort(device, counters, null));
            ip.addInterface(ports.get(i));
        }
    }

    /** Our own address on interface {@code i}. */
    public static long mac(int i) {
        return MacAddress.parse("02:00:00:00:00:01") + (i << 8);
    }

    /** A peer on the link of interface {@code i}. */
    public static long peerMac(int i) {
        return MacAddress.parse("02:00:00:00:00:99") + (i << 8);
    }

    public MultiHost address(int i, String prefix) {
        ip.addAddress(ip.interfaceAt(i), IpPrefix.parse(prefix), now);
        return this;
    }

    public MultiHost route(String destination, String gateway, int i, int metric) {
        IpAddress via = gateway == null ? null : IpAddress.parse(gateway);
        assertEquals(true, ip.addRoute(new Route(IpPrefix.parse(destination), via, ip.interfaceAt(i), metric)));
        return this;
    }

    /** Announcements and duplicate detection are over and forgotten. */
    public MultiHost ready() {
        advance(5 * SECOND);
        devices.forEach(d -> d.sent.clear());
        return this;
    }

    public void turn() {
        ip.poll(1 << 20, now);
        deadlines.expire(now, 1 << 20);
        ip.flush(now);
    }

    public void advance(long ns) {
        long end = now + ns;
        turn();
        while (deadlines.nextDeadlineNs() <= end) {
            now = Math.max(now, deadlines.nextDeadlineNs());
            turn();
        }
        now = end;
        turn();
    }

    /** A frame of IPv4 or IPv6 to our MAC address arrives at interface {@code i}. */
    public void receive(int i, byte[] packet) {
        boolean v4 = packet[0] >>> 4 == 4;
        receive(i, mac(i), v4 ? EthernetHeader.TYPE_IPV4 : EthernetHeader.TYPE_IPV6, packet);
    }

    public void receive(int i, long destination, int type, byte[] payload) {
        devices.get(i).received.add(Packets.ethernet(destination, peerMac(i), type, payload));
        turn();
    }

    /** The IPv4 neighbour at interface {@code i} is known: it has asked for our address. */
    public MultiHost knows(int i, String peer, String us) {
        receive(
                i,
                MacAddress.BROADCAST,
                EthernetHeader.TYPE_ARP,
                Packets.arp(ArpPacket.REQUEST, peerMac(i), Packets.ip(peer), 0, Packets.ip(us)));
        devices.get(i).sent.clear();
        return this;
    }

    public IpPath path(String source, String destination, int interfaceIndex) {
        IpAddress s = source == null ? IpAddress.ANY : IpAddress.parse(source);
        IpAddress d = IpAddress.parse(destination);
        return ip.path(s.hi(), s.lo(), d.hi(), d.lo(), interfaceIndex, now);
    }

    /** Sends an echo request; the answer of {@link IpLayer#sendEcho}, or {@code NO_ROUTE} without a path. */
    public int ping(String source, String destination, int interfaceIndex) {
        IpPath path = path(source, destination, interfaceIndex);
        if (path == null) {
            return IpOutput.NO_ROUTE;
        }
        int taken = ip.sendEcho(path, 7, 1, Packets.view(new byte[8]), 0, 8, 0, 64, false, now);
        path.release();
        turn();
        return taken;
    }

    /** The next frame that left interface {@code i}, which is of this type. */
    public UnsafeBuffer expect(int i, int type) {
        byte[] frame = devices.get(i).sent.poll();
        assertNotNull(frame, () -> "nothing was sent by eth" + i + "; " + counters);
        UnsafeBuffer view = new UnsafeBuffer(frame);
        assertEquals(type, EthernetHeader.type(view, 0));
        return view;
    }

    /** No interface has sent anything. */
    public void expectNothing() {
        for (TestDevice device : devices) {
            assertEquals(0, device.sent.size(), () -> "frames were sent; " + counters);
        }
    }

    @Override
    public void close() {
        ip.close();
        small.assertAllReturned();
        large.assertAllReturned();
        assertEquals(0, deadlines.size(), "timers were left");
    }
}
