package dev.penstock.apps.http;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Lines in the common log format, safe to print: what a client sent cannot put control characters into a terminal. */
final class AccessLog {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.US);

    private AccessLog() {}

    static String line(Instant now, String peer, HttpRequest request, HttpResponse response) {
        StringBuilder out = new StringBuilder(128);
        out.append(peer).append(" - - [");
        TIME.formatTo(now.atOffset(ZoneOffset.UTC), out);
        out.append("] \"");
        if (request == null) {
            out.append('-');
        } else {
            clean(out, request.method() + " " + request.target());
            out.append(" HTTP/1.").append(request.minorVersion());
        }
        return out.append("\" ")
                .append(response.status())
                .append(' ')
                .append(response.contentSent())
                .toString();
    }

    private static void clean(StringBuilder out, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c >= 0x7f || c == '"' || c == '\\') {
                out.append(String.format(Locale.ROOT, "\\x%02x", (int) c));
            } else {
                out.append(c);
            }
        }
    }
}
