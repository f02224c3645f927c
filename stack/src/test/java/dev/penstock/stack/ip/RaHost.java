package dev.penstock.stack.ip;

import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.neighbor.Neighbor;
import dev.penstock.stack.wire.Icmpv6Header;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.Ipv6Header;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.RouterAdvertisement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.concurrent.UnsafeBuffer;

/** A host that configures itself, and the routers on its link that the test plays. */
final class RaHost implements AutoCloseable {
    static final String R1 = "fe80::a1";
    static final String R2 = "fe80::a2";
    static final long R1_MAC = 0x02_00_00_00_0a_01L;
    static final long R2_MAC = 0x02_00_00_00_0a_02L;
    static final String FAR = "2001:db8:ffff::7";

    final IpHost host;
    final List<String> told = new ArrayList<>();

    RaHost(Consumer<IpConfig> settings) {
        host = new IpHost(null, c -> {
            c.stableSecret = new long[] {1, 2};
            settings.accept(c);
        });
        host.ip.addAddressListener(new AddressListener() {
            @Override
            public void onAutoconfigurationFailed(IpInterface nic, IpAddress network, long nowNs) {
                told.add("failed " + network);
            }
        });
        host.ip.routerDiscovery(host.nic).setListener(new RouterDiscovery.Listener() {
            @Override
            public void onFlags(IpInterface nic, boolean managed, boolean other, long nowNs) {
                told.add("managed " + managed + " other " + other);
            }

            @Override
            public void onMtu(IpInterface nic, int mtu, long nowNs) {
                told.add("mtu " + mtu);
            }
        });
        host.ip.routerDiscovery(host.nic).start(host.now);
    }

    /** One that has a verified link-local address. */
    static RaHost settled() {
        return settled(c -> {});
    }

    static RaHost settled(Consumer<IpConfig> settings) {
        RaHost h = new RaHost(settings);
        h.host.advance(3 * IpHost.SECOND);
        h.host.device.sent.clear();
        return h;
    }

    static RouterAdvertisement ra() {
        return new RouterAdvertisement().lifetime(1800);
    }

    /** A router says this to all. */
    void hear(String router, RouterAdvertisement ra) {
        Packets6.receive(host, ra.toPacket(Packets6.ip(router), IpAddress.ALL_NODES));
    }

    /** The next hop for packets to an address, or "none". */
    String hop(String destination) {
        IpAddress d = Packets6.ip(destination);
        DestinationPath path = (DestinationPath) host.ip.path(0, 0, d.hi(), d.lo(), host.now);
        if (path == null) {
            return "none";
        }
        path.release();
        return new IpAddress(path.nextHopHi, path.nextHopLo).toString();
    }

    /** The source of packets to an address, or "none". */
    String source(String destination) {
        IpAddress d = Packets6.ip(destination);
        IpPath path = host.ip.path(0, 0, d.hi(), d.lo(), host.now);
        if (path == null) {
            return "none";
        }
        path.release();
        return new IpAddress(path.srcHi(), path.srcLo()).toString();
    }

    /** The addresses that were made of advertised prefixes. */
    List<AddressInfo> made() {
        return host.ip.addresses().list(host.nic).stream()
                .filter(a -> a.terms().origin() == Origin.SLAAC)
                .toList();
    }

    String linkLocal() {
        return host.ip.addresses().list(host.nic).stream()
                .filter(a -> a.terms().origin() == Origin.LINK_LOCAL)
                .map(a -> a.prefix().address().toString())
                .findFirst()
                .orElse("none");
    }

    List<IpAddress> routers() {
        return host.ip.routerDiscovery(host.nic).routers();
    }

    Neighbor neighbor(String address) {
        IpAddress a = Packets6.ip(address);
        return host.ip.neighbors().find(0, a.hi(), a.lo());
    }

    /** The router answers whatever it is asked: its entry is verified. */
    void verify(String router, long mac) {
        IpAddress a = Packets6.ip(router);
        host.ip.probeNeighbor(host.nic, a.hi(), a.lo(), host.now);
        byte[] na = Packets6.na(router, linkLocal(), router, mac, true, true);
        na[44] |= (byte) 0x80;
        mendChecksum(na);
        Packets6.receive(host, na);
        host.device.sent.clear();
    }

    /** Computes the checksum of an ICMPv6 packet without extension headers anew. */
    static void mendChecksum(byte[] packet) {
        UnsafeBuffer b = new UnsafeBuffer(packet);
        packet[42] = 0;
        packet[43] = 0;
        int length = packet.length - 40;
        String src = new IpAddress(Ipv6Header.sourceHi(b, 0), Ipv6Header.sourceLo(b, 0)).toString();
        String dst = new IpAddress(Ipv6Header.destinationHi(b, 0), Ipv6Header.destinationLo(b, 0)).toString();
        Icmpv6Header.putChecksum(b, 40, length, Packets6.pseudo(src, dst, 58, length));
    }

    /** How many frames of this ICMPv6 type went out since the last call that looked. */
    int sentOfType(int type) {
        int n = 0;
        for (byte[] frame : host.device.sent) {
            n += frame.length > 54 && frame[20] == 58 && (frame[54] & 0xff) == type ? 1 : 0;
        }
        host.device.sent.clear();
        return n;
    }

    /** A redirect from a router. */
    static byte[] redirect(String from, String to, String target, String destination, long mac) {
        UnsafeBuffer b = new UnsafeBuffer(new byte[mac == MacAddress.NONE ? 32 : 40]);
        b.putLong(0, Packets6.ip(target).hi(), java.nio.ByteOrder.BIG_ENDIAN);
        b.putLong(8, Packets6.ip(target).lo(), java.nio.ByteOrder.BIG_ENDIAN);
        b.putLong(16, Packets6.ip(destination).hi(), java.nio.ByteOrder.BIG_ENDIAN);
        b.putLong(24, Packets6.ip(destination).lo(), java.nio.ByteOrder.BIG_ENDIAN);
        if (mac != MacAddress.NONE) {
            b.putByte(32, (byte) 2);
            b.putByte(33, (byte) 1);
            MacAddress.put(b, 34, mac);
        }
        return Packets6.icmp(from, to, Icmpv6Header.REDIRECT, 0, 0, b.byteArray());
    }

    long drops(DropReason reason) {
        return host.counters.get(reason);
    }

    @Override
    public void close() {
        host.close();
    }
}
