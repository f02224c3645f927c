package dev.penstock.apps.cli;

import java.io.PrintStream;
import java.util.Locale;

/** A bar on one line of a terminal, drawn over itself; nothing at all elsewhere. One thread. */
final class ProgressBar {
    private static final int WIDTH = 32;
    private static final String CLEAR_LINE = "\r\033[K";

    private final PrintStream out;
    private final boolean terminal;
    private final long total;

    ProgressBar(PrintStream out, boolean terminal, long total) {
        this.out = out;
        this.terminal = terminal;
        this.total = Math.max(1, total);
    }

    /** Draws it for {@code done} bytes after {@code ns}. */
    void show(long done, long ns) {
        if (!terminal) {
            return;
        }
        int filled = (int) Math.min(WIDTH, done * WIDTH / total);
        out.printf(
                Locale.ROOT,
                "%s    [%s%s] %3d %%  %s  %s",
                CLEAR_LINE,
                "#".repeat(filled),
                "-".repeat(WIDTH - filled),
                Math.min(100, done * 100 / total),
                Units.bytes(done),
                Units.rate(done, ns));
        out.flush();
    }

    /** Takes it away. */
    void clear() {
        if (terminal) {
            out.print(CLEAR_LINE);
            out.flush();
        }
    }
}
