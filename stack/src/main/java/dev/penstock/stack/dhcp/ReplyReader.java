package dev.penstock.stack.dhcp;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.wire.DhcpHeader;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;

/**
 * Reads servers' messages. What makes a message useless refuses it; an option that only adds something and is wrong is left
 * out, and counted as {@link StackCounter#DHCP_OPTIONS_IGNORED}.
 */
final class ReplyReader {
    /** The most addresses of one kind: routers, name servers. */
    static final int MAX_ADDRESSES = 8;
    /** The most routes of option 121. */
    static final int MAX_ROUTES = 32;

    private static final int MIN_MTU = 68;

    private final Counters counters;
    private final OptionReader options = new OptionReader();

    ReplyReader(Counters counters) {
        this.counters = counters;
    }

    /**
     * Reads a message.
     *
     * @param reply filled in; {@code reply.lease} is null where the offer or ACK cannot be used
     * @return null, or why it is refused as a whole
     */
    DropReason read(DirectBuffer buffer, int offset, int length, DhcpReply reply) {
        DropReason reason = DhcpHeader.checkReply(buffer, offset, length);
        if (reason == null) {
            reason = options.read(buffer, offset, length);
        }
        if (reason != null) {
            return reason;
        }
        byte[] type = options.value(DhcpOption.MESSAGE_TYPE);
        if (type == null || type.length != 1) {
            return DropReason.DHCP_BAD_OPTION;
        }
        reply.type = type[0];
        reply.xid = DhcpHeader.xid(buffer, offset);
        reply.chaddr = DhcpHeader.chaddr(buffer, offset);
        reply.address = DhcpHeader.yiaddr(buffer, offset);
        byte[] server = options.value(DhcpOption.SERVER_IDENTIFIER);
        if (server != null && server.length != 4) {
            return DropReason.DHCP_BAD_OPTION;
        }
        reply.server = server == null ? 0 : i32(server, 0);
        reply.clientIdentifier = options.value(DhcpOption.CLIENT_IDENTIFIER);
        byte[] rapid = options.value(DhcpOption.RAPID_COMMIT);
        reply.rapidCommit = rapid != null && rapid.length == 0;
        long only = seconds(DhcpOption.IPV6_ONLY_PREFERRED);
        reply.ipv6OnlySeconds = only;
        reply.lease = null;
        if (reply.type == DhcpOption.NAK) {
            return null;
        }
        // RFC 2131, table 3: an offer and an ACK "MUST" carry the server identifier and the lease time.
        if (reply.server == 0 || !isHost(reply.server)) {
            return DropReason.DHCP_BAD_OPTION;
        }
        reply.lease = lease(reply);
        // RFC 8925, 3.3: a server that wants IPv6 alone may offer 0.0.0.0.
        return reply.lease == null && only < 0 ? DropReason.DHCP_BAD_LEASE : null;
    }

    /** The lease, or null if no host can have it. */
    private DhcpLease lease(DhcpReply reply) {
        long seconds = seconds(DhcpOption.LEASE_TIME);
        int prefixLength = prefixLength(reply.address);
        if (seconds <= 0 || prefixLength < 0) {
            return null;
        }
        IpPrefix address = new IpPrefix(IpAddress.ofV4(reply.address), prefixLength);
        if (!isForHost(address)) {
            return null;
        }
        List<IpAddress> routers = addresses(DhcpOption.ROUTERS);
        List<DhcpLease.Route> routes = new RouteOptions(address, counters).routes(options, routers);
        return new DhcpLease(
                address,
                IpAddress.ofV4(reply.server),
                seconds,
                renewal(seconds, true),
                renewal(seconds, false),
                routes,
                addresses(DhcpOption.NAME_SERVERS),
                searchDomains(),
                domainName(),
                addresses(DhcpOption.NTP_SERVERS),
                mtu(),
                broadcast());
    }

    /**
     * RFC 2131, 4.4.5: "T1 defaults to (0.5 * duration_of_lease). T2 defaults to (0.875 * duration_of_lease)." Those that the
     * server told are taken when they make sense: "T1 MUST be earlier than T2, which, in turn, MUST be earlier than the time
     * at which the client's lease will expire."
     */
    private long renewal(long lease, boolean first) {
        if (lease == DhcpLease.INFINITE) {
            return DhcpLease.INFINITE;
        }
        long t1 = seconds(DhcpOption.RENEWAL_TIME);
        long t2 = seconds(DhcpOption.REBINDING_TIME);
        long second = t2 > 0 && t2 < lease ? t2 : lease - lease / 8;
        if (first) {
            return t1 > 0 && t1 < second ? t1 : Math.min(lease / 2, second);
        }
        return second;
    }

