package dev.penstock.conformance.properties;

import static dev.penstock.conformance.properties.Arg.number;
import static dev.penstock.conformance.properties.Arg.word;

import java.util.List;
import java.util.Locale;

/** What an action may be, with its arguments. An action on what does not exist does nothing. */
enum Kind {
    /** How a host is made, if it comes before anything that uses it; otherwise nothing happens. */
    MAKE_HOST(
            Arg.HOST,
            number("mtu", 576, 9000, 1500),
            word("sack", "yes", "no"),
            word("timestamps", "yes", "no"),
            word("scaling", "yes", "no"),
            word("ecn", "PASSIVE", "OFF", "ON"),
            word("pacing", "yes", "no"),
            word("rack", "yes", "no"),
            word("mtu_probing", "ON_BLACK_HOLE", "OFF", "ALWAYS"),
            word("memory", "plenty", "scarce"),
            // With IPv6 the MTU is 1,280 at least.
            word("ipv6", "no", "yes"),
            word("dad", "no", "yes")),
    /** Virtual time passes. */
    STEP(Arg.NS),
    LISTEN(
            Arg.HOST,
            number("port", 1, 65_535, 7),
            number("backlog", 1, 64, 8),
            number("sndbuf", 0, 1 << 30, 0),
            number("rcvbuf", 0, 1 << 30, 0),
            Arg.CONGESTION,
            word("accepts", "yes", "no"),
            word("family", "4", "6", "any")),
    UNLISTEN(Arg.HOST, number("port", 1, 65_535, 7)),
    CONNECT(
            Arg.SLOT,
            Arg.HOST,
            Arg.PEER,
            number("port", 1, 65_535, 7),
            number("local", 0, 65_535, 0),
            number("sndbuf", 0, 1 << 30, 0),
            number("rcvbuf", 0, 1 << 30, 0),
            Arg.CONGESTION,
            Arg.FAMILY),
    /** Writes, now and whenever there is room again, until all is taken. */
    WRITE(Arg.END, Arg.BYTES),
    /** As {@link #WRITE}, with the urgent mark behind it. */
    URGENT(Arg.END, Arg.BYTES),
    /** Reads what is there, at most so much. */
    READ(Arg.END, Arg.BYTES),
    /** Reads whatever comes, or only when told. */
    AUTO_READ(Arg.END, word("on", "yes", "no"), word("in_place", "no", "yes")),
    SHUTDOWN_OUTPUT(Arg.END),
    SHUTDOWN_INPUT(Arg.END),
    CLOSE(Arg.END),
    ABORT(Arg.END),
    SET_OPTION(Arg.END, Arg.OPTION, number("value", -1, Long.MAX_VALUE, 0)),
    LOSS(Arg.HOST, Arg.WAY, Arg.PERMILLE),
    DUPLICATE(Arg.HOST, Arg.WAY, Arg.PERMILLE),
    CORRUPT(Arg.HOST, Arg.WAY, Arg.PERMILLE),
    REORDER(Arg.HOST, Arg.WAY, Arg.PERMILLE, number("behind", 1, 60, 3)),
    DELAY(Arg.HOST, Arg.WAY, number("ns", 0, 10_000_000_000L, 0), number("jitter_ns", 0, 10_000_000_000L, 0)),
    /** Bits a second; 0 for no limit. */
    RATE(Arg.HOST, Arg.WAY, number("bits", 0, 10_000_000_000L, 0)),
    PARTITION(Arg.HOST, Arg.WAY, word("on", "yes", "no")),
    /** The path takes smaller packets only; routers tell so, or do not. */
    PATH_MTU(Arg.HOST, number("mtu", 296, 9000, 1500), word("icmp", "yes", "no")),
    /** A router marks what is ECN-capable. */
    MARK(Arg.HOST, Arg.PERMILLE),
    DATAGRAM(Arg.HOST, Arg.PEER, number("bytes", 0, 65_507, 1), Arg.FAMILY),
    /** Everything about the paths is as new. */
    HEAL;

    @SuppressWarnings("ImmutableEnumChecker") // List.of
    final List<Arg> args;

    Kind(Arg... args) {
        this.args = List.of(args);
    }

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
