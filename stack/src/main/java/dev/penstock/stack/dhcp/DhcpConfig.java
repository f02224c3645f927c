package dev.penstock.stack.dhcp;

/** How an interface gets its IPv4 address. Set the fields, then start; read once. Times are in nanoseconds. */
public final class DhcpConfig {
    static final long MILLISECOND = 1_000_000L;
    static final long SECOND = 1_000 * MILLISECOND;

    /** A smaller MTU than what every host takes (RFC 791, section 3.1) would be of use to nobody but an attacker, bytes. */
    static final int MIN_MTU = 576;

    /** The most offers that are kept while {@link #offerWaitNs} lasts. */
    static final int MAX_OFFERS = 8;

    /**
     * What this host is to be called, or null: {@code printer} goes out as option 12, a name with dots as option 81 (RFC
     * 4702), by which servers enter it into the DNS.
     */
    public String hostName;
    /**
     * Option 61, 2 .. 255 bytes; null for hardware type 1 and the MAC address (RFC 2132, section 9.14). One by RFC 4361 is 255,
     * four bytes of IAID, and a DUID that does not change: only the application can keep one.
     */
    public byte[] clientIdentifier;
    /** Option 60: what kind of host this is, 1 .. 255 characters of ASCII; null for none. */
    public String vendorClass;
    /** For how long the address is wanted, seconds; 0 to leave it to the server. */
    public long leaseSeconds;
    /**
     * The lease that this host had before its last end and that has not run out since, or null: its address is asked for again
     * (RFC 2131, section 3.2), and a new one only if no server confirms it.
     */
    public DhcpLease previousLease;

    /**
     * The longest time until the first message; it is random between 0 and this. RFC 2131, section 4.4.1, wants 1 to 10 seconds
     * so that the machines of a building do not all ask at once when the power comes back. A stack in user space starts when
     * somebody starts it, and waits for the address.
     */
    public long initialDelayNs = 100 * MILLISECOND;
    /**
     * For how long offers are collected after the first, to choose among: the one with the address that was had before, else the
     * longest lease. 0: the first is taken.
     */
    public long offerWaitNs = 0;
    /** Ask for a lease in two messages instead of four (RFC 4039). A server that offers thereby lends: off, as others may, too. */
    public boolean rapidCommit = false;
    /** Look by ARP whether another station has the address that is lent (RFC 5227), which takes 4 to 7 seconds; decline it then. */
    public boolean probe = true;
    /** Give the lease back when the stack is closed. */
    public boolean releaseOnClose = true;
    /** Ask whether IPv4 is needed at all, and do without it for a time when a server says that it is not (RFC 8925). */
    public boolean ipv6OnlyPreferred = false;

    /** Send no larger packets than a server says (option 26), if that is {@link #MIN_MTU} bytes at least. */
    public boolean takeMtu = true;

    /** While no server answers, take an address of 169.254/16 (RFC 3927). */
    public boolean linkLocal = true;
    /** How long servers may be silent until then. */
    public long linkLocalAfterNs = 10 * SECOND;
    /**
     * For how long a link-local address is kept, for what uses it already, when a lease is there (RFC 3927, section 1.9).
     */
    public long linkLocalGraceNs = 60 * SECOND;

    /** Told what happens. */
    public DhcpListener listener = new DhcpListener() {};

    /** Throws {@link IllegalArgumentException} if a value is out of range. */
    void check() {
        if (initialDelayNs < 0 || offerWaitNs < 0 || linkLocalAfterNs < 0 || linkLocalGraceNs < 0) {
            throw new IllegalArgumentException("a time of DHCP is negative");
        }
        if (clientIdentifier != null && (clientIdentifier.length < 2 || clientIdentifier.length > 255)) {
            throw new IllegalArgumentException("a client identifier has 2 .. 255 bytes");
        }
        if (hostName != null && !DomainNames.isDomain(hostName)) {
            throw new IllegalArgumentException("not a host name: '" + hostName + "'");
        }
        if (vendorClass != null && !vendorClass.matches("[ -~]{1,255}")) {
            throw new IllegalArgumentException("a vendor class has 1 .. 255 printable characters");
        }
        if (leaseSeconds < 0 || leaseSeconds > DhcpLease.INFINITE) {
            throw new IllegalArgumentException("leaseSeconds " + leaseSeconds);
        }
    }
}
