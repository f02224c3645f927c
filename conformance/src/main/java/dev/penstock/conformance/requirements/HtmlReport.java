package dev.penstock.conformance.requirements;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** The matrix as one HTML page that needs nothing else: a summary, a filter, and a table for each RFC. */
final class HtmlReport {
    private final StringBuilder out = new StringBuilder();
    private final Matrix matrix;
    private final ReportLinks links;

    private HtmlReport(Matrix matrix, ReportLinks links) {
        this.matrix = matrix;
        this.links = links;
    }

    static String write(Matrix matrix, ReportLinks links) throws IOException {
        return new HtmlReport(matrix, links).page();
    }

    private String page() throws IOException {
        out.append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
                .append("<title>Penstock: requirement matrix</title>\n<style>\n")
                .append(resource("report.css"))
                .append("</style>\n</head>\n<body>\n<main>\n")
                .append("<h1>What the RFCs ask of Penstock, and the tests that hold it to it</h1>\n")
                .append("<p>A row is <b>held</b> when a test fails as soon as the stack does not do it. ")
                .append("Every other row says why there is no such test.</p>\n");
        summary();
        filters();
        out.append("<div class=\"none\">No row fits these filters.</div>\n");
        matrix.lists().forEach(this::list);
        out.append("</main>\n<script>\n").append(resource("report.js")).append("</script>\n</body>\n</html>\n");
        return out.toString();
    }

    private void summary() {
        out.append("<div class=\"scroll\"><table class=\"summary\">\n<thead><tr><th>RFC</th><th></th>")
                .append("<th class=\"number\">rows</th><th></th>");
        for (Status status : Status.values()) {
            out.append("<th class=\"number\" title=\"")
                    .append(escape(status.meaning()))
                    .append("\">")
                    .append(status.text())
                    .append("</th>");
        }
        out.append("</tr></thead>\n<tbody>\n");
        for (RequirementList list : matrix.lists()) {
            line(
                    "<a href=\"#" + anchor(list) + "\">" + escape(name(list)) + "</a>",
                    escape(list.title()),
                    List.of(list),
                    null);
        }
        line("all", "", matrix.lists(), null);
        out.append("</tbody>\n</table></div>\n");
    }

    private void line(String first, String second, List<RequirementList> lists, Level level) {
        long all = lists.stream().mapToLong(l -> l.count(level, null)).sum();
        out.append("<tr><td>").append(first).append("</td><td>").append(second).append("</td><td class=\"number\">");
        out.append(all).append("</td><td><div class=\"bar\">");
        for (Status status : Status.values()) {
            long part = lists.stream().mapToLong(l -> l.count(level, status)).sum();
            if (part > 0) {
                out.append("<span class=\"")
                        .append(css(status))
                        .append("\" style=\"flex:")
                        .append(part)
                        .append("\" title=\"")
                        .append(part)
                        .append(' ')
                        .append(status.text())
                        .append("\"></span>");
            }
        }
        out.append("</div></td>");
        for (Status status : Status.values()) {
            long part = lists.stream().mapToLong(l -> l.count(level, status)).sum();
            out.append("<td class=\"number")
                    .append(part == 0 ? " zero" : "")
                    .append("\">")
                    .append(part)
                    .append("</td>");
        }
        out.append("</tr>\n");
    }

    private void filters() {
        out.append("<div class=\"filters\"><fieldset aria-label=\"status\">");
        for (Status status : Status.values()) {
            out.append("<label title=\"")
                    .append(escape(status.meaning()))
                    .append("\"><input type=\"checkbox\" checked value=\"")
                    .append(css(status))
                    .append("\"> <span class=\"chip ")
                    .append(css(status))
                    .append("\">")
                    .append(status.text())
                    .append("</span></label>");
        }
        out.append("</fieldset>\n<select id=\"level\" aria-label=\"level\"><option value=\"\">all levels</option>");
        for (Level level : Level.values()) {
            out.append("<option>").append(level.text()).append("</option>");
        }
        out.append("</select>\n<select id=\"rfc\" aria-label=\"RFC\"><option value=\"\">all RFCs</option>");
        for (RequirementList list : matrix.lists()) {
            out.append("<option value=\"")
                    .append(anchor(list))
                    .append("\">")
                    .append(escape(name(list)))
                    .append("</option>");
        }
        out.append("</select>\n<input type=\"search\" id=\"search\" placeholder=\"words in any column\" ")
                .append("aria-label=\"words in any column\">\n<output id=\"shown\"></output></div>\n");
    }

