package dev.penstock.apps.cli;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.StackCounter;
import java.util.Locale;

/** What the demo says. */
final class DemoReport {
    private final Console console;

    DemoReport(Console console) {
        this.console = console;
    }

    /** Once, not again in the process that runs inside the user namespace. */
    void title() {
        if (!DemoCommand.isUnshared()) {
            console.line("Penstock demo: a TCP/IP stack in Java, and someone to talk to it");
        }
    }

    void setting(String what, String value) {
        console.line(String.format(Locale.ROOT, "  %-9s  %s", what, value));
    }

    void step(String command) {
        console.line("");
        console.line("  $ " + command);
    }

    void result(String text) {
        console.line("    " + text);
    }

    ProgressBar bar(long total) {
        return new ProgressBar(console.out(), console.outIsTerminal(), total);
    }

    void transfer(long bytes, long ns) {
        result(String.format(Locale.ROOT, "%,d bytes in %.2f s: %s", bytes, ns / 1e9, Units.rate(bytes, ns)));
    }

    /** Compares and says so. */
    boolean hash(String sent, String fetched) {
        boolean equal = sent.equals(fetched);
        result("SHA-256 " + fetched.substring(0, 16) + "... " + (equal ? "equal" : "NOT EQUAL: expected " + sent));
        return equal;
    }

    void counters(Counters c) {
        console.line("");
        console.line(String.format(
                Locale.ROOT,
                "  The stack took in %,d frames and sent %,d; it retransmitted %,d TCP segments.",
                c.get(StackCounter.FRAMES_IN),
                c.get(StackCounter.FRAMES_OUT),
                c.get(StackCounter.TCP_RETRANS_SEGS)));
        // What a user sees of these is the kernel's own IPv6 chatter, as a rule: better named than only counted.
        console.line("  Dropped, by reason: " + Units.drops(c));
    }

    void verdict(boolean good) {
        console.line(
                good
                        ? "  Everything worked, and everything made for it is gone. Next: ./penstock up --help"
                        : "  Something did not work: see above.");
    }
}
