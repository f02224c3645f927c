package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.FramePool;
import dev.penstock.stack.device.DeviceCapabilities;
import dev.penstock.stack.link.EthernetPort;
import dev.penstock.stack.timer.DeadlineQueue;
import dev.penstock.stack.wire.ArpPacket;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.MacAddress;
import java.util.function.Consumer;
import org.agrona.concurrent.UnsafeBuffer;

/** A host with one interface, in virtual time, and a peer on its link that the test plays. */
public final class IpHost implements AutoCloseable {
    public static final long MS = 1_000_000L;
    public static final long SECOND = 1_000_000_000L;
    public static final long MAC = 0x02_00_00_00_00_01L;
    public static final long PEER_MAC = 0x02_00_00_00_00_02L;
    public static final int PEER = Packets.ip("192.0.2.2");

    public final IpConfig config = new IpConfig();
    public final Counters counters = new Counters();
    public final DeadlineQueue deadlines = new DeadlineQueue();
    public final FramePool small;
    public final FramePool large = new FramePool(65_535, 64);
    public final TestDevice device;
    public final IpLayer ip;
    public final IpInterface nic;
    public int address;
    public long now = 1000 * SECOND;

    public IpHost(String prefix) {
        this(prefix, c -> {});
    }

    public IpHost(String prefix, Consumer<IpConfig> settings) {
        this(prefix, MAC, 1500, settings);
    }

    public IpHost(String prefix, long mac, int mtu, Consumer<IpConfig> settings) {
        settings.accept(config);
        small = new FramePool(Math.max(2048, mtu), 4096);
        device = new TestDevice(mac, DeviceCapabilities.offloading(mtu));
        ip = new IpLayer(config, deadlines, RandomSource.seeded(42), counters, small, large);
        nic = ip.addInterface(new EthernetPort(device, counters, null));
        if (prefix != null) {
            address = Packets.ip(prefix.substring(0, prefix.indexOf('/')));
            ip.addAddress(nic, IpPrefix.parse(prefix), now);
        }
    }

    /** A host 192.0.2.1/24 that has made its announcements and knows the peer 192.0.2.2. */
    public static IpHost ready() {
        return ready(c -> {});
    }

    public static IpHost ready(Consumer<IpConfig> settings) {
        IpHost host = new IpHost("192.0.2.1/24", settings);
        host.advance(5 * SECOND);
        host.arpFromPeer();
        host.device.sent.clear();
        return host;
    }

    /** The peer asks for our address, whereupon we know it. */
    public void arpFromPeer() {
        peerSends(
                MacAddress.BROADCAST,
                EthernetHeader.TYPE_ARP,
                Packets.arp(ArpPacket.REQUEST, PEER_MAC, PEER, 0, address));
    }

    /** One turn of the duty cycle. */
    public void turn() {
        ip.poll(1 << 20, now);
        deadlines.expire(now, 1 << 20);
        ip.flush(now);
    }

    /** Lets time pass, from deadline to deadline. */
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

    public void sends(byte[] frame) {
        device.received.add(frame);
        turn();
    }

    public void peerSends(long destination, int type, byte[] payload) {
        sends(Packets.ethernet(destination, PEER_MAC, type, payload));
    }

    /** The peer sends an IPv4 packet to us. */
    public void peerSends(byte[] ipv4) {
        peerSends(device.macAddress(), EthernetHeader.TYPE_IPV4, ipv4);
    }

    /** The next frame that went out. */
    public byte[] expect() {
        byte[] frame = device.sent.poll();
        assertNotNull(frame, () -> "nothing was sent; " + counters);
        return frame;
    }

    /** The payload of the next frame, which is of this type and to this address. */
    public byte[] expect(long destination, int type) {
        byte[] frame = expect();
        UnsafeBuffer view = new UnsafeBuffer(frame);
        assertEquals(MacAddress.format(destination), MacAddress.format(EthernetHeader.destination(view, 0)));
        assertEquals(type, EthernetHeader.type(view, 0));
        return Packets.payload(frame);
    }

    public void expectNothing() {
        assertEquals(0, device.sent.size(), () -> "frames were sent; " + counters);
    }

    public void expectDrop(DropReason reason) {
        assertEquals(1, counters.get(reason), () -> reason + "; " + counters);
        expectNothing();
    }

    public long count(StackCounter counter) {
        return counters.get(counter);
    }

    public IpPath path(String destination) {
        return ip.path(0, 0, 0, IpAddress.parse(destination).lo(), now);
    }

    /** Ends the host and finds leaks. */
    @Override
    public void close() {
        ip.close();
        small.assertAllReturned();
        large.assertAllReturned();
        assertEquals(0, deadlines.size(), "timers were left");
    }
}
