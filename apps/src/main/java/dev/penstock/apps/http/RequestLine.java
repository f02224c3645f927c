package dev.penstock.apps.http;

import java.util.Locale;

/**
 * A checked request line (RFC 9112, section 3).
 *
 * @param method a token
 * @param target as it came
 * @param path percent-encoded, begins with a slash, or is "*"; empty for the authority form
 * @param query percent-encoded, or null
 * @param authority of the absolute or authority form, or null
 * @param minor the minor version
 */
record RequestLine(String method, String target, String path, String query, String authority, int minor) {

    /** Parses a line without its CRLF; each character is one byte. */
    static RequestLine parse(String line) throws HttpException {
        int first = line.indexOf(' ');
        int last = line.lastIndexOf(' ');
        // "request-line = method SP request-target SP HTTP-version"; lenient white space is how requests are smuggled.
        if (first <= 0 || first == last || line.indexOf(' ', first + 1) != last) {
            throw HttpException.fatal(400, "the request line is not 'METHOD TARGET VERSION'");
        }
        String method = line.substring(0, first);
        if (!HttpHeaders.isToken(method)) {
            throw HttpException.fatal(400, "the method is not a token");
        }
        int minor = version(line.substring(last + 1));
        String target = line.substring(first + 1, last);
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == '#') {
                throw HttpException.fatal(400, "the request target holds a character that must be encoded");
            }
        }
        return split(method, target, minor);
    }

    /** {@code HTTP-version = "HTTP" "/" DIGIT "." DIGIT}. */
    private static int version(String text) throws HttpException {
        if (text.length() != 8 || !text.startsWith("HTTP/") || text.charAt(6) != '.') {
            throw HttpException.fatal(400, "not an HTTP version");
        }
        char major = text.charAt(5);
        char minor = text.charAt(7);
        if (major < '0' || major > '9' || minor < '0' || minor > '9') {
            throw HttpException.fatal(400, "not an HTTP version");
        }
        if (major != '1') {
            throw HttpException.fatal(505, "this server speaks HTTP/1.1");
        }
        return minor - '0';
    }

    private static RequestLine split(String method, String target, int minor) throws HttpException {
        if (target.startsWith("/")) {
            return withPath(method, target, target, null, minor);
        }
        if (target.equals("*")) {
            if (!method.equals("OPTIONS")) {
                throw HttpException.fatal(400, "the target '*' is for OPTIONS");
            }
            return new RequestLine(method, target, "*", null, null, minor);
        }
        if (method.equals("CONNECT")) {
            return new RequestLine(method, target, "", null, checkedAuthority(target), minor);
        }
        // "a server MUST accept the absolute-form in requests".
        String lower = target.toLowerCase(Locale.ROOT);
        int begin = lower.startsWith("http://") ? 7 : lower.startsWith("https://") ? 8 : -1;
        if (begin < 0) {
            throw HttpException.fatal(400, "the request target is neither a path nor an http URI");
        }
        int end = begin;
        while (end < target.length() && target.charAt(end) != '/' && target.charAt(end) != '?') {
            end++;
        }
        String authority = checkedAuthority(target.substring(begin, end));
        if (authority.isEmpty()) {
            throw HttpException.fatal(400, "the request target has no host");
        }
        String rest = target.substring(end);
        return withPath(method, target, rest.startsWith("/") ? rest : "/" + rest, authority, minor);
    }

    private static RequestLine withPath(String method, String target, String rest, String authority, int minor) {
        int q = rest.indexOf('?');
        String path = q < 0 ? rest : rest.substring(0, q);
        String query = q < 0 ? null : rest.substring(q + 1);
        return new RequestLine(method, target, path, query, authority, minor);
    }

    /** {@code uri-host [ ":" port ]}, the characters of it; no user information. */
    static String checkedAuthority(String text) throws HttpException {
        int close = text.startsWith("[") ? text.indexOf(']') : -1;
        int colon = text.indexOf(':', close + 1);
        int hostEnd = colon < 0 ? text.length() : colon;
        boolean good = !text.startsWith("[") || (close > 0 && hostEnd == close + 1);
        for (int i = 0; good && i < text.length(); i++) {
            char c = text.charAt(i);
            if (i > hostEnd) {
                good = c >= '0' && c <= '9';
            } else if (i < hostEnd && close < 0) {
                good = (HttpHeaders.isTokenChar(c) && "^`|#".indexOf(c) < 0) || "();=,".indexOf(c) >= 0;
            } else if (i > 0 && i < close) {
                good = Character.digit(c, 16) >= 0 || c == ':' || c == '.';
            }
        }
        if (!good || text.length() > 300) {
            throw HttpException.fatal(400, "not a valid host");
        }
        return text;
    }
}
