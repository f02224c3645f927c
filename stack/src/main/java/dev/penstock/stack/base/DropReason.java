package dev.penstock.stack.base;

/**
 * Why a packet went no further. Every drop in the stack names one of these, and {@link Counters} counts it, so that
 * "where did my packet go" always has an answer.
 */
public enum DropReason {
    // Link layer.
    ETHERNET_TRUNCATED,
    ETHERNET_NOT_FOR_US,
    ETHERNET_BAD_SOURCE,
    ETHERNET_UNKNOWN_TYPE,
    VLAN_UNKNOWN,
    VLAN_RESERVED,
    VLAN_TOO_MANY_TAGS,
    FRAME_TOO_LONG,

    // ARP and the neighbour cache.
    ARP_MALFORMED,
    ARP_UNSUPPORTED,
    ARP_BAD_SENDER,
    ARP_NOT_FOR_US,
    ARP_RATE_LIMITED,
    ARP_CONFLICT,
    NEIGHBOR_TABLE_FULL,
    NEIGHBOR_UNRESOLVED,
    NEIGHBOR_QUEUE_FULL,

    // What the network tells about itself.
    /** More addresses than an interface may have. */
    ADDRESS_TABLE_FULL,
    ROUTE_TABLE_FULL,
    /** More name servers or search domains from one origin than are kept. */
    RESOLVER_TABLE_FULL,

    // IPv4.
    IPV4_TRUNCATED,
    IPV4_BAD_VERSION,
    IPV4_BAD_HEADER_LENGTH,
    IPV4_BAD_TOTAL_LENGTH,
    IPV4_BAD_CHECKSUM,
    IPV4_BAD_OPTION,
    IPV4_SOURCE_ROUTED,
    IPV4_BAD_SOURCE,
    IPV4_NOT_FOR_US,
    IPV4_WRONG_INTERFACE,
    IPV4_NO_PROTOCOL,
    IPV4_NO_ROUTE,
    IPV4_FRAGMENT_BAD,
    IPV4_FRAGMENT_TINY,
    IPV4_FRAGMENT_DUPLICATE,
    IPV4_FRAGMENT_OVERLAP,
    IPV4_FRAGMENT_TOO_BIG,
    IPV4_FRAGMENT_LIMIT,
    IPV4_FRAGMENT_TIMEOUT,
    IPV4_FRAGMENTATION_NEEDED,

    // IPv6.
    /** The interface has no IPv6 address. */
    IPV6_DISABLED,
    IPV6_TRUNCATED,
    IPV6_BAD_VERSION,
    /** The payload is longer than the frame. */
    IPV6_BAD_LENGTH,
    /** A source that no single host has, or ours, or one that belongs on no wire: IPv4-mapped, loopback. */
    IPV6_BAD_SOURCE,
    IPV6_NOT_FOR_US,
    IPV6_WRONG_INTERFACE,
    /** A next header that we do not know, or in the wrong place. */
    IPV6_NO_PROTOCOL,
    IPV6_NO_ROUTE,
    /** The header that says that nothing follows. */
    IPV6_NO_PAYLOAD,
    /** An extension header that runs beyond the packet. */
    IPV6_BAD_EXTENSION,
    /** More extension headers than anyone needs, or more options or padding in one. */
    IPV6_EXTENSION_LIMIT,
    IPV6_BAD_OPTION,
    /** An option that must be known, and is not. */
    IPV6_UNKNOWN_OPTION,
    /** A routing header that is not used up: type 0 (RFC 5095), or one that we do not know. */
    IPV6_SOURCE_ROUTED,
    IPV6_FRAGMENT_BAD,
    /** A first fragment that lacks a part of the header chain (RFC 7112). */
    IPV6_FRAGMENT_TINY,
    IPV6_FRAGMENT_DUPLICATE,
    /** RFC 5722. */
    IPV6_FRAGMENT_OVERLAP,
    IPV6_FRAGMENT_TOO_BIG,
    IPV6_FRAGMENT_LIMIT,
    IPV6_FRAGMENT_TIMEOUT,
    IPV6_PACKET_TOO_BIG,

    // Neighbour discovery.
    NDP_MALFORMED,
    /** Not 255: a router forwarded it, so it comes from another link. */
    NDP_BAD_HOP_LIMIT,
    /** RFC 6980. */
    NDP_FRAGMENTED,
    NDP_NOT_FOR_US,
    NDP_UNMATCHED,
    NDP_RATE_LIMITED,
    /** Another station has an address of ours, or wants it. */
    NDP_DUPLICATE,
    /** Our own probe for duplicates came back (RFC 7527). */
    NDP_LOOPED_BACK,
    /** Not from the first hop to that destination, or of no use. */
    NDP_REDIRECT_REFUSED,
    /** Solicitations for routers; and advertisements while they are not asked for. */
    NDP_ROUTER_IGNORED,
    /** A value in an advertisement that cannot be right, or an option that contradicts itself. */
    NDP_BAD_PARAMETER,
    /** More routers, routes, prefixes or addresses advertised than are taken over. */
    NDP_TABLE_FULL,

