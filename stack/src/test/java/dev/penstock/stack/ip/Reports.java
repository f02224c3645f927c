package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IgmpMessage;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.Ipv6Header;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.agrona.concurrent.UnsafeBuffer;

/** Makes the messages of IGMP and MLD queriers, and reads the reports of a host, with all that each packet must have. */
public final class Reports {
    private static final String[] TYPES = {"", "IS_IN", "IS_EX", "TO_IN", "TO_EX", "ALLOW", "BLOCK"};

    private Reports() {}

    /** The reports that went out since the last call, one line each. */
    public static List<String> taken(IpHost host) {
        List<String> all = new ArrayList<>();
        while (!host.device.reports.isEmpty()) {
            all.add(read(host.device.reports.poll()));
        }
        return all;
    }

    /** Without the addresses that they are from and to. */
    public static List<String> records(IpHost host) {
        return taken(host).stream().map(r -> r.substring(r.indexOf(": ") + 2)).toList();
    }

    static String read(byte[] frame) {
        UnsafeBuffer view = new UnsafeBuffer(frame);
        boolean v4 = EthernetHeader.type(view, 0) == EthernetHeader.TYPE_IPV4;
        return v4 ? readV4(view) : readV6(view);
    }

    private static String readV4(UnsafeBuffer b) {
        assertNull(Ipv4Header.check(b, 14, b.capacity() - 14));
        assertEquals(1, Ipv4Header.ttl(b, 14), "TTL");
        assertEquals(0xc0, Ipv4Header.tos(b, 14), "type of service");
        assertEquals(24, Ipv4Header.headerLength(b, 14));
        assertEquals(0x9404_0000, Wire.i32(b, 34), "router alert");
        int at = 38;
        int length = 14 + Ipv4Header.totalLength(b, 14) - at;
        assertNull(IgmpMessage.check(b, at, length));
        int to = Ipv4Header.destination(b, 14);
        assertEquals(MacAddress.forIpv4Multicast(to), EthernetHeader.destination(b, 0));
        String addresses = IpAddress.ofV4(Ipv4Header.source(b, 14)) + " > " + IpAddress.ofV4(to) + ": ";
        String group = IpAddress.ofV4(IgmpMessage.group(b, at)).toString();
        return addresses
                + switch (IgmpMessage.type(b, at)) {
                    case IgmpMessage.V1_REPORT -> "v1 " + group;
                    case IgmpMessage.V2_REPORT -> "v2 " + group;
                    case IgmpMessage.LEAVE -> "leave " + group;
                    default -> records(b, at, length, 4);
                };
    }

    private static String readV6(UnsafeBuffer b) {
        assertNull(Ipv6Header.check(b, 14, b.capacity() - 14));
        assertEquals(1, Ipv6Header.hopLimit(b, 14), "hop limit");
        assertEquals(0, Ipv6Header.nextHeader(b, 14), "hop-by-hop options");
        assertEquals(0x3a00_0502_0000_0100L, Wire.i64(b, 54), "router alert");
        IpAddress from = new IpAddress(Ipv6Header.sourceHi(b, 14), Ipv6Header.sourceLo(b, 14));
        IpAddress to = new IpAddress(Ipv6Header.destinationHi(b, 14), Ipv6Header.destinationLo(b, 14));
        assertTrue(from.isAny() || IpAddress.isLinkLocalV6(from.hi()), from::toString);
        assertEquals(MacAddress.forIpv6Multicast(to.lo()), EthernetHeader.destination(b, 0));
        int at = 62;
        int length = Ipv6Header.payloadLength(b, 14) - 8;
        int pseudo = InternetChecksum.pseudoHeader(from.hi(), from.lo(), to.hi(), to.lo(), IpProtocol.ICMPV6, length);
        assertTrue(InternetChecksum.isValid(InternetChecksum.add(pseudo, InternetChecksum.sum(b, at, length))));
        String group = new IpAddress(Wire.i64(b, at + 8), Wire.i64(b, at + 16)).toString();
        return from + " > " + to + ": "
                + switch (Wire.u8(b, at)) {
                    case 131 -> "v1 " + group;
                    case 132 -> "done " + group;
                    default -> records(b, at, length, 16);
                };
    }

    private static String records(UnsafeBuffer b, int at, int length, int width) {
        int here = at + 8;
        List<String> records = new ArrayList<>();
        for (int n = Wire.u16(b, at + 6); n > 0; n--) {
            assertEquals(0, Wire.u8(b, here + 1), "no auxiliary data");
            int sources = Wire.u16(b, here + 2);
            TreeSet<IpAddress> set = new TreeSet<>();
            for (int i = 0; i < sources; i++) {
                set.add(address(b, here + 4 + width + width * i, width));
            }
            assertEquals(sources, set.size(), "each source once");
            String list = String.join(",", set.stream().map(IpAddress::toString).toList());
            records.add(TYPES[Wire.u8(b, here)] + " " + address(b, here + 4, width) + " {" + list + "}");
            here += 4 + width + width * sources;
        }
        assertEquals(at + length, here, "nothing behind the records");
        return String.join("; ", new TreeSet<>(records));
    }

