package dev.penstock.stack.udp;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.ip.IcmpError;
import dev.penstock.stack.ip.IpConfig;
import dev.penstock.stack.ip.IpHost;
import dev.penstock.stack.ip.Packets;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;

/** A host 192.0.2.1/24 with UDP, and endpoints that write down what they are told. */
final class UdpHost implements AutoCloseable {
    static final IpAddress PEER = IpAddress.parse("192.0.2.2");

    final IpHost host;
    final UdpLayer udp;

    UdpHost() {
        this(c -> {}, UdpConfig.defaults());
    }

    UdpHost(Consumer<IpConfig> settings, UdpConfig config) {
        host = IpHost.ready(settings);
        udp = new UdpLayer(config, host.ip, RandomSource.seeded(7), host.counters, host.small, host.large);
    }

    /** Writes down calls, one line each. */
    static final class Recorder implements UdpHandler {
        final List<String> calls = new ArrayList<>();
        final List<byte[]> data = new ArrayList<>();

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
            byte[] copy = new byte[length];
            buffer.getBytes(offset, copy);
            data.add(copy);
            calls.add("datagram " + length + " from " + new IpAddress(srcHi, srcLo) + ":" + srcPort + " to "
                    + new IpAddress(dstHi, dstLo));
        }

        @Override
        public void onReadable(long nowNs) {
            calls.add("readable");
        }

        @Override
        public void onWritable(long nowNs) {
            calls.add("writable");
        }

        @Override
        public void onError(IcmpError.Kind kind, long remoteHi, long remoteLo, int remotePort, int mtu, long nowNs) {
            calls.add(kind + " " + new IpAddress(remoteHi, remoteLo) + ":" + remotePort + " " + mtu);
        }
    }

    UdpEndpoint bound(UdpHandler handler, String address, int port) {
        UdpEndpoint endpoint = udp.open(handler);
        IpAddress local = IpAddress.parse(address);
        if (endpoint.bind(local.hi(), local.lo(), port) != UdpEndpoint.OK) {
            throw new AssertionError("cannot bind to " + address + ":" + port);
        }
        return endpoint;
    }

    void peerSends(int srcPort, int dstPort, byte[] data) {
        host.peerSends(Packets.ipv4(
                IpHost.PEER,
                host.address,
                IpProtocol.UDP,
                Packets.udp(IpHost.PEER, srcPort, host.address, dstPort, data)));
    }

    int send(UdpEndpoint endpoint, String to, int port, byte[] data) {
        IpAddress address = IpAddress.parse(to);
        return endpoint.send(address.hi(), address.lo(), port, Packets.view(data), 0, data.length, host.now);
    }

    void turn() {
        host.ip.poll(100, host.now);
        host.deadlines.expire(host.now, 100);
        udp.flush(host.now);
        host.ip.flush(host.now);
    }

    @Override
    public void close() {
        host.close();
    }
}
