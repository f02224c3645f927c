package dev.penstock.apps.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a command reads and writes.
 *
 * @param in its input, bytes
 * @param out its output
 * @param err errors, progress and remarks
 * @param outIsTerminal a person watches {@code out}
 * @param errIsTerminal a person watches {@code err}
 */
record Console(InputStream in, PrintStream out, PrintStream err, boolean outIsTerminal, boolean errIsTerminal) {

    /** The process's own. */
    static Console system() {
        return new Console(System.in, System.out, System.err, isTerminal(1), isTerminal(2));
    }

    /** {@code System.console()} answers for both at once and, from JDK 22, for neither; so the kernel is asked. */
    private static boolean isTerminal(int fd) {
        try {
            String target =
                    Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString();
            return target.matches("/dev/(pts/.*|tty.*|console)");
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    /** Prints a line and makes sure that it is out. */
    void line(String text) {
        out.println(text);
        out.flush();
    }
}
