package dev.penstock.conformance.requirements;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All lists: {@code conformance/requirements/*.tsv}, and beside them {@code lists.properties}, which says what each file has
 * to contain.
 *
 * @param lists ordered by the number of the RFC
 * @param problems what is wrong with the files themselves, each with the place and the remedy
 */
record Matrix(List<RequirementList> lists, List<String> problems) {
    static final String DIRECTORY = "conformance/requirements";
    static final String COLUMNS = "id\tlevel\tsection\trequirement\ttest\treason";
    private static final String LISTS = "lists.properties";

    /** Reads the files under {@code root}, the repository's directory. */
    static Matrix read(Path root) throws IOException {
        Path directory = root.resolve(DIRECTORY);
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(directory.resolve(LISTS));
                Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8)) {
            properties.load(reader);
        }
        List<String> problems = new ArrayList<>();
        List<RequirementList> lists = new ArrayList<>();
        List<Path> files;
        try (Stream<Path> stream = Files.list(directory)) {
            files = stream.filter(f -> f.getFileName().toString().endsWith(".tsv"))
                    .toList();
        }
        for (Path file : files) {
            lists.add(readList(file, properties, problems));
        }
        TreeSet<String> named = properties.stringPropertyNames().stream()
                .map(k -> k.substring(0, k.indexOf('.')))
                .collect(Collectors.toCollection(TreeSet::new));
        lists.forEach(l -> named.remove(l.name().toLowerCase(Locale.ROOT)));
        for (String missing : named) {
            problems.add(DIRECTORY + "/" + LISTS + ": speaks of " + missing + ", but there is no " + missing
                    + ".tsv: write it, or take its lines out");
        }
        lists.sort((a, b) -> Integer.compare(number(a.name()), number(b.name())));
        return new Matrix(List.copyOf(lists), List.copyOf(problems));
    }

    private static int number(String name) {
        String digits = name.replaceAll("[^0-9]", "");
        return digits.isEmpty() || digits.length() > 8 ? Integer.MAX_VALUE : Integer.parseInt(digits);
    }

    private static RequirementList readList(Path file, Properties properties, List<String> problems)
            throws IOException {
        String fileName = file.getFileName().toString();
        String key = fileName.substring(0, fileName.length() - ".tsv".length());
        List<Row> rows = new ArrayList<>();
        try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            String line = reader.readLine();
            if (!COLUMNS.equals(line)) {
                problems.add(
                        place(fileName, 1) + "the first line has to be the names of the columns, tabs between them: "
                                + COLUMNS.replace('\t', ' '));
            }
            int number = 1;
            while ((line = reader.readLine()) != null) {
                Row row = parse(line, ++number, fileName, problems);
                if (row != null) {
                    rows.add(row);
                }
            }
        }
        int expected = -1;
        String text = properties.getProperty(key + ".rows", "");
        if (text.matches("[0-9]{1,5}")) {
            expected = Integer.parseInt(text);
        } else {
            problems.add(DIRECTORY + "/" + LISTS + ": says nothing about " + fileName + ": add " + key
                    + ".rows = (a number), " + key + ".title and " + key + ".source");
        }
        return new RequirementList(
                key.toUpperCase(Locale.ROOT),
                file,
                properties.getProperty(key + ".title", ""),
                properties.getProperty(key + ".source", ""),
                expected,
                counts(key + ".ids", properties, problems),
                counts(key + ".levels", properties, problems),
                rows);
    }

    private static Map<String, Integer> counts(String key, Properties properties, List<String> problems) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        String text = properties.getProperty(key, "").strip();
        for (String part : text.isEmpty() ? new String[0] : text.split("\\s*,\\s*")) {
            if (part.matches("[^=]+=[0-9]{1,5}")) {
                int equals = part.indexOf('=');
                counts.put(part.substring(0, equals), Integer.valueOf(part.substring(equals + 1)));
            } else {
                problems.add(DIRECTORY + "/" + LISTS + ": " + key + " has \"" + part
                        + "\": write it as MUST=60, MUST NOT=9, SHOULD=31");
            }
        }
        return counts;
    }

    private static Row parse(String line, int number, String fileName, List<String> problems) {
        String[] cells = line.split("\t", -1);
        String place = place(fileName, number);
        if (cells.length != 6) {
            problems.add(place + "has " + cells.length + " columns, not 6 (" + COLUMNS.replace('\t', ' ')
                    + "): separate them by single tabs, and leave empty ones empty");
            return null;
        }
        Level level = Level.of(cells[1]);
        if (level == null) {
            problems.add(place + "the level is \"" + cells[1] + "\": one of "
                    + Arrays.stream(Level.values()).map(Level::text).collect(Collectors.joining(", ")));
            return null;
        }
        for (int i = 0; i < 4; i++) {
            if (cells[i].isBlank()) {
                problems.add(place + "column " + COLUMNS.split("\t", -1)[i] + " is empty: fill it in");
                return null;
            }
        }
        if (!cells[0].matches("\\S+") || cells[0].contains(",") || cells[0].contains(":")) {
            problems.add(place + "the id \"" + cells[0] + "\" has a space, comma or colon: write it without");
            return null;
        }
        List<String> tests = cells[4].isBlank()
                ? List.of()
                : Arrays.stream(cells[4].split(",")).map(String::strip).toList();
        return new Row(cells[0], level, cells[2], cells[3], tests, cells[5].strip(), number);
    }

    static String place(String fileName, int line) {
        return DIRECTORY + "/" + fileName + ":" + line + ": ";
    }

    /** Writes a list to its file, as it stands. */
    static void write(RequirementList list) throws IOException {
        StringBuilder text = new StringBuilder(COLUMNS).append('\n');
        for (Row row : list.rows()) {
            text.append(row.id())
                    .append('\t')
                    .append(row.level().text())
                    .append('\t')
                    .append(row.section())
                    .append('\t')
                    .append(row.text())
                    .append('\t')
                    .append(String.join(", ", row.tests()))
                    .append('\t')
                    .append(row.reason())
                    .append('\n');
        }
        Files.writeString(list.file(), text, StandardCharsets.UTF_8);
    }
}
