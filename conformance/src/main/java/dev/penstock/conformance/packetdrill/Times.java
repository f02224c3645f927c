package dev.penstock.conformance.packetdrill;

import java.util.Locale;

/** Times of scripts as text. */
final class Times {
    private Times() {}

    /** Seconds with as many digits as a script needs: {@code 1.204}, {@code 0.000012}. */
    static String text(long ns) {
        String text = String.format(Locale.ROOT, "%.6f", ns / 1e9);
        return text.endsWith("000") ? text.substring(0, text.length() - 3) : text;
    }
}
