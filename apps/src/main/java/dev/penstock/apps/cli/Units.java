package dev.penstock.apps.cli;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import java.util.Locale;

/** Numbers for people. */
final class Units {

    private Units() {}

    /** 17 B, 1.5 KiB, 20 MiB. */
    static String bytes(long bytes) {
        if (bytes < 1024) {
            return String.format(Locale.ROOT, "%d B", bytes);
        }
        double value = bytes;
        int unit = -1;
        while (value >= 1024 && unit < 4) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, value < 10 ? "%.1f %siB" : "%.0f %siB", value, "KMGTP".charAt(unit));
    }

    /** Bits a second of {@code bytes} in {@code ns}: 12.3 Gbit/s. */
    static String rate(long bytes, long ns) {
        double bits = bytes * 8e9 / Math.max(1, ns);
        if (bits >= 1e9) {
            return String.format(Locale.ROOT, "%.1f Gbit/s", bits / 1e9);
        }
        return String.format(Locale.ROOT, bits >= 1e6 ? "%.0f Mbit/s" : "%.2f Mbit/s", bits / 1e6);
    }

    /** What was dropped: {@code UDP_NO_PORT 3, TCP_NO_SOCKET 1}, or {@code none}. */
    static String drops(Counters counters) {
        StringBuilder out = new StringBuilder();
        for (DropReason reason : DropReason.values()) {
            if (counters.get(reason) != 0) {
                out.append(out.length() == 0 ? "" : ", ")
                        .append(reason)
                        .append(' ')
                        .append(counters.get(reason));
            }
        }
        return out.length() == 0 ? "none" : out.toString();
    }

    /** Milliseconds with three places, as ping prints them. */
    static String millis(long ns) {
        return String.format(Locale.ROOT, "%.3f", ns / 1e6);
    }

    /**
     * Bytes from text: a number, or one with K, M or G behind it (powers of 1024).
     *
     * @throws IllegalArgumentException for any other text, and for 0
     */
    static long parseBytes(String text) {
        if (!text.matches("[1-9][0-9]{0,11}[kKmMgG]?")) {
            throw new IllegalArgumentException("not a size: '" + text + "' (write 1000, 64K, 100M or 1G)");
        }
        char last = Character.toUpperCase(text.charAt(text.length() - 1));
        int shift = last == 'K' ? 10 : last == 'M' ? 20 : last == 'G' ? 30 : 0;
        return Long.parseLong(shift == 0 ? text : text.substring(0, text.length() - 1)) << shift;
    }
}
