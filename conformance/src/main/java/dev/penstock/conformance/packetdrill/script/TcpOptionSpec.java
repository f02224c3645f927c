package dev.penstock.conformance.packetdrill.script;

import java.util.List;

/** A TCP option as a script writes it. */
public sealed interface TcpOptionSpec {
    /** {@code nop}. */
    record Nop() implements TcpOptionSpec {}

    /** {@code eol}. */
    record Eol() implements TcpOptionSpec {}

    /** {@code mss 1460}. */
    record Mss(int value) implements TcpOptionSpec {}

    /** {@code wscale 7}. */
    record WindowScale(int shift) implements TcpOptionSpec {}

    /** {@code sackOK}. */
    record SackPermitted() implements TcpOptionSpec {}

    /** {@code sack 1001:2001 3001:4001}: relative sequence numbers, alternating start and end. */
    record Sack(List<Long> edges) implements TcpOptionSpec {
        public Sack {
            edges = List.copyOf(edges);
        }
    }

    /**
     * {@code TS val 100 ecr 200}. Null for {@code TS val ... ecr ...} parts that may be anything.
     *
     * @param echoAbsolute {@code ecr 200!}: as it is on the wire, not the script's counterpart of what was sent
     */
    record Timestamps(Long value, Long echo, boolean echoAbsolute) implements TcpOptionSpec {}

    /** {@code FO cookie} (RFC 7413). {@code cookie}: as hex digits; empty for a request; {@code experimental} for {@code FOEXP}. */
    record FastOpen(String cookie, boolean experimental) implements TcpOptionSpec {}

    /** {@code md5 ...} (RFC 2385). {@code digest}: as hex digits; null for any. */
    record Md5(String digest) implements TcpOptionSpec {}

    /** Any other: kind and, as hex digits, the bytes after the length. {@code name} as written: {@code AO}, {@code exp}, {@code gen}. */
    record Other(String name, int kind, String body) implements TcpOptionSpec {}
}
