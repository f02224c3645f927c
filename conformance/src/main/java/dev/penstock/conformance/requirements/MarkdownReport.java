package dev.penstock.conformance.requirements;

import java.util.List;

/** The matrix as Markdown, for a repository's pages. */
final class MarkdownReport {
    private MarkdownReport() {}

    static String write(Matrix matrix, ReportLinks links) {
        StringBuilder out = new StringBuilder("# What the RFCs ask of Penstock, and the tests that hold it to it\n\n");
        out.append(
                "A row is *held* when a test fails as soon as the stack does not do it; every other row says why there"
                        + " is no such test.\n\n");
        out.append("| RFC | rows |");
        for (Status status : Status.values()) {
            out.append(' ').append(status.text()).append(" |");
        }
        out.append("\n|---|---:|")
                .append("---:|".repeat(Status.values().length))
                .append('\n');
        for (RequirementList list : matrix.lists()) {
            line(out, "[" + name(list) + "](#" + list.name().toLowerCase(java.util.Locale.ROOT) + ")", List.of(list));
        }
        line(out, "all", matrix.lists());
        out.append('\n');
        for (Status status : Status.values()) {
            out.append("- **")
                    .append(status.text())
                    .append("**: ")
                    .append(status.meaning())
                    .append('\n');
        }
        matrix.lists().forEach(list -> list(out, list, links));
        return out.toString();
    }

    private static void line(StringBuilder out, String title, List<RequirementList> lists) {
        out.append("| ")
                .append(title)
                .append(" | ")
                .append(lists.stream().mapToLong(l -> l.count(null, null)).sum())
                .append(" |");
        for (Status status : Status.values()) {
            out.append(' ')
                    .append(lists.stream().mapToLong(l -> l.count(null, status)).sum())
                    .append(" |");
        }
        out.append('\n');
    }

    private static String name(RequirementList list) {
        return list.name().replaceFirst("^RFC", "RFC ");
    }

    private static void list(StringBuilder out, RequirementList list, ReportLinks links) {
        out.append("\n<a id=\"")
                .append(list.name().toLowerCase(java.util.Locale.ROOT))
                .append("\"></a>\n\n## ")
                .append(name(list))
                .append(": ")
                .append(escape(list.title()))
                .append("\n\nThe list: ")
                .append(escape(list.source()))
                .append(".\n\n| level | rows | held |\n|---|---:|---:|\n");
        for (Level level : Level.values()) {
            if (list.count(level, null) > 0) {
                out.append("| ")
                        .append(level.text())
                        .append(" | ")
                        .append(list.count(level, null))
                        .append(" | ")
                        .append(list.count(level, Status.HELD))
                        .append(" |\n");
            }
        }
        out.append("\n| id | level | section | requirement | status | test, or reason |\n|---|---|---|---|---|---|\n");
        for (Row row : list.rows()) {
            out.append("| ")
                    .append(escape(row.id()))
                    .append(" | ")
                    .append(row.level().text())
                    .append(" | [")
                    .append(escape(row.section()))
                    .append("](")
                    .append(list.link(row.section()))
                    .append(") | ")
                    .append(escape(row.text()))
                    .append(" | ")
                    .append(row.status().text())
                    .append(" | ");
            for (String test : row.tests()) {
                String to = links.to(test);
                out.append(test.equals(row.tests().get(0)) ? "" : "<br>")
                        .append(to.isEmpty() ? "`" + test + "`" : "[`" + test + "`](" + to + ")");
            }
            out.append(escape(row.reason())).append(" |\n");
        }
    }

    private static String escape(String text) {
        return text.replace("\\", "\\\\")
                .replace("|", "\\|")
                .replace("*", "\\*")
                .replace("_", "\\_")
                .replace("<", "&lt;")
                .replace("`", "\\`");
    }
}