    private static IpAddress address(UnsafeBuffer b, int at, int width) {
        return width == 4 ? IpAddress.ofV4(Wire.i32(b, at)) : new IpAddress(Wire.i64(b, at), Wire.i64(b, at + 8));
    }

    // Messages of others.

    /** An IGMP message of 8 bytes, of version 1 or 2. */
    static byte[] igmp(int type, int code, String group) {
        byte[] message = new byte[8];
        message[0] = (byte) type;
        message[1] = (byte) code;
        Wire.u32(Packets.view(message), 4, Packets.ip(group));
        return withChecksum(message);
    }

    /** A version 3 query; {@code qrv} with the S flag, {@code qqic} as its code. */
    static byte[] query3(int code, String group, int qrv, int qqic, String... sources) {
        byte[] message = new byte[12 + 4 * sources.length];
        message[0] = 0x11;
        message[1] = (byte) code;
        Wire.u32(Packets.view(message), 4, Packets.ip(group));
        message[8] = (byte) qrv;
        message[9] = (byte) qqic;
        message[11] = (byte) sources.length;
        for (int i = 0; i < sources.length; i++) {
            Wire.u32(Packets.view(message), 12 + 4 * i, Packets.ip(sources[i]));
        }
        return withChecksum(message);
    }

    static byte[] withChecksum(byte[] message) {
        Wire.u16(Packets.view(message), 2, 0);
        int sum = InternetChecksum.finish(InternetChecksum.sum(Packets.view(message), 0, message.length));
        Wire.u16(Packets.view(message), 2, sum);
        return message;
    }

    /** In a packet with TTL 1 and, if asked for, router alert. */
    static byte[] packet(String from, String to, int ttl, boolean alert, byte[] message) {
        byte[] plain = Packets.ipv4(Packets.ip(from), Packets.ip(to), IpProtocol.IGMP, message);
        byte[] header = java.util.Arrays.copyOf(plain, alert ? 24 : 20);
        header[0] = (byte) (0x40 | header.length / 4);
        header[8] = (byte) ttl;
        Wire.u16(Packets.view(header), 2, header.length + message.length);
        if (alert) {
            Wire.u32(Packets.view(header), 20, 0x9404_0000);
        }
        Ipv4Header.putChecksum(Packets.view(header), 0, header.length);
        return Packets.concat(header, message);
    }

    /** The peer multicasts an IGMP message as it should. */
    static void hears(IpHost host, String to, byte[] message) {
        hears(host, packet("192.0.2.2", to, 1, true, message));
    }

    static void hears(IpHost host, byte[] packet) {
        long mac = MacAddress.forIpv4Multicast(Ipv4Header.destination(Packets.view(packet), 0));
        host.peerSends(mac, EthernetHeader.TYPE_IPV4, packet);
    }

    /** A version 1 query of MLD, or a report or done message. */
    static byte[] mld(int type, int delay, String group) {
        return mld(type, delay, group, -1, 0);
    }

    /** A version 2 query of MLD if {@code qrv} is not negative. Its checksum is not there yet. */
    static byte[] mld(int type, int code, String group, int qrv, int qqic, String... sources) {
        byte[] message = new byte[qrv < 0 ? 24 : 28 + 16 * sources.length];
        UnsafeBuffer b = Packets.view(message);
        message[0] = (byte) type;
        Wire.u16(b, 4, code);
        put(b, 8, group);
        if (qrv >= 0) {
            message[24] = (byte) qrv;
            message[25] = (byte) qqic;
            message[27] = (byte) sources.length;
            for (int i = 0; i < sources.length; i++) {
                put(b, 28 + 16 * i, sources[i]);
            }
        }
        return message;
    }

    private static void put(UnsafeBuffer b, int at, String address) {
        IpAddress a = IpAddress.parse(address);
        Wire.u64(b, at, a.hi());
        Wire.u64(b, at + 8, a.lo());
    }

    /** A packet with an MLD message: hop limit and router alert as told. */
    static byte[] packet6(String from, String to, int hops, boolean alert, byte[] message) {
        byte[] summed = message.clone();
        int pseudo = Packets6.pseudo(from, to, IpProtocol.ICMPV6, message.length);
        Wire.u16(Packets.view(summed), 2, 0);
        int sum = InternetChecksum.add(pseudo, InternetChecksum.sum(Packets.view(summed), 0, summed.length));
        Wire.u16(Packets.view(summed), 2, InternetChecksum.finish(sum));
        byte[] packet = alert
                ? Packets6.ipv6(from, to, 0, Packets6.extension(IpProtocol.ICMPV6, 5, 2, 0, 0, 1, 0), summed)
                : Packets6.ipv6(from, to, IpProtocol.ICMPV6, summed);
        packet[7] = (byte) hops;
        return packet;
    }

    /** The peer, as fe80::2, multicasts an MLD message as it should. */
    static void hears6(IpHost host, String to, byte[] message) {
        Packets6.receive(host, packet6("fe80::2", to, 1, true, message));
    }
}
