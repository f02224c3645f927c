package dev.penstock.conformance.packetdrill;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The scripts that a command line names: files as they are, directories with all {@code *.pkt} below them, sorted. */
final class ScriptFiles {
    private static final int MAX_DEPTH = 64;
    private static final int MAX_FILES = 1_000_000;
    private static final int HEAD_LINES = 12;
    private static final int MAX_HEAD = 4_096;

    private ScriptFiles() {}

    /** @throws IOException naming what cannot be read, or where there are no scripts */
    static List<Path> find(List<Path> paths) throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path path : paths) {
            if (Files.isDirectory(path)) {
                found.addAll(below(path));
            } else if (!Files.exists(path)) {
                throw new IOException("there is no file " + path);
            } else {
                found.add(path);
            }
        }
        for (Path path : found) {
            if (!Files.isReadable(path) || Files.isDirectory(path)) {
                throw new IOException("cannot read " + path);
            }
        }
        return found;
    }

    private static List<Path> below(Path directory) throws IOException {
        List<Path> scripts;
        try (Stream<Path> walk = Files.walk(directory, MAX_DEPTH)) {
            scripts = walk.filter(p -> p.getFileName().toString().endsWith(".pkt") && Files.isRegularFile(p))
                    .sorted()
                    .limit(MAX_FILES)
                    .toList();
        } catch (UncheckedIOException e) {
            throw new IOException(
                    "cannot read all of " + directory + ": " + e.getCause().getMessage(), e);
        }
        if (scripts.isEmpty()) {
            throw new IOException("there are no scripts (*.pkt) in " + directory);
        }
        return scripts;
    }

    /** A script's bytes; a few more than the parser takes when there are too many. */
    static byte[] read(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            return in.readNBytes(Lexer.MAX_LENGTH + 4);
        }
    }

    /**
     * What a comment at the head of a script names: {@code // profiles: linux bsd} or {@code // families: 4}. Empty if there is
     * none, as in all scripts but our own.
     */
    static List<String> head(byte[] script, String name) {
        int length = Math.min(script.length, MAX_HEAD);
        String begin = "// " + name + ":";
        return new String(script, 0, length, StandardCharsets.ISO_8859_1)
                .lines()
                .limit(HEAD_LINES)
                .filter(line -> line.startsWith(begin))
                .findFirst()
                .map(line -> List.of(line.substring(begin.length()).strip().split("\\s+", -1)))
                .orElse(List.of());
    }
}
