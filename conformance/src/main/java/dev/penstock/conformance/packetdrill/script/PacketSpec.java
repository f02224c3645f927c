package dev.penstock.conformance.packetdrill.script;

/**
 * A packet as a script writes it: what is null is not written, so it is not checked in a packet going out, and has its
 * usual value in one coming in.
 *
 * @param ip what is said of the IP header
 * @param transport what follows it
 */
public record PacketSpec(IpSpec ip, TransportSpec transport) {

    /**
     * What is written about the IP header.
     *
     * @param ecn 0 .. 3: {@code [noecn]}, {@code [ect1]}, {@code [ect0]}, {@code [ce]}; null when not written
     * @param ectAny {@code [ect01]}: either of ECT(0) and ECT(1)
     * @param tos the whole byte, null when not written
     * @param ttl TTL or hop limit, null when not written
     * @param flowLabel of IPv6, null when not written
     * @param fragment null when it is no fragment
     */
    public record IpSpec(Integer ecn, boolean ectAny, Integer tos, Integer ttl, Integer flowLabel, Fragment fragment) {
        public static final IpSpec UNSAID = new IpSpec(null, false, null, null, null, null);
    }

    /**
     * {@code (frag 123:1480@0+)}-like notations.
     *
     * @param id the identification
     * @param length bytes of payload
     * @param offset in bytes
     * @param more "more fragments" is set
     */
    public record Fragment(long id, int length, int offset, boolean more) {}
}
