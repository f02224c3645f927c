package dev.penstock.apps.cli;

import dev.penstock.apps.trace.TcpTraceCsv;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The file of {@code --trace}. */
final class TraceOutput {
    private TraceOutput() {}

    /** Opens it for writing; what was there is lost. */
    static TcpTraceCsv open(Path file) throws CliException {
        try {
            return new TcpTraceCsv(Files.newBufferedWriter(file, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw CliException.failed(
                    "cannot write the trace " + file + " (" + e.getClass().getSimpleName() + "): choose another file");
        }
    }

    /** Ends it; a disk that was full is told, but is no reason to fail. */
    static void close(TcpTraceCsv trace, Console console) {
        if (trace == null) {
            return;
        }
        boolean limited = trace.isOver();
        try {
            trace.close();
            if (limited) {
                console.err()
                        .println("penstock: the trace has reached its limit of size: what came later is not in it");
            }
        } catch (IOException e) {
            console.err().println("penstock: the trace is not complete (" + e.getMessage() + "): is the disk full?");
        }
    }
}
