package dev.penstock.conformance.packetdrill.script;

import java.util.List;

/** What follows the IP header of a packet. */
public sealed interface TransportSpec {
    /**
     * The ports of a packet, when a script with several connections writes them.
     *
     * @param source null when not written
     */
    record Ports(Integer source, Integer destination) {
        public static final Ports UNSAID = new Ports(null, null);
    }

    /**
     * A TCP segment. Sequence numbers are relative to the initial ones, as the script writes them.
     *
     * @param flags letters of {@code FSRPUEWA} and {@code .} for ACK, in any order, as in the script; {@code -} or empty for
     *     none
     * @param aceField the three AccECN bits (AE, CWR, ECE) as a number when written by digits; null otherwise
     * @param seqBase how the sequence numbers are meant
     * @param seq the first sequence number; 0 for {@link SeqBase#ANY}
     * @param seqEnd seq + length as written
     * @param length bytes of payload
     * @param ack null when the segment has none
     * @param window as it is on the wire, not shifted; null when not written
     * @param urgent the urgent pointer; null when not written
     * @param options in order; null for {@code <...>}: any
     */
    record Tcp(
            Ports ports,
            String flags,
            Integer aceField,
            SeqBase seqBase,
            long seq,
            long seqEnd,
            int length,
            Long ack,
            Integer window,
            Integer urgent,
            List<TcpOptionSpec> options)
            implements TransportSpec {}

    /** How the sequence numbers of a segment are meant. */
    enum SeqBase {
        /** From the sender's initial one: {@code 1:1001(1000)}. */
        RELATIVE,
        /** As they are on the wire: {@code 1:1001(1000)!}. */
        ABSOLUTE,
        /** Any, only the length counts: {@code ...(1000)}. Going in: the next one. */
        ANY
    }

    /** A UDP datagram. {@code length}: bytes of payload. */
    record Udp(Ports ports, int length) implements TransportSpec {}

    /**
     * An ICMP or ICMPv6 message about a packet of the connection.
     *
     * @param version 4 or 6: {@code icmp} or {@code icmpv6}
     * @param type as written: {@code unreachable}, {@code packet_too_big}, {@code time_exceeded}, ...
     * @param code as written, a name or a number; null when there is none
     * @param mtu null when there is none
     * @param echoId of an echo message; null when there is none
     * @param quoted the packet in brackets; null when it is not written
     */
    record Icmp(
            int version, String type, String code, Integer mtu, Integer echoId, Integer payload, TransportSpec quoted)
            implements TransportSpec {}

    /** A later fragment, or another protocol: so many bytes of payload. */
    record Raw(int protocol, int length) implements TransportSpec {}
}
