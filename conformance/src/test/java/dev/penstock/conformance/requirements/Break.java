package dev.penstock.conformance.requirements;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A small change of the stack that breaks what requirements ask. As it is written in {@code breaks.txt}:
 *
 * <pre>
 * RFC5961:3.2-1 RFC5961:3.2-2 tcp/SegmentAcceptance.java
 * - the text that is there, once; how it is broken into lines does not matter
 * + what stands there instead; without such a line, nothing
 * </pre>
 *
 * @param rows whose tests have to notice
 * @param file below the stack's root package
 * @param find pieces of the text that has to be in the file exactly once, with white space between them
 * @param put what takes its place
 * @param line in breaks.txt, from 1
 */
record Break(List<String> rows, String file, List<String> find, String put, int line) {
    static final String FILE = Matrix.DIRECTORY + "/breaks.txt";

    Break {
        rows = List.copyOf(rows);
        find = List.copyOf(find);
    }

    /** Reads {@link #FILE} under {@code root}; empty lines and those that begin with a number sign do not count. */
    static List<Break> read(Path root) throws IOException {
        List<Break> breaks = new ArrayList<>();
        List<String> lines = Files.readAllLines(root.resolve(FILE));
        int i = 0;
        while (i < lines.size()) {
            String head = lines.get(i).strip();
            i++;
            if (head.isEmpty() || head.startsWith("#")) {
                continue;
            }
            int at = i;
            List<String> words = Arrays.asList(head.split("\\s+", -1));
            List<String> find = new ArrayList<>();
            List<String> put = new ArrayList<>();
            for (; i < lines.size() && lines.get(i).startsWith("-"); i++) {
                find.add(lines.get(i).substring(1).strip());
            }
            for (; i < lines.size() && lines.get(i).startsWith("+"); i++) {
                put.add(lines.get(i).substring(1).strip());
            }
            if (words.size() < 2 || find.isEmpty()) {
                throw new IOException(FILE + ":" + at + ": rows and a file, then lines with - and +, are expected");
            }
            List<String> rows = words.subList(0, words.size() - 1);
            breaks.add(new Break(rows, words.get(rows.size()), find, String.join("\n", put), at));
        }
        return breaks;
    }

    private Pattern pattern() {
        return Pattern.compile(find.stream()
                .flatMap(l -> Arrays.stream(l.split("\\s+", -1)))
                .map(Pattern::quote)
                .collect(Collectors.joining("\\s+")));
    }

    /** {@code source} with the change, or null if the text is not there exactly once. */
    String apply(String source) {
        Matcher m = pattern().matcher(source);
        if (!m.find()) {
            return null;
        }
        int start = m.start();
        int end = m.end();
        return m.find() ? null : source.substring(0, start) + put + source.substring(end);
    }
}
