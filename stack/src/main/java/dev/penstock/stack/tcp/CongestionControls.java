package dev.penstock.stack.tcp;

import dev.penstock.stack.base.RandomSource;
import java.util.List;

/** The congestion controls by name, as the TCP_CONGESTION option chooses them. */
public final class CongestionControls {
    /** What a connection uses that chooses none: CUBIC (RFC 9438). */
    public static final String DEFAULT = "cubic";

    private static final List<String> NAMES = List.of(DEFAULT, "reno", "bbr", "none");

    private CongestionControls() {}

    /** "cubic" (RFC 9438), "reno" (RFC 5681), "bbr" (draft-ietf-ccwg-bbr), and "none" for simulations alone. */
    public static List<String> names() {
        return NAMES;
    }

    /**
     * Answers {@code name} if there is such a congestion control.
     *
     * @throws IllegalArgumentException if not; it names those that there are
     */
    public static String check(String name) {
        if (name == null || !NAMES.contains(name)) {
            throw new IllegalArgumentException(
                    "TCP_CONGESTION must be one of " + String.join(", ", NAMES) + ": '" + name + "'");
        }
        return name;
    }

    static CongestionControl create(String name) {
        return create(name, new TcpConfig());
    }

    static CongestionControl create(String name, TcpConfig config) {
        return create(name, config, RandomSource.seeded(0));
    }

    /** @param random spreads the probing of connections that use "bbr" */
    static CongestionControl create(String name, TcpConfig config, RandomSource random) {
        return switch (check(name)) {
            case "reno" -> new NewReno(config);
            case "bbr" -> new Bbr(config, random);
            case "none" -> new FixedWindow();
            default -> new Cubic(config);
        };
    }
}
