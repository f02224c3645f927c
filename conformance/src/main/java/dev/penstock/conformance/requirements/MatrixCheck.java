package dev.penstock.conformance.requirements;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Whether lists and tests agree. Each finding names the place and what to do. */
final class MatrixCheck {
    private static final String SYNC =
            "run './penstock conformance sync', which writes the column from the annotations";

    private final Matrix matrix;
    private final List<TestMethod> tests;
    private final List<String> problems = new ArrayList<>();
    /** By requirement, the names as the column has them. */
    private final Map<String, Set<String>> claims = new HashMap<>();

    private MatrixCheck(Matrix matrix, List<TestMethod> tests) {
        this.matrix = matrix;
        this.tests = tests;
    }

    /** What is wrong; empty when nothing is. */
    static List<String> run(Matrix matrix, List<TestMethod> tests) {
        MatrixCheck check = new MatrixCheck(matrix, tests);
        check.problems.addAll(matrix.problems());
        check.tests();
        matrix.lists().forEach(check::list);
        return List.copyOf(check.problems);
    }

    /**
     * The matrix with the tests that the annotations name, and no others. Reasons stay: a row with both a test and a
     * reason is for a person to decide.
     */
    static Matrix synced(Matrix matrix, List<TestMethod> tests) {
        Map<String, Set<String>> claims = claims(tests);
        List<RequirementList> lists = matrix.lists().stream()
                .map(list -> list.withRows(list.rows().stream()
                        .map(row ->
                                row.withTests(List.copyOf(claims.getOrDefault(list.name() + ":" + row.id(), Set.of()))))
                        .toList()))
                .toList();
        return new Matrix(lists, matrix.problems());
    }

    /** The name of a test as the column has it: without the package, unless classes of that name are in two packages. */
    static String columnName(TestMethod test, Set<String> ambiguous) {
        return ambiguous.contains(simpleClass(test)) ? test.fullName() : test.shortName();
    }

    static Set<String> ambiguous(List<TestMethod> tests) {
        Map<String, Set<String>> byName = new HashMap<>();
        tests.forEach(t ->
                byName.computeIfAbsent(simpleClass(t), k -> new HashSet<>()).add(t.className()));
        return byName.entrySet().stream()
                .filter(e -> e.getValue().size() > 1)
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    private static String simpleClass(TestMethod test) {
        String name = test.shortName();
        return name.contains("#") ? name.substring(0, name.indexOf('#')) : name;
    }

    private static Map<String, Set<String>> claims(List<TestMethod> tests) {
        Set<String> ambiguous = ambiguous(tests);
        Map<String, Set<String>> claims = new HashMap<>();
        for (TestMethod test : tests) {
            for (String requirement : test.requirements()) {
                claims.computeIfAbsent(requirement, k -> new TreeSet<>()).add(columnName(test, ambiguous));
            }
        }
        return claims;
    }

    private void tests() {
        claims.putAll(claims(tests));
        Map<String, Row> rows = new TreeMap<>();
        matrix.lists().forEach(list -> list.rows().forEach(row -> rows.put(list.name() + ":" + row.id(), row)));
        for (TestMethod test : tests) {
            if (!test.trouble().isEmpty()) {
                problems.add(test.place() + test.shortName() + " carries @Requirement, but " + test.trouble()
                        + ": it holds nothing so");
            }
            Set<String> once = new HashSet<>();
            for (String requirement : test.requirements()) {
                if (!once.add(requirement)) {
                    problems.add(test.place() + test.shortName() + " names " + requirement + " twice: once is enough");
                }
                if (!rows.containsKey(requirement)) {
                    problems.add(test.place() + test.shortName() + " names " + requirement + ", which is no row of "
                            + Matrix.DIRECTORY + similar(requirement, rows.keySet()));
                }
            }
        }
    }

    private static String similar(String requirement, Set<String> ids) {
        if (!requirement.matches("RFC[0-9]+:\\S+")) {
            return ": write it as RFC9293:MUST-12";
        }
        List<String> parts =
                ids.stream().filter(id -> id.startsWith(requirement + ".")).toList();
        return parts.isEmpty()
                ? ": correct the id, or add the row"
                : ": it is listed several times, say which: " + String.join(", ", parts);
    }

    private void list(RequirementList list) {
        String fileName = list.file().getFileName().toString();
        Map<String, Integer> lines = new HashMap<>();
        for (Row row : list.rows()) {
            String place = Matrix.place(fileName, row.line()) + row.id() + " ";
            Integer first = lines.putIfAbsent(row.id(), row.line());
            if (first != null) {
                problems.add(place + "is the id of line " + first + ", too: give each row its own; where the RFC "
                        + "itself lists one several times, " + row.id() + ".1 and " + row.id() + ".2");
            }
            row(place, row, claims.getOrDefault(list.name() + ":" + row.id(), Set.of()));
        }
        counts(list, fileName);
    }

    private void row(String place, Row row, Set<String> claimed) {
        for (String test : row.tests()) {
            if (!claimed.contains(test)) {
                problems.add(place + "names the test " + test
                        + ", which is not there or does not carry this id in @Requirement: annotate it, then " + SYNC);
            }
        }
        for (String test : claimed) {
            if (!row.tests().contains(test)) {
                problems.add(place + "does not name " + test + ", which carries its id: " + SYNC);
            }
        }
        if (row.tests().isEmpty() && claimed.isEmpty() && row.reason().isEmpty()) {
            problems.add(
                    place + "has neither a test nor a reason: write a test with @Requirement, or say in the column "
                            + "reason why there is none");
        }
        if (!row.reason().isEmpty() && Status.ofReason(row.reason()) == null) {
            problems.add(place + "has a reason that does not begin with what kind it is: write \"not done: ...\", "
                    + "\"not chosen: ...\", \"not applicable: ...\" or \"not tested: ...\"");
        }
        if (!row.reason().isEmpty() && !claimed.isEmpty()) {
            problems.add(place + "has both tests and a reason why there is none: take out one of them");
        }
    }

    private void counts(RequirementList list, String fileName) {
        String place = Matrix.DIRECTORY + "/" + fileName + ": ";
        String remedy = ": restore the rows, or correct lists.properties if the list itself has changed";
        if (list.expectedRows() >= 0 && list.rows().size() != list.expectedRows()) {
            problems.add(place + "has " + list.rows().size() + " rows, not the " + list.expectedRows() + " of "
                    + list.source() + remedy);
        }
        Map<String, Set<String>> ids = new TreeMap<>();
        Map<String, Integer> levels = new TreeMap<>();
        for (Row row : list.rows()) {
            ids.computeIfAbsent(row.family(), k -> new HashSet<>()).add(row.base());
            levels.merge(row.level().text(), 1, Integer::sum);
        }
        Map<String, Integer> sizes = new TreeMap<>();
        ids.forEach((family, all) -> sizes.put(family, all.size()));
        counts(place + "different ids ", sizes, list.expectedIds(), list.source() + remedy);
        counts(place + "rows of level ", levels, list.expectedLevels(), list.source() + remedy);
    }

    private void counts(String what, Map<String, Integer> is, Map<String, Integer> expected, String remedy) {
        if (expected.isEmpty()) {
            return;
        }
        Set<String> names = new TreeSet<>(is.keySet());
        names.addAll(expected.keySet());
        for (String name : names) {
            int have = is.getOrDefault(name, 0);
            int want = expected.getOrDefault(name, 0);
            if (have != want) {
                problems.add(what + name + ": " + have + ", not the " + want + " of " + remedy);
            }
        }
    }
}
