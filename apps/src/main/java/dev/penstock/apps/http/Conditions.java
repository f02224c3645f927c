package dev.penstock.apps.http;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Evaluates conditional requests (RFC 9110, section 13) against a representation with a strong entity tag. */
final class Conditions {
    /** Go on with the method. */
    static final int PROCEED = 0;
    /** Answer 304. */
    static final int NOT_MODIFIED = 304;
    /** Answer 412. */
    static final int FAILED = 412;

    private Conditions() {}

    /** The precedence of RFC 9110, section 13.2.2, for GET and HEAD of something that exists. */
    static int evaluate(HttpHeaders headers, String etag, Instant modified) {
        String ifMatch = headers.joined("if-match");
        if (ifMatch != null) {
            if (!matches(ifMatch, etag, true)) {
                return FAILED;
            }
        } else {
            Instant unmodifiedSince = HttpDates.parse(headers.get("if-unmodified-since"));
            if (unmodifiedSince != null && seconds(modified).isAfter(unmodifiedSince)) {
                return FAILED;
            }
        }
        String ifNoneMatch = headers.joined("if-none-match");
        if (ifNoneMatch != null) {
            return matches(ifNoneMatch, etag, false) ? NOT_MODIFIED : PROCEED;
        }
        // "A recipient MUST ignore If-Modified-Since if the request contains an If-None-Match header field".
        Instant modifiedSince = HttpDates.parse(headers.get("if-modified-since"));
        return modifiedSince != null && !seconds(modified).isAfter(modifiedSince) ? NOT_MODIFIED : PROCEED;
    }

    /**
     * Whether a Range is to be honoured (RFC 9110, section 13.1.5): no If-Range, or one that matches.
     *
     * @param now a date is a strong validator only when it lies well before the response's (section 8.8.2.2)
     */
    static boolean rangeHolds(HttpHeaders headers, String etag, Instant modified, Instant now) {
        String ifRange = headers.get("if-range");
        if (ifRange == null) {
            return true;
        }
        if (ifRange.startsWith("\"") || ifRange.startsWith("W/")) {
            return ifRange.equals(etag);
        }
        Instant date = HttpDates.parse(ifRange);
        return date != null
                && date.equals(seconds(modified))
                && !date.plusSeconds(1).isAfter(now);
    }

    private static Instant seconds(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS);
    }

    /** Whether a list of entity tags, or "*", holds {@code etag}; malformed lists hold nothing. */
    private static boolean matches(String list, String etag, boolean strong) {
        if (list.strip().equals("*")) {
            return true;
        }
        int i = 0;
        while (i < list.length()) {
            char c = list.charAt(i);
            if (c == ' ' || c == '\t' || c == ',') {
                i++;
                continue;
            }
            boolean weak = list.startsWith("W/", i);
            int open = weak ? i + 2 : i;
            int close = open < list.length() && list.charAt(open) == '"' ? list.indexOf('"', open + 1) : -1;
            if (close < 0) {
                return false;
            }
            if (!(strong && weak) && list.substring(open, close + 1).equals(etag)) {
                return true;
            }
            i = close + 1;
        }
        return false;
    }
}