    /** Of 4 bytes, unsigned; -1 if it is not there or not so long. */
    private long seconds(int code) {
        byte[] value = options.value(code);
        return value == null || value.length != 4 ? -1 : i32(value, 0) & 0xffff_ffffL;
    }

    /**
     * The length of the network's prefix; -1 for a mask with holes. Without the option it is that of the address's class (RFC
     * 791, section 2.3), as all clients have it.
     */
    private int prefixLength(int address) {
        byte[] mask = options.value(DhcpOption.SUBNET_MASK);
        if (mask == null) {
            return address >= 0 ? 8 : address >>> 30 == 2 ? 16 : 24;
        }
        if (mask.length != 4) {
            return -1;
        }
        int bits = i32(mask, 0);
        int length = Integer.numberOfLeadingZeros(~bits);
        return length > 0 && (length == 32 || bits << length == 0) ? length : -1;
    }

    /** An address that a single host can have, of a network in which it is neither the network nor its broadcast address. */
    static boolean isForHost(IpPrefix prefix) {
        IpAddress address = prefix.address();
        return address.isV4()
                && isHost(address.v4Bits())
                && prefix.length() > 0
                && (prefix.length() >= 31
                        || (address.lo() != prefix.broadcastLo()
                                && address.lo() != prefix.network().address().lo()));
    }

    /** Neither 0/8, 127/8, a group, nor of class E, which has the limited broadcast address. */
    static boolean isHost(int address) {
        int first = address >>> 24;
        return first != 0 && first != 127 && first < 224;
    }

    /** Those of the list that a host can have, without repetitions, up to the limit. */
    private List<IpAddress> addresses(int code) {
        byte[] value = options.value(code);
        List<IpAddress> list = new ArrayList<>();
        if (value == null) {
            return list;
        }
        if (value.length == 0 || value.length % 4 != 0) {
            ignore();
            return list;
        }
        for (int i = 0; i < value.length; i += 4) {
            IpAddress address = IpAddress.ofV4(i32(value, i));
            if (!isHost(address.v4Bits()) || list.size() == MAX_ADDRESSES) {
                ignore();
            } else if (!list.contains(address)) {
                list.add(address);
            }
        }
        return list;
    }

    private List<String> searchDomains() {
        byte[] value = options.value(DhcpOption.DOMAIN_SEARCH);
        List<String> names = value == null ? List.of() : DomainNames.read(value, MAX_ADDRESSES);
        if (names == null) {
            ignore();
            return List.of();
        }
        return names;
    }

    private String domainName() {
        byte[] value = options.value(DhcpOption.DOMAIN_NAME);
        if (value == null) {
            return null;
        }
        int length = value.length;
        // RFC 2132, 2: "Options containing NVT ASCII data SHOULD NOT include a trailing NULL; however, the receiver
        // of such options MUST be prepared to delete trailing nulls if they exist."
        while (length > 0 && value[length - 1] == 0) {
            length--;
        }
        String name = new String(value, 0, length, StandardCharsets.ISO_8859_1);
        name = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        if (!DomainNames.isDomain(name)) {
            ignore();
            return null;
        }
        return name;
    }

    private int mtu() {
        byte[] value = options.value(DhcpOption.INTERFACE_MTU);
        if (value == null) {
            return 0;
        }
        int mtu = value.length == 2 ? (value[0] & 0xff) << 8 | (value[1] & 0xff) : 0;
        if (mtu < MIN_MTU) {
            ignore();
            return 0;
        }
        return mtu;
    }

    private IpAddress broadcast() {
        byte[] value = options.value(DhcpOption.BROADCAST_ADDRESS);
        return value == null || value.length != 4 ? null : IpAddress.ofV4(i32(value, 0));
    }

    private void ignore() {
        counters.count(StackCounter.DHCP_OPTIONS_IGNORED);
    }

    static int i32(byte[] bytes, int at) {
        return bytes[at] << 24 | (bytes[at + 1] & 0xff) << 16 | (bytes[at + 2] & 0xff) << 8 | (bytes[at + 3] & 0xff);
    }
}
