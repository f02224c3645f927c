package dev.penstock.stack.shard;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.buffer.ChunkPool;
import dev.penstock.stack.buffer.FramePool;
import dev.penstock.stack.dhcp.DhcpLayer;
import dev.penstock.stack.ip.IpLayer;
import dev.penstock.stack.tcp.Tcp;
import dev.penstock.stack.tcp.TcpLayer;
import dev.penstock.stack.timer.DeadlineQueue;
import dev.penstock.stack.udp.UdpLayer;
import dev.penstock.stack.wire.IpProtocol;
import java.util.List;

/** The wiring: the interfaces, IP, and the transports on top of it. */
final class ShardProtocols implements Protocols {
    /** Frames of one MTU: fragments that wait, and answers. Made as they are needed. */
    private static final int SMALL_FRAMES = 4096;
    /** Frames of 64 KiB: reassembled packets, the loopback, large echo replies. Made as they are needed. */
    private static final int LARGE_FRAMES = 512;

    private static final int LINK_HEADERS = 22;
    /** Not counted in the length field of IPv6. */
    private static final int IPV6_HEADER = 40;

    private final FramePool small;
    private final FramePool large = new FramePool(IpLayer.MAX_PACKET + IPV6_HEADER + LINK_HEADERS, LARGE_FRAMES);
    private final IpLayer ip;
    private final UdpLayer udp;
    private final TcpLayer tcp;
    private final DhcpLayer dhcp;

    ShardProtocols(
            List<InterfaceConfig> interfaces,
            ShardConfig config,
            Counters counters,
            DeadlineQueue deadlines,
            RandomSource random,
            ChunkPool chunks) {
        int mtu = ShardInterfaces.largestMtu(interfaces);
        small = new FramePool(Math.min(mtu + LINK_HEADERS, large.frameCapacity()), SMALL_FRAMES);
        ip = new IpLayer(config.ip, deadlines, random, counters, small, large);
        ShardInterfaces.add(ip, interfaces, counters);
        udp = new UdpLayer(config.udp, ip, random, counters, small, large);
        tcp = new TcpLayer(config.tcp, ip, deadlines, random, counters, chunks);
        ip.setTransport(IpProtocol.TCP, tcp);
        dhcp = new DhcpLayer(ip, udp, deadlines, random, counters);
    }

    /** Has those interfaces ask for an address that are to. */
    void startDhcp(List<InterfaceConfig> interfaces, long nowNs) {
        for (InterfaceConfig each : interfaces) {
            if (each.dhcpConfig() != null) {
                dhcp.start(ip.interfaceNamed(each.name()), each.dhcpConfig(), each.metric(), nowNs);
            }
        }
    }

    @Override
    public void checkInvariants() {
        tcp.checkInvariants();
        dhcp.checkInvariants();
    }

    @Override
    public DhcpLayer dhcp() {
        return dhcp;
    }

    @Override
    public boolean leave(long nowNs) {
        return dhcp.release(nowNs);
    }

    @Override
    public Tcp tcp() {
        return tcp;
    }

    @Override
    public IpLayer ip() {
        return ip;
    }

    @Override
    public UdpLayer udp() {
        return udp;
    }

    @Override
    public int poll(int limit, long nowNs) {
        return ip.poll(limit, nowNs);
    }

    @Override
    public int flush(long nowNs) {
        dhcp.poll(nowNs);
        int work = tcp.flush(nowNs);
        work += udp.flush(nowNs);
        return work + ip.flush(nowNs);
    }

    @Override
    public boolean hasPending() {
        return tcp.hasPending() || udp.hasPending() || ip.hasPending();
    }

    @Override
    public void close() {
        dhcp.close();
        ip.close();
    }

    @Override
    public int framesOutstanding() {
        return small.outstanding() + large.outstanding();
    }
}
