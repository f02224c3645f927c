package dev.penstock.conformance.properties;

import dev.penstock.stack.tcp.TcpOption;
import java.util.List;

/**
 * An argument of an action: its name in the text, what it may be, and the plainest value, to which shrinking leads.
 *
 * @param name as in {@code name=value}
 * @param least the smallest value
 * @param most the largest
 * @param plain the value of the simplest action of its kind
 * @param words what the values 0, 1, ... are called, or empty for numbers
 */
record Arg(String name, long least, long most, long plain, List<String> words) {
    /** Connections that may exist beside each other. */
    static final int SLOTS = 6;

    static final int HOSTS = 3;
    private static final List<String> OPTIONS =
            TcpOption.ALL.stream().map(TcpOption::name).toList();

    static final Arg HOST = number("host", 0, HOSTS - 1, 0);
    static final Arg PEER = number("peer", 0, HOSTS - 1, 1);
    static final Arg SLOT = number("slot", 0, SLOTS - 1, 0);
    static final Arg END = new Arg(
            "end",
            0,
            2 * SLOTS - 1,
            0,
            List.of("c0", "a0", "c1", "a1", "c2", "a2", "c3", "a3", "c4", "a4", "c5", "a5"));
    static final Arg BYTES = number("bytes", 0, 1 << 24, 1);
    static final Arg NS = number("ns", 0, 100L * 3_600_000_000_000L, 1_000_000);
    static final Arg ON = word("on", "no", "yes");
    static final Arg WAY = word("way", "out", "in", "both");
    static final Arg PERMILLE = number("permille", 0, 1000, 0);
    static final Arg OPTION = new Arg("option", 0, OPTIONS.size() - 1, 0, OPTIONS);
    static final Arg FAMILY = word("family", "4", "6");
    static final Arg CONGESTION = word("congestion", "cubic", "reno");

    static Arg number(String name, long least, long most, long plain) {
        return new Arg(name, least, most, plain, List.of());
    }

    static Arg word(String name, String... words) {
        return new Arg(name, 0, words.length - 1, 0, List.of(words));
    }

    String print(long value) {
        return name + "=" + (words.isEmpty() ? grouped(value) : words.get((int) value));
    }

    private static String grouped(long value) {
        StringBuilder out = new StringBuilder(Long.toString(value));
        int first = value < 0 ? 1 : 0;
        for (int at = out.length() - 3; at > first; at -= 3) {
            out.insert(at, '_');
        }
        return out.toString();
    }

    long parse(String text) {
        if (!words.isEmpty()) {
            int at = words.indexOf(text);
            if (at < 0) {
                throw new IllegalArgumentException(name + " is one of " + words + ": " + text);
            }
            return at;
        }
        long value;
        try {
            value = Long.parseLong(text.replace("_", ""));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + " is a number: " + text, e);
        }
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " is " + least + " .. " + most + ": " + text);
        }
        return value;
    }
}
