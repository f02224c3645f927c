package dev.penstock.conformance.fuzz;

import dev.penstock.apps.trace.TcpTraceCsv;
import dev.penstock.apps.trace.TracePlot;
import dev.penstock.conformance.packetdrill.ScriptProbe;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Readers of files: whatever is in them, it is taken or refused with a message. */
final class TextTargets {
    private static Path directory;

    private TextTargets() {}

    private static synchronized Path directory() throws IOException {
        if (directory == null) {
            directory = Files.createTempDirectory("penstock-fuzz-");
            Runtime.getRuntime().addShutdownHook(new Thread(TextTargets::clean));
        }
        return directory;
    }

    private static void clean() {
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(directory);
        } catch (IOException e) {
            // A file of a few bytes stays in the directory for such.
        }
    }

    /** {@code penstock trace}: the reader of CSV traces, and the plotter behind it. The first byte chooses the direction. */
    static void trace(FuzzInput in) throws IOException {
        TracePlot.Direction[] directions = TracePlot.Direction.values();
        TracePlot.Direction direction = directions[in.below(directions.length)];
        Path csv = directory().resolve("trace.csv");
        Path svg = directory().resolve("trace.svg");
        byte[] text = in.rest();
        // The header is a line of 200 bytes that no fuzzer should have to find.
        if (text.length > 0 && text[0] == '~') {
            byte[] header = header();
            byte[] whole = Arrays.copyOf(header, header.length + text.length - 1);
            System.arraycopy(text, 1, whole, header.length, text.length - 1);
            text = whole;
        }
        Files.write(csv, text);
        try {
            String drawn = TracePlot.draw(csv, svg, 0, direction);
            String picture = Files.readString(svg);
            if (drawn.isEmpty() || !picture.contains("<svg") || picture.contains("NaN")) {
                throw new IllegalStateException("no picture: " + drawn);
            }
        } catch (IOException e) {
            if (e.getMessage() == null) {
                throw new IllegalStateException("refused without a word", e);
            }
        }
    }

    static void script(FuzzInput in) {
        ScriptProbe.probe(in.rest());
    }

    private static byte[] header() throws IOException {
        StringBuilder text = new StringBuilder();
        new TcpTraceCsv(text).close();
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }
}
