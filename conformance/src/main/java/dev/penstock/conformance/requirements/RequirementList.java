package dev.penstock.conformance.requirements;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The requirements of one RFC.
 *
 * @param name as annotations say it, RFC9293
 * @param file {@code conformance/requirements/rfc9293.tsv}
 * @param title of the RFC
 * @param source where the list comes from: the RFC's own summary, or we
 * @param expectedRows how many rows there have to be
 * @param expectedIds how many different ids each family has to have, MUST=69; empty when not counted
 * @param expectedLevels how many rows each level has to have, MUST NOT=9; empty when not counted
 * @param rows in the order of the file
 */
record RequirementList(
        String name,
        Path file,
        String title,
        String source,
        int expectedRows,
        Map<String, Integer> expectedIds,
        Map<String, Integer> expectedLevels,
        List<Row> rows) {
    RequirementList {
        expectedLevels = Map.copyOf(expectedLevels);
        expectedIds = Map.copyOf(expectedIds);
        rows = List.copyOf(rows);
    }

    RequirementList withRows(List<Row> other) {
        return new RequirementList(name, file, title, source, expectedRows, expectedIds, expectedLevels, other);
    }

    /** The RFC's page, at the section when it has a number or a letter. */
    String link(String section) {
        String page = "https://datatracker.ietf.org/doc/html/" + name.toLowerCase(Locale.ROOT);
        if (section.matches("[0-9]+(\\.[0-9]+)*")) {
            return page + "#section-" + section;
        }
        return section.matches("[A-Z](\\.[0-9]+)*") ? page + "#appendix-" + section : page;
    }

    long count(Level level, Status status) {
        return rows.stream()
                .filter(r -> (level == null || r.level() == level) && (status == null || r.status() == status))
                .count();
    }
}
