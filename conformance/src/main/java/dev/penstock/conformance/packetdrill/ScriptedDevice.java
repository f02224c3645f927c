package dev.penstock.conformance.packetdrill;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.DeviceCapabilities;
import dev.penstock.stack.device.FrameHandler;
import dev.penstock.stack.device.NetworkDevice;
import dev.penstock.stack.wire.ArpPacket;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.Wire;
import java.util.ArrayDeque;
import java.util.function.LongSupplier;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The wire as a script sees it: what the stack sends is kept with the time at which it was sent, what the script injects is
 * received at the next poll. Whoever asks for the MAC address of a neighbour, by ARP or by neighbour discovery, is answered
 * at once, so that scripts need not know of links. Takes plain packets only: super-segments come cut.
 */
final class ScriptedDevice implements NetworkDevice {
    /** More packets than this that no step of the script asked for are the sign of a loop. */
    static final int MAX_UNREAD = 65_536;

    private static final long OWN_MAC = MacAddress.parse("02:00:00:00:00:0a");
    private static final long PEER_MAC = MacAddress.parse("02:00:00:00:00:0b");
    private static final int IPV6_HEADER = 40;
    private static final int ICMPV6 = 58;
    private static final int SOLICITATION = 135;
    private static final int ADVERTISEMENT = 136;
    /** Solicited, override. */
    private static final int ADVERTISEMENT_FLAGS = 0x6000_0000;

    private static final int ADVERTISEMENT_LENGTH = 32;
    private static final int FIRST_MLD = 130;
    private static final int LAST_DISCOVERY = 137;
    private static final int MLD_V2 = 143;

    private final DeviceCapabilities capabilities;
    private final LongSupplier clock;
    private final ArrayDeque<Packet> sent = new ArrayDeque<>();
    private final ArrayDeque<Injected> received = new ArrayDeque<>();
    private final Frame frame = new Frame(Frame.MAX_LENGTH);
    private boolean closed;

    private record Injected(byte[] frame, int gsoSize) {}

    ScriptedDevice(int mtu, LongSupplier clock) {
        this.capabilities = DeviceCapabilities.plain(mtu);
        this.clock = clock;
    }

    /** The stack will receive this IP packet; {@code gsoSize}: of the segments it was joined from, 0 if it is one. */
    void inject(byte[] packet, int gsoSize) {
        byte[] bytes = new byte[EthernetHeader.LENGTH + packet.length];
        UnsafeBuffer b = new UnsafeBuffer(bytes);
        int type = (packet[0] & 0xf0) == 0x60 ? EthernetHeader.TYPE_IPV6 : EthernetHeader.TYPE_IPV4;
        EthernetHeader.put(b, 0, OWN_MAC, PEER_MAC, type);
        b.putBytes(EthernetHeader.LENGTH, packet);
        received.add(new Injected(bytes, gsoSize));
    }

    /** Something waits for the stack to be received. */
    boolean hasInjected() {
        return !received.isEmpty();
    }

    /** What the stack sent and the script has not looked at, oldest first. */
    ArrayDeque<Packet> sent() {
        return sent;
    }

    @Override
    public DeviceCapabilities capabilities() {
        return capabilities;
    }

    @Override
    public long macAddress() {
        return OWN_MAC;
    }

    @Override
    public int poll(FrameHandler handler, int limit) {
        int n = 0;
        for (; n < limit && !received.isEmpty(); n++) {
            Injected next = received.poll();
            frame.reset();
            frame.append(new UnsafeBuffer(next.frame), 0, next.frame.length);
            frame.rx().gsoSize = next.gsoSize;
            handler.onFrame(frame);
        }
        return n;
    }

    @Override
    public int offer(Frame offered) {
        byte[] bytes = new byte[offered.length()];
        UnsafeBuffer b = new UnsafeBuffer(bytes);
        offered.copyTo(b, 0);
        int type = EthernetHeader.type(b, 0);
        if (type == EthernetHeader.TYPE_ARP) {
            answerArp(b);
        } else if (type == EthernetHeader.TYPE_IPV6 && isLinkMatter(b)) {
            answerDiscovery(b);
        } else if (!isMulticast(b, type)) {
            if (sent.size() >= MAX_UNREAD) {
                throw new IllegalStateException("more than " + MAX_UNREAD + " packets were sent that nobody asked for");
            }
            byte[] packet = new byte[bytes.length - EthernetHeader.LENGTH];
            System.arraycopy(bytes, EthernetHeader.LENGTH, packet, 0, packet.length);
            sent.add(new Packet(packet, clock.getAsLong()));
        }
        return 1;
    }

