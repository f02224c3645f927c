package dev.penstock.apps.cli;

import java.util.Locale;

/** What ping counts, and how it says so. One thread. */
final class PingStatistics {
    private int sent;
    private int received;
    private int errors;
    private long minNs = Long.MAX_VALUE;
    private long maxNs;
    private double sum;
    private double squares;

    void sent() {
        sent++;
    }

    void error() {
        errors++;
    }

    void reply(long rttNs) {
        received++;
        minNs = Math.min(minNs, rttNs);
        maxNs = Math.max(maxNs, rttNs);
        sum += rttNs;
        squares += (double) rttNs * rttNs;
    }

    int sentCount() {
        return sent;
    }

    int receivedCount() {
        return received;
    }

    int errorCount() {
        return errors;
    }

    /** {@code 0.045/0.071/0.112}: the least, the mean and the most, in milliseconds. */
    String minAvgMax() {
        return Units.millis(minNs) + "/" + Units.millis((long) (sum / received)) + "/" + Units.millis(maxNs);
    }

    /** The two last lines of ping, or one when nothing came back. */
    String summary(long elapsedNs) {
        int lost = sent == 0 ? 0 : (int) Math.max(0, Math.round(100.0 * (sent - received) / sent));
        StringBuilder out = new StringBuilder();
        out.append(sent).append(" packets transmitted, ").append(received).append(" received");
        if (errors > 0) {
            out.append(", +").append(errors).append(" errors");
        }
        out.append(", ")
                .append(lost)
                .append("% packet loss, time ")
                .append(elapsedNs / 1_000_000)
                .append("ms");
        if (received > 0) {
            double mean = sum / received;
            double deviation = Math.sqrt(Math.max(0, squares / received - mean * mean));
            out.append(System.lineSeparator())
                    .append("rtt min/avg/max/mdev = ")
                    .append(minAvgMax())
                    .append('/')
                    .append(Units.millis((long) deviation))
                    .append(" ms");
        }
        return out.toString();
    }

    /** A time as ping prints it: three digits that count. */
    static String time(long ns) {
        double ms = ns / 1e6;
        String form = ms >= 99.95 ? "%.0f" : ms >= 9.995 ? "%.1f" : ms >= 0.9995 ? "%.2f" : "%.3f";
        return String.format(Locale.ROOT, form, ms);
    }
}