    private void list(RequirementList list) {
        out.append("<section class=\"list\">\n<h2 id=\"")
                .append(anchor(list))
                .append("\"><a href=\"")
                .append(list.link(""))
                .append("\">")
                .append(escape(name(list)))
                .append("</a>: ")
                .append(escape(list.title()))
                .append("</h2>\n<p>The list: ")
                .append(escape(list.source()))
                .append(".</p>\n<div class=\"scroll\"><table class=\"summary\">\n<thead><tr><th>level</th><th></th>")
                .append("<th class=\"number\">rows</th><th></th>");
        for (Status status : Status.values()) {
            out.append("<th class=\"number\">").append(status.text()).append("</th>");
        }
        out.append("</tr></thead>\n<tbody>\n");
        for (Level level : Level.values()) {
            if (list.count(level, null) > 0) {
                line(level.text(), "", List.of(list), level);
            }
        }
        line("all", "", List.of(list), null);
        out.append("</tbody>\n</table></div>\n<div class=\"scroll\"><table class=\"rows\">\n<colgroup>")
                .append(
                        "<col><col><col><col><col><col></colgroup>\n<thead><tr><th>id</th><th>level</th><th>section</th>")
                .append("<th>requirement</th><th>status</th><th>test, or reason</th></tr></thead>\n<tbody>\n");
        list.rows().forEach(row -> row(list, row));
        out.append("</tbody>\n</table></div>\n</section>\n");
    }

    private void row(RequirementList list, Row row) {
        String id = anchor(list) + "-" + row.id();
        out.append("<tr id=\"")
                .append(escape(id))
                .append("\" data-status=\"")
                .append(css(row.status()))
                .append("\" data-level=\"")
                .append(row.level().text())
                .append("\" data-rfc=\"")
                .append(anchor(list))
                .append("\"><td class=\"id\"><a href=\"#")
                .append(escape(id))
                .append("\">")
                .append(escape(row.id()))
                .append("</a></td><td>")
                .append(row.level().text())
                .append("</td><td><a href=\"")
                .append(escape(list.link(row.section())))
                .append("\">")
                .append(escape(row.section()))
                .append("</a></td><td>")
                .append(escape(row.text()))
                .append("</td><td><span class=\"chip ")
                .append(css(row.status()))
                .append("\">")
                .append(row.status().text())
                .append("</span></td><td>");
        if (!row.tests().isEmpty()) {
            out.append("<ul class=\"tests\">");
            for (String test : row.tests()) {
                String code = "<code>" + escape(test).replace("#", "<wbr>#") + "</code>";
                String to = links.to(test);
                out.append("<li>")
                        .append(to.isEmpty() ? code : "<a href=\"" + escape(to) + "\">" + code + "</a>")
                        .append("</li>");
            }
            out.append("</ul>");
        }
        out.append(escape(withoutKind(row))).append("</td></tr>\n");
    }

    /** The status says the kind already. */
    private static String withoutKind(Row row) {
        Status kind = Status.ofReason(row.reason());
        return kind == null
                ? row.reason()
                : row.reason().substring(kind.text().length() + 1).strip();
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException(name + " is missing from the program: build it again");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String name(RequirementList list) {
        return list.name().replaceFirst("^RFC", "RFC ");
    }

    private static String anchor(RequirementList list) {
        return escape(list.name().toLowerCase(Locale.ROOT));
    }

    private static String css(Status status) {
        return status.text().replace(' ', '-');
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
