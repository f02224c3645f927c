package dev.penstock.conformance.properties;

import dev.penstock.stack.udp.UdpEndpoint;
import dev.penstock.stack.udp.UdpHandler;
import java.util.HashMap;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** The UDP application of a host: every datagram says who sent it and which it is, and all of its bytes follow from that. */
final class DatagramEnd implements UdpHandler {
    static final int PORT = 9000;
    private static final int HEADER = 8;

    private final World world;
    private final Node node;
    private UdpEndpoint v4;
    private UdpEndpoint v6;
    private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[65_507]);
    private int next = 1;
    /** How often each datagram came, by sender and number. */
    private final Map<Long, Integer> arrived = new HashMap<>();

    long sent;
    long distinct;

    DatagramEnd(World world, Node node) {
        this.world = world;
        this.node = node;
    }

    void open() {
        v4 = node.shard().openUdp(this);
        v4.bind(0, Node.address(node.index, false), PORT);
        if (node.ipv6) {
            v6 = node.shard().openUdp(this);
            v6.bind(Node.HI_V6, Node.address(node.index, true), PORT);
        }
    }

    void close() {
        v4.close();
        if (v6 != null) {
            v6.close();
        }
    }

    void send(int to, int length, boolean overV6) {
        UdpEndpoint endpoint = overV6 ? v6 : v4;
        if (endpoint == null) {
            return;
        }
        int n = Math.max(HEADER, length);
        scratch.putInt(0, node.index);
        scratch.putInt(4, next);
        for (int i = HEADER; i < n; i++) {
            scratch.putByte(i, AppEnd.byteAt(next, i));
        }
        int result =
                endpoint.send(overV6 ? Node.HI_V6 : 0, Node.address(to, overV6), PORT, scratch, 0, n, world.nowNs());
        if (result == UdpEndpoint.OK) {
            next++;
            sent++;
        }
    }

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
        if (length < HEADER) {
            world.violate(node.name + ": a datagram of " + length + " bytes that nobody sent");
            return;
        }
        int from = buffer.getInt(offset);
        int number = buffer.getInt(offset + 4);
        boolean overV6 = srcHi == Node.HI_V6;
        boolean good = srcLo == Node.address(from, overV6) && srcPort == PORT;
        good &= srcHi == dstHi && dstLo == Node.address(node.index, overV6);
        for (int i = HEADER; i < length; i++) {
            good &= buffer.getByte(offset + i) == AppEnd.byteAt(number, i);
        }
        world.check(good, () -> node.name + ": datagram " + number + " of host " + from + " has other bytes");
        int times = arrived.merge((long) from << 32 | number, 1, Integer::sum);
        distinct += times == 1 ? 1 : 0;
        world.check(
                times == 1 || world.wasDuplicating(),
                () -> node.name + ": datagram " + number + " of host " + from + " came " + times + " times");
        world.coverage().count("datagrams received");
    }
}