    private void answerArp(UnsafeBuffer b) {
        int at = EthernetHeader.LENGTH;
        int asked = ArpPacket.targetIp(b, at);
        int asker = ArpPacket.senderIp(b, at);
        // A probe asks for its own address to be, and an announcement tells of it: neither wants an answer.
        if (ArpPacket.operation(b, at) != ArpPacket.REQUEST || asker == 0 || asker == asked) {
            return;
        }
        byte[] reply = new byte[EthernetHeader.LENGTH + ArpPacket.LENGTH];
        UnsafeBuffer r = new UnsafeBuffer(reply);
        EthernetHeader.put(r, 0, OWN_MAC, PEER_MAC, EthernetHeader.TYPE_ARP);
        ArpPacket.put(r, at, ArpPacket.REPLY, PEER_MAC, asked, OWN_MAC, asker);
        received.add(new Injected(reply, 0));
    }

    /** Neighbour and router discovery, multicast listeners: nothing that a script is about. */
    private static boolean isLinkMatter(UnsafeBuffer b) {
        int ip = EthernetHeader.LENGTH;
        int next = Wire.u8(b, ip + 6);
        if (next == 0) {
            // Hop-by-hop options: the router alert of multicast listener discovery.
            return Wire.u8(b, ip + 24) == 0xff;
        }
        int type = next == ICMPV6 && b.capacity() > ip + IPV6_HEADER ? Wire.u8(b, ip + IPV6_HEADER) : 0;
        return type >= FIRST_MLD && type <= LAST_DISCOVERY || type == MLD_V2;
    }

    private static boolean isMulticast(UnsafeBuffer b, int type) {
        int ip = EthernetHeader.LENGTH;
        return type == EthernetHeader.TYPE_IPV4 && Wire.u8(b, ip + 16) >>> 4 == 0xe
                || type == EthernetHeader.TYPE_IPV6 && Wire.u8(b, ip + 24) == 0xff;
    }

    private void answerDiscovery(UnsafeBuffer b) {
        int ip = EthernetHeader.LENGTH;
        int icmp = ip + IPV6_HEADER;
        long srcHi = Wire.i64(b, ip + 8);
        long srcLo = Wire.i64(b, ip + 16);
        boolean solicitation = Wire.u8(b, ip + 6) == ICMPV6 && Wire.u8(b, icmp) == SOLICITATION;
        if (!solicitation || b.capacity() < icmp + 24 || srcHi == 0 && srcLo == 0) {
            return;
        }
        long targetHi = Wire.i64(b, icmp + 8);
        long targetLo = Wire.i64(b, icmp + 16);
        byte[] reply = new byte[icmp + ADVERTISEMENT_LENGTH];
        UnsafeBuffer r = new UnsafeBuffer(reply);
        EthernetHeader.put(r, 0, OWN_MAC, PEER_MAC, EthernetHeader.TYPE_IPV6);
        Wire.u32(r, ip, 0x6000_0000);
        Wire.u16(r, ip + 4, ADVERTISEMENT_LENGTH);
        Wire.u16(r, ip + 6, ICMPV6 << 8 | 255);
        Wire.u64(r, ip + 8, targetHi);
        Wire.u64(r, ip + 16, targetLo);
        Wire.u64(r, ip + 24, srcHi);
        Wire.u64(r, ip + 32, srcLo);
        Wire.u16(r, icmp, ADVERTISEMENT << 8);
        Wire.u32(r, icmp + 4, ADVERTISEMENT_FLAGS);
        Wire.u64(r, icmp + 8, targetHi);
        Wire.u64(r, icmp + 16, targetLo);
        // Target link-layer address, in units of 8 bytes.
        Wire.u16(r, icmp + 24, 0x0201);
        MacAddress.put(r, icmp + 26, PEER_MAC);
        int sum = InternetChecksum.pseudoHeader(targetHi, targetLo, srcHi, srcLo, ICMPV6, ADVERTISEMENT_LENGTH);
        sum = InternetChecksum.add(sum, InternetChecksum.sum(r, icmp, ADVERTISEMENT_LENGTH));
        Wire.u16(r, icmp + 2, InternetChecksum.finish(sum));
        received.add(new Injected(reply, 0));
    }

    @Override
    public boolean isUp() {
        return !closed;
    }

    @Override
    public void close() {
        closed = true;
    }
}
