package dev.penstock.conformance.fuzz;

import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.DeviceCapabilities;
import dev.penstock.stack.device.FrameHandler;
import dev.penstock.stack.device.NetworkDevice;
import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.shard.StackShard;
import dev.penstock.stack.wire.ArpPacket;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.TcpHeader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** A stack in virtual time whose only peer is the target: it is fed frames, and what it sends is looked at. */
final class LoneStack implements NetworkDevice, AutoCloseable {
    static final int IP = Conversation.IP;
    static final int L4 = Conversation.L4;
    static final int STACK_IP = IpAddress.parse("10.9.0.2").v4Bits();
    static final int PEER_IP = IpAddress.parse("10.9.0.1").v4Bits();
    static final IpAddress STACK_V6 = IpAddress.parse("2001:db8:9::2");
    static final IpAddress PEER_V6 = IpAddress.parse("2001:db8:9::1");
    static final long STACK_MAC = MacAddress.locallyAdministered(0xaa);
    static final long PEER_MAC = MacAddress.locallyAdministered(0xbb);

    final StackShard stack;
    final UnsafeBuffer out = new UnsafeBuffer(new byte[2048]);
    private final ArrayDeque<byte[]> incoming = new ArrayDeque<>();
    private final List<UnsafeBuffer> sent = new ArrayList<>();
    private final List<Throwable> faults = new ArrayList<>();
    private final Frame frame = new Frame(1514);
    private final int type;
    private long nowNs = LiveStack.SECOND;

    LoneStack(ShardConfig config) {
        this(config, false);
    }

    /** @param ipv6 what it sends over IPv6 is looked at, and not over IPv4 */
    LoneStack(ShardConfig config, boolean ipv6) {
        type = ipv6 ? EthernetHeader.TYPE_IPV6 : EthernetHeader.TYPE_IPV4;
        List<IpPrefix> addresses = new ArrayList<>(List.of(new IpPrefix(IpAddress.parse("10.9.0.2"), 24)));
        if (ipv6) {
            addresses.add(new IpPrefix(STACK_V6, 64));
        }
        stack = StackShard.create(this, config, addresses, null, () -> nowNs, RandomSource.seeded(1), faults::add);
        stack.onStart();
        // So that the stack knows the peer's address, and does not have to ask.
        incoming.add(arp(ArpPacket.REQUEST));
        run(0);
    }

    long nowNs() {
        return nowNs;
    }

    /** Hands {@link #out}'s first bytes to the stack, and answers what it sends at once. */
    List<UnsafeBuffer> exchange(int length) {
        byte[] copy = new byte[length];
        out.getBytes(0, copy);
        incoming.add(copy);
        return run(0);
    }

    /** Lets time pass; answers what the stack sends meanwhile, without ARP. */
    List<UnsafeBuffer> run(long forNs) {
        sent.clear();
        long end = nowNs + forNs;
        int steps = 0;
        while (true) {
            int work = stack.doWork();
            stack.checkInvariants();
            if (!faults.isEmpty()) {
                throw new IllegalStateException("a fault of the stack", faults.get(0));
            }
            if (++steps > 100_000) {
                throw new IllegalStateException("livelock");
            }
            if (work > 0) {
                continue;
            }
            long next = stack.nextDeadlineNs();
            if (next > end) {
                nowNs = end;
                break;
            }
            nowNs = Math.max(nowNs, next);
        }
        sent.removeIf(f -> EthernetHeader.type(f, 0) != type);
        return List.copyOf(sent);
    }

    long drops(DropReason reason) {
        return stack.counters().get(reason);
    }

    /** Writes the headers below a packet's payload; answers the length of the frame. */
    int ip(int protocol, int headerLength, int payload, int id, int fragment) {
        EthernetHeader.put(out, 0, STACK_MAC, PEER_MAC, EthernetHeader.TYPE_IPV4);
        Ipv4Header.put(out, IP, 0, headerLength + payload, id, fragment, 64, protocol, PEER_IP, STACK_IP);
        if (headerLength > Ipv4Header.MIN_LENGTH) {
            out.putByte(IP, (byte) (0x40 | headerLength / 4));
            Ipv4Header.putChecksum(out, IP, headerLength);
        }
        return IP + headerLength + payload;
    }

    /** Writes a segment from port 1000 behind options that are there already; answers the length of the frame. */
    int segment(int port, int seq, int ack, int flags, int options, int payload) {
        int header = TcpHeader.MIN_LENGTH + options;
        TcpHeader.put(out, L4, 1_000, port, seq, ack, header, flags, 65_535, 0, 0);
        int length = ip(IpProtocol.TCP, Ipv4Header.MIN_LENGTH, header + payload, 1, Ipv4Header.DF);
        Forge.mendTransport(out, length, TcpHeader.CHECKSUM_OFFSET, IpProtocol.TCP);
        return length;
    }

    /** Payload bytes of a segment that the stack sent. */
    static int payload(UnsafeBuffer f) {
        return Ipv4Header.totalLength(f, IP) - Ipv4Header.MIN_LENGTH - TcpHeader.headerLength(f, L4);
    }

    @Override
    public int poll(FrameHandler handler, int limit) {
        int n = 0;
        while (n < limit && !incoming.isEmpty()) {
            byte[] next = incoming.poll();
            frame.reset();
            int at = frame.append(next.length);
            frame.buffer().putBytes(at, next);
            handler.onFrame(frame);
            n++;
        }
        return n;
    }

    @Override
    public int offer(Frame f) {
        UnsafeBuffer copy = new UnsafeBuffer(new byte[f.length()]);
        f.copyTo(copy, 0);
        boolean asked = EthernetHeader.type(copy, 0) == EthernetHeader.TYPE_ARP
                && ArpPacket.operation(copy, IP) == ArpPacket.REQUEST
                && ArpPacket.targetIp(copy, IP) == PEER_IP;
        if (asked) {
            incoming.add(arp(ArpPacket.REPLY));
        }
        sent.add(copy);
        return 1;
    }

    private static byte[] arp(int operation) {
        UnsafeBuffer b = new UnsafeBuffer(new byte[IP + ArpPacket.LENGTH]);
        EthernetHeader.put(b, 0, STACK_MAC, PEER_MAC, EthernetHeader.TYPE_ARP);
        ArpPacket.put(b, IP, operation, PEER_MAC, PEER_IP, STACK_MAC, STACK_IP);
        return b.byteArray();
    }

    @Override
    public DeviceCapabilities capabilities() {
        return DeviceCapabilities.plain(1500);
    }

    @Override
    public long macAddress() {
        return STACK_MAC;
    }

    @Override
    public boolean isUp() {
        return true;
    }

    /** Ends the stack, too; throws if something leaked. Called by it as its device, and by the target. */
    @Override
    public void close() {
        stack.onClose();
        if (!stack.leaks().isEmpty()) {
            throw new IllegalStateException("leaked " + stack.leaks());
        }
    }
}
