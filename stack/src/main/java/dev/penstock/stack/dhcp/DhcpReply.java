package dev.penstock.stack.dhcp;

/** A server's message, as far as the client looks at it. Made by {@link ReplyReader}. */
final class DhcpReply {
    /** {@link DhcpOption#OFFER}, {@code ACK} or {@code NAK}. */
    int type;

    int xid;
    long chaddr;
    /** The address offered, 32 bits; 0 in a NAK. */
    int address;
    /** 32 bits, 0 if it is not told. */
    int server;
    /** Echoed (RFC 6842), or null. */
    byte[] clientIdentifier;

    boolean rapidCommit;
    /** RFC 8925: for how long IPv4 is not needed, seconds; -1 if the server does not say so. */
    long ipv6OnlySeconds = -1;
    /** Of an offer or ACK that can be used; null if it cannot, or it is a NAK. */
    DhcpLease lease;
}
