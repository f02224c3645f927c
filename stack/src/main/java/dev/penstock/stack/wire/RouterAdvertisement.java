package dev.penstock.stack.wire;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A router advertisement to be sent (RFC 4861, section 4.2), for routers: the simulated ones, and those that tests play. What is
 * not set is zero, "unspecified by this router". Checks nothing, so that wrong ones can be made, too. Not thread-safe.
 */
public final class RouterAdvertisement {
    /** A lifetime without end, seconds. */
    public static final long INFINITY = 0xffff_ffffL;

    private static final int MANAGED = 0x80;
    private static final int OTHER = 0x40;
    private static final int FIXED = 16;
    private static final int ON_LINK = 0x80;
    private static final int AUTONOMOUS = 0x40;

    private final List<byte[]> options = new ArrayList<>();
    private int hopLimit;
    private int flags;
    private int lifetime;
    private long reachableMs;
    private long retransMs;

    /** Of the packets that hosts send. */
    public RouterAdvertisement hopLimit(int hops) {
        hopLimit = hops;
        return this;
    }

    /** For how long it is a default router, seconds, 0 .. 65,535. */
    public RouterAdvertisement lifetime(int seconds) {
        lifetime = seconds;
        return this;
    }

    /** 1 high, 0 medium, -1 low, -2 the reserved value (RFC 4191, section 2.1). */
    public RouterAdvertisement preference(int preference) {
        flags = flags & ~0x18 | (preference & 3) << 3;
        return this;
    }

    /** Addresses, and other things, are to be had from DHCPv6. */
    public RouterAdvertisement dhcp(boolean managed, boolean other) {
        flags = flags & ~(MANAGED | OTHER) | (managed ? MANAGED : 0) | (other ? OTHER : 0);
        return this;
    }

    /** How long hosts take a neighbour for reachable, and wait between solicitations, milliseconds. */
    public RouterAdvertisement timers(long newReachableMs, long newRetransMs) {
        reachableMs = newReachableMs;
        retransMs = newRetransMs;
        return this;
    }

    /** The router's own link address. */
    public RouterAdvertisement linkAddress(long mac) {
        byte[] option = option(NdpOption.SOURCE_LINK_ADDRESS, 8);
        MacAddress.put(new UnsafeBuffer(option), 2, mac);
        return this;
    }

    /** The MTU of the link. */
    public RouterAdvertisement mtu(long bytes) {
        Wire.u32(new UnsafeBuffer(option(NdpOption.MTU, 8)), 4, (int) bytes);
        return this;
    }

    /** A prefix, lifetimes in seconds. */
    public RouterAdvertisement prefix(
            String prefix, boolean onLink, boolean autonomous, long validSeconds, long preferredSeconds) {
        IpPrefix p = IpPrefix.parse(prefix);
        UnsafeBuffer b = new UnsafeBuffer(option(NdpOption.PREFIX, NdpOption.PREFIX_BYTES));
        Wire.u8(b, 2, p.length());
        Wire.u8(b, 3, (onLink ? ON_LINK : 0) | (autonomous ? AUTONOMOUS : 0));
        Wire.u32(b, 4, (int) validSeconds);
        Wire.u32(b, 8, (int) preferredSeconds);
        Wire.u64(b, 16, p.address().hi());
        Wire.u64(b, 24, p.address().lo());
        return this;
    }

    /** A route by this router (RFC 4191), with as much of the prefix as it needs. */
    public RouterAdvertisement route(String prefix, int preference, long seconds) {
        IpPrefix p = IpPrefix.parse(prefix);
        int length = p.length() == 0 ? 8 : p.length() <= 64 ? 16 : 24;
        UnsafeBuffer b = new UnsafeBuffer(option(NdpOption.ROUTE, length));
        Wire.u8(b, 2, p.length());
        Wire.u8(b, 3, (preference & 3) << 3);
        Wire.u32(b, 4, (int) seconds);
        if (length > 8) {
            Wire.u64(b, 8, p.address().hi());
        }
        if (length > 16) {
            Wire.u64(b, 16, p.address().lo());
        }
        return this;
    }

    /** Name servers (RFC 8106, section 5.1). */
    public RouterAdvertisement nameServers(long seconds, String... addresses) {
        UnsafeBuffer b = new UnsafeBuffer(option(NdpOption.NAME_SERVERS, 8 + 16 * addresses.length));
        Wire.u32(b, 4, (int) seconds);
        for (int i = 0; i < addresses.length; i++) {
            IpAddress a = IpAddress.parse(addresses[i]);
            Wire.u64(b, 8 + 16 * i, a.hi());
            Wire.u64(b, 16 + 16 * i, a.lo());
        }
        return this;
    }

    /** Domains to be searched (RFC 8106, section 5.2). */
    public RouterAdvertisement searchDomains(long seconds, String... names) {
        StringBuilder encoded = new StringBuilder();
        for (String name : names) {
            for (String label : name.split("\\.", -1)) {
                encoded.append((char) label.length()).append(label);
            }
            encoded.append('\0');
        }
        byte[] bytes = encoded.toString().getBytes(StandardCharsets.ISO_8859_1);
        byte[] option = option(NdpOption.SEARCH_DOMAINS, 8 + (bytes.length + 7) / 8 * 8);
        Wire.u32(new UnsafeBuffer(option), 4, (int) seconds);
        System.arraycopy(bytes, 0, option, 8, bytes.length);
        return this;
    }

    /** Any bytes in place of an option. */
    public RouterAdvertisement raw(byte[] bytes) {
        options.add(bytes.clone());
        return this;
    }

    private byte[] option(int type, int length) {
        byte[] option = new byte[length];
        option[0] = (byte) type;
        option[1] = (byte) (length >> 3);
        options.add(option);
        return option;
    }

    /** The ICMPv6 message, its checksum for these addresses. */
    public byte[] toMessage(IpAddress source, IpAddress destination) {
        int length = FIXED + options.stream().mapToInt(o -> o.length).sum();
        byte[] message = new byte[length];
        UnsafeBuffer b = new UnsafeBuffer(message);
        Icmpv6Header.put(b, 0, Icmpv6Header.ROUTER_ADVERTISEMENT, 0, hopLimit << 24 | flags << 16 | lifetime);
        Wire.u32(b, 8, (int) reachableMs);
        Wire.u32(b, 12, (int) retransMs);
        int at = FIXED;
        for (byte[] option : options) {
            b.putBytes(at, option);
            at += option.length;
        }
        int pseudo = InternetChecksum.pseudoHeader(
                source.hi(), source.lo(), destination.hi(), destination.lo(), IpProtocol.ICMPV6, length);
        Icmpv6Header.putChecksum(b, 0, length, pseudo);
        return message;
    }

    /** The IPv6 packet, with hop limit 255. */
    public byte[] toPacket(IpAddress source, IpAddress destination) {
        byte[] message = toMessage(source, destination);
        byte[] packet = new byte[Ipv6Header.LENGTH + message.length];
        UnsafeBuffer b = new UnsafeBuffer(packet);
        Ipv6Header.put(
                b,
                0,
                0,
                0,
                message.length,
                IpProtocol.ICMPV6,
                NdpMessage.HOP_LIMIT,
                source.hi(),
                source.lo(),
                destination.hi(),
                destination.lo());
        b.putBytes(Ipv6Header.LENGTH, message);
        return packet;
    }
}
