package dev.penstock.apps.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.Year;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;

/** HTTP dates (RFC 9110, section 5.6.7): one form is written, three are read. */
final class HttpDates {
    private static final DateTimeFormatter FIXDATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US);
    private static final DateTimeFormatter ASCTIME =
            DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.US);

    private HttpDates() {}

    static String format(Instant instant) {
        return FIXDATE.format(instant.atOffset(ZoneOffset.UTC));
    }

    /** The date, to the second, or null when {@code text} is none; a bad date is as if it were not there. */
    static Instant parse(String text) {
        if (text == null) {
            return null;
        }
        // "A recipient that parses a timestamp value in an HTTP field MUST accept all three HTTP-date formats."
        for (DateTimeFormatter form : new DateTimeFormatter[] {FIXDATE, rfc850(), ASCTIME}) {
            try {
                return LocalDateTime.parse(text, form).toInstant(ZoneOffset.UTC);
            } catch (DateTimeException e) {
                // Not this form.
            }
        }
        return null;
    }

    /** "MUST interpret a timestamp that appears to be more than 50 years in the future as ... in the past". */
    private static DateTimeFormatter rfc850() {
        return new DateTimeFormatterBuilder()
                .appendPattern("EEEE, dd-MMM-")
                .appendValueReduced(
                        ChronoField.YEAR, 2, 2, Year.now(ZoneOffset.UTC).getValue() - 49)
                .appendPattern(" HH:mm:ss 'GMT'")
                .toFormatter(Locale.US);
    }
}