    // IGMP and MLD.
    IGMP_TRUNCATED,
    IGMP_BAD_CHECKSUM,
    IGMP_UNKNOWN_TYPE,
    /** Not 1: a router forwarded it. */
    IGMP_BAD_TTL,
    IGMP_NO_ROUTER_ALERT,
    IGMP_BAD_GROUP,
    /** What is for routers alone. */
    IGMP_IGNORED,
    /** A report of ours that was put off or left out. */
    IGMP_RATE_LIMITED,
    MLD_TRUNCATED,
    /** Not a link-local address. */
    MLD_BAD_SOURCE,
    /** Not 1: a router forwarded it. */
    MLD_BAD_HOP_LIMIT,
    MLD_NO_ROUTER_ALERT,
    MLD_BAD_GROUP,
    /** What is for routers alone. */
    MLD_IGNORED,
    /** A report of ours that was put off or left out. */
    MLD_RATE_LIMITED,
    /** The copy for ourselves of what we sent to a group: too many packets are on their way from us to us. */
    MULTICAST_LOOP_FULL,

    // ICMP.
    ICMP_TRUNCATED,
    ICMP_BAD_CHECKSUM,
    ICMP_BROADCAST_ECHO,
    ICMP_UNKNOWN_TYPE,
    ICMP_REDIRECT_REFUSED,
    ICMP_QUENCH_IGNORED,
    ICMP_BAD_QUOTE,
    ICMP_UNMATCHED,
    ICMP_RATE_LIMITED,
    /** A Packet Too Big with less than the 1280 bytes that every link takes (RFC 8201, section 4). */
    ICMP_BAD_MTU,

    // UDP.
    UDP_TRUNCATED,
    UDP_BAD_LENGTH,
    UDP_BAD_CHECKSUM,
    UDP_NO_PORT,
    UDP_QUEUE_FULL,
    /** To a group: of the sockets on this port none has joined it, or wants this source. */
    UDP_NOT_JOINED,

    // DHCP.
    DHCP_TRUNCATED,
    /** Not a reply to an Ethernet client. */
    DHCP_BAD_HEADER,
    /** No magic cookie: BOOTP, or something else. */
    DHCP_BAD_COOKIE,
    /** Options that run beyond their field, have no end, or lack what every DHCP message has. */
    DHCP_BAD_OPTION,
    /** Of no exchange of ours: another transaction, station, client identifier or server. */
    DHCP_UNMATCHED,
    /** Not of the kind that the client waits for now. */
    DHCP_UNEXPECTED,
    /** A lease that no host can have: its time, its address or its mask. */
    DHCP_BAD_LEASE,
    /** More offers than are kept. */
    DHCP_OFFER_LIMIT,
    /** A router or a route of a lease that leads nowhere, or one too many. */
    DHCP_BAD_ROUTE,

    /** A copy for a raw or packet socket that its reader did not make room for. */
    RAW_QUEUE_FULL,

    // TCP.
    TCP_TRUNCATED,
    TCP_BAD_DATA_OFFSET,
    TCP_BAD_CHECKSUM,
    TCP_NOT_UNICAST,
    TCP_BAD_PORT,
    TCP_BAD_FLAGS,
    TCP_NO_SOCKET,
    TCP_BACKLOG_FULL,
    TCP_OUT_OF_WINDOW,
    TCP_BAD_ACK,
    TCP_OLD_TIMESTAMP,
    TCP_BLIND_RST,
    TCP_BLIND_SYN,
    TCP_NO_ACK_FLAG,
    TCP_DATA_AFTER_CLOSE,
    TCP_REASSEMBLY_LIMIT,
    TCP_REASSEMBLY_MEMORY,
    TCP_TABLE_FULL,
    TCP_RESET_LIMITED,
    TCP_ACK_LIMITED,
    TCP_COOKIE_LIMITED,
    TCP_NO_ROUTE,
    TCP_MEMORY_PRESSURE,
    TCP_TIME_WAIT,

    // Resources and the device.
    FRAME_POOL_EMPTY,
    PENDING_QUEUE_FULL,
    CHUNK_POOL_EMPTY,
    DEVICE_REFUSED,
    DEVICE_ERROR,
    INTERFACE_DOWN
}
