package dev.penstock.apps.http;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** A directory as an HTML page. */
final class DirectoryPage {
    /** Names beyond this are not listed, and the page says so. */
    static final int MOST = 5_000;

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm", Locale.US);
    private static final String STYLE =
            """
            :root{color-scheme:light dark}
            body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
            table{border-collapse:collapse;width:100%}
            th,td{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #8884;overflow-wrap:anywhere}
            td+td,th+th{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
            footer{margin-top:1rem;opacity:.6}
            """;

    private record Entry(String name, boolean directory, long size, String modified) {}

    private DirectoryPage() {}

    /**
     * The page, UTF-8.
     *
     * @param title the decoded path, ending in a slash
     * @param top whether it is the root, which has no parent
     */
    static byte[] render(Path directory, String title, boolean top) throws IOException {
        List<Entry> entries = new ArrayList<>();
        boolean more = read(directory, entries);
        entries.sort(Comparator.comparing((Entry e) -> !e.directory()).thenComparing(Entry::name));
        String shown = escape(title);
        StringBuilder out = new StringBuilder(1024 + 128 * entries.size());
        out.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width\">\n<title>Index of ")
                .append(shown)
                .append("</title>\n<style>\n")
                .append(STYLE)
                .append("</style>\n</head>\n<body>\n<h1>Index of ")
                .append(shown)
                .append("</h1>\n<table>\n<tr><th>Name</th><th>Size</th><th>Modified (UTC)</th></tr>\n");
        if (!top) {
            out.append("<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n");
        }
        for (Entry e : entries) {
            String slash = e.directory() ? "/" : "";
            // "./" keeps a name with a colon from being read as a scheme.
            out.append("<tr><td><a href=\"./")
                    .append(PathResolver.encode(e.name()))
                    .append(slash)
                    .append("\">")
                    .append(escape(e.name()))
                    .append(slash)
                    .append("</a></td><td>")
                    .append(e.directory() ? "" : size(e.size()))
                    .append("</td><td>")
                    .append(e.modified())
                    .append("</td></tr>\n");
        }
        out.append("</table>\n");
        if (more) {
            out.append("<p>Only the first ").append(MOST).append(" entries are shown.</p>\n");
        }
        out.append("<footer>").append(entries.size()).append(entries.size() == 1 ? " entry" : " entries");
        return out.append(" · served by Penstock</footer>\n</body>\n</html>\n")
                .toString()
                .getBytes(StandardCharsets.UTF_8);
    }

    private static boolean read(Path directory, List<Entry> into) throws IOException {
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            for (Path path : stream) {
                if (into.size() == MOST) {
                    return true;
                }
                try {
                    BasicFileAttributes a = Files.readAttributes(path, BasicFileAttributes.class);
                    if (a.isDirectory() || a.isRegularFile()) {
                        String modified =
                                TIME.format(a.lastModifiedTime().toInstant().atOffset(ZoneOffset.UTC));
                        into.add(new Entry(path.getFileName().toString(), a.isDirectory(), a.size(), modified));
                    }
                } catch (IOException e) {
                    // A dangling link, or gone in the meantime: nothing to list.
                }
            }
        }
        return false;
    }

    /** Bytes as people read them: 17 B, 1.5 KiB, 20 MiB. */
    static String size(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        double value = bytes;
        int unit = -1;
        while (value >= 1024 && unit < 4) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, value < 10 ? "%.1f %siB" : "%.0f %siB", value, "KMGTP".charAt(unit));
    }

    /** Text inside HTML elements and quoted attributes. */
    static String escape(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> out.append(c);
            }
        }
        return out.toString();
    }
}
