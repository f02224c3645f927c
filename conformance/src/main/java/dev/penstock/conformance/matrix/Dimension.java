package dev.penstock.conformance.matrix;

import java.util.List;

/**
 * What may vary in a {@link Cell}, with its values; the first is what a cell has that names none. "The kernel's" are
 * sysctls or route attributes inside the namespace, "ours" are options of the stack.
 */
public enum Dimension {
    /** The kernel's congestion control. */
    CC("cc", "cubic", "reno", "bbr"),
    /** The kernel's net.ipv4.tcp_timestamps. */
    TS("ts", "1", "0"),
    /** The kernel's net.ipv4.tcp_sack. */
    SACK("sack", "1", "0"),
    /** The kernel's net.ipv4.tcp_ecn: 2 agrees when asked, 1 asks, too, 0 neither. */
    ECN("ecn", "2", "1", "0"),
    /** The kernel's net.ipv4.tcp_dsack. */
    DSACK("dsack", "1", "0"),
    /** The kernel's net.ipv4.tcp_window_scaling. */
    SCALING("wscale", "1", "0"),
    /** Per cent of packets lost, in each direction. */
    LOSS("loss", "0", "1", "3"),
    /** Milliseconds of delay, in each direction. */
    DELAY("delay", "0", "5", "20"),
    /** Per cent of packets that some later ones overtake, in each direction. */
    REORDER("reorder", "0", "5"),
    /** Per cent of packets that arrive twice, in each direction. */
    DUPLICATE("dup", "0", "2"),
    /** Per cent of packets with a flipped bit, in each direction. */
    CORRUPT("corrupt", "0", "0.1"),
    /** Mbit/s of a bottleneck with a queue of 64 packets, in each direction; 0 for none. */
    RATE("rate", "0", "20"),
    /** Per cent of ECN-capable packets that are marked, in each direction. */
    MARK("mark", "0", "3"),
    /** Who connects. */
    OPENER("opener", "kernel", "stack"),
    /** Who sends data. */
    SENDER("sender", "both", "kernel", "stack"),
    /** Who ends its direction first; the other one waits for that. Or neither waits. */
    CLOSER("closer", "each", "kernel", "stack"),
    /** Our timestamps. */
    OUR_TS("our-ts", "1", "0"),
    /** Our window scaling. */
    OUR_SCALING("our-wscale", "1", "0"),
    /** Our selective acknowledgments. */
    OUR_SACK("our-sack", "1", "0"),
    /** Our ECN: as the kernel's. */
    OUR_ECN("our-ecn", "1", "2", "0"),
    /** Our congestion control. */
    OUR_CC("our-cc", "cubic", "reno", "bbr"),
    /** Of the addresses: IPv4 or IPv6. */
    FAMILY("family", "4", "6");

    final String key;

    /** Made by {@code List.of}. */
    @SuppressWarnings("ImmutableEnumChecker")
    final List<String> values;

    Dimension(String key, String... values) {
        this.key = key;
        this.values = List.of(values);
    }

    static Dimension of(String key) {
        for (Dimension d : values()) {
            if (d.key.equals(key)) {
                return d;
            }
        }
        throw new IllegalArgumentException("no dimension '" + key + "'");
    }
}
