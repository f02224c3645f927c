package dev.penstock.stack.ip;

import dev.penstock.stack.wire.ArpPacket;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IcmpHeader;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.UdpHeader;
import dev.penstock.stack.wire.Wire;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;

/** Makes packets for tests, and takes them apart. */
public final class Packets {

    private Packets() {}

    public static int ip(String text) {
        return IpAddress.parse(text).v4Bits();
    }

    public static long lo(String text) {
        return IpAddress.parse(text).lo();
    }

    public static byte[] concat(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        byte[] all = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    public static byte[] ethernet(long destination, long source, int type, byte[] payload) {
        byte[] header = new byte[EthernetHeader.LENGTH];
        EthernetHeader.put(new UnsafeBuffer(header), 0, destination, source, type);
        return concat(header, payload);
    }

    public static byte[] arp(int operation, long senderMac, int senderIp, long targetMac, int targetIp) {
        byte[] packet = new byte[ArpPacket.LENGTH];
        ArpPacket.put(new UnsafeBuffer(packet), 0, operation, senderMac, senderIp, targetMac, targetIp);
        return packet;
    }

    public static byte[] ipv4(int src, int dst, int protocol, byte[] payload) {
        return ipv4(src, dst, protocol, 7, 0, payload);
    }

    /** {@code flagsAndOffset} as in the header: DF, MF and the offset in units of 8 bytes. */
    public static byte[] ipv4(int src, int dst, int protocol, int id, int flagsAndOffset, byte[] payload) {
        byte[] header = new byte[20];
        Ipv4Header.put(new UnsafeBuffer(header), 0, 0, 20 + payload.length, id, flagsAndOffset, 64, protocol, src, dst);
        return concat(header, payload);
    }

    /** Changes an IPv4 header and makes its checksum right again. */
    public static byte[] withByte(byte[] packet, int index, int value) {
        byte[] changed = packet.clone();
        changed[index] = (byte) value;
        Ipv4Header.putChecksum(new UnsafeBuffer(changed), 0, (changed[0] & 15) * 4);
        return changed;
    }

    public static byte[] icmp(int type, int code, int rest, byte[] data) {
        byte[] message = new byte[8 + data.length];
        UnsafeBuffer buffer = new UnsafeBuffer(message);
        IcmpHeader.put(buffer, 0, type, code, rest);
        buffer.putBytes(8, data);
        IcmpHeader.putChecksum(buffer, 0, message.length);
        return message;
    }

    public static byte[] udp(int src, int srcPort, int dst, int dstPort, byte[] data) {
        byte[] datagram = new byte[8 + data.length];
        UnsafeBuffer buffer = new UnsafeBuffer(datagram);
        UdpHeader.put(buffer, 0, srcPort, dstPort, datagram.length, 0);
        buffer.putBytes(8, data);
        int pseudo = InternetChecksum.pseudoHeader(
                0, IpAddress.v4(src), 0, IpAddress.v4(dst), IpProtocol.UDP, datagram.length);
        int sum =
                InternetChecksum.finish(InternetChecksum.add(pseudo, InternetChecksum.sum(buffer, 0, datagram.length)));
        Wire.u16(buffer, 6, sum == 0 ? 0xffff : sum);
        return datagram;
    }

    public static byte[] bytes(int length, long seed) {
        byte[] data = new byte[length];
        new java.util.Random(seed).nextBytes(data);
        return data;
    }

    /** The payload of an Ethernet frame. */
    public static byte[] payload(byte[] frame) {
        return Arrays.copyOfRange(frame, 14, frame.length);
    }

    public static UnsafeBuffer view(byte[] bytes) {
        return new UnsafeBuffer(bytes);
    }
}
