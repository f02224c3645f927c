package dev.penstock.conformance.packetdrill.code;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code "cwnd is %d" % cwnd}, as far as messages need it: d i u s r f g e x X o c and %, with flags, width and precision. */
final class TextFormat {
    private static final Pattern PLACE =
            Pattern.compile("%([-+ 0#]{0,5})(\\d{0,3})(?:\\.(\\d{0,3}))?[lhL]?([a-zA-Z%])");

    private TextFormat() {}

    static String format(String format, Object operands, int line) throws Trouble {
        List<?> values = operands instanceof List<?> list ? list : List.of(operands);
        Matcher m = PLACE.matcher(format);
        StringBuilder out = new StringBuilder();
        int from = 0;
        int next = 0;
        while (m.find()) {
            out.append(format, from, m.start());
            from = m.end();
            if (m.group(4).equals("%")) {
                out.append('%');
                continue;
            }
            if (next == values.size()) {
                throw new Trouble(line, "the text has more places than there are values");
            }
            out.append(place(m, values.get(next++), line));
        }
        if (next < values.size()) {
            throw new Trouble(line, "the text has fewer places than there are values");
        }
        return out.append(format, from, format.length()).toString();
    }

    private static String place(Matcher m, Object value, int line) throws Trouble {
        String precision = m.group(3);
        int digits = precision == null || precision.isEmpty() ? -1 : Integer.parseInt(precision);
        String text =
                switch (m.group(4)) {
                    case "d", "i", "u" -> whole(value, line).toString();
                    case "s" -> Values.text(value);
                    case "r" -> Values.show(value);
                    case "x" -> Values.integer(value, line).toString(16);
                    case "X" -> Values.integer(value, line).toString(16).toUpperCase(Locale.ROOT);
                    case "o" -> Values.integer(value, line).toString(8);
                    case "f", "F" -> fixed(number(value, line), digits < 0 ? 6 : digits);
                    case "e" -> String.format(Locale.ROOT, "%." + (digits < 0 ? 6 : digits) + "e", number(value, line));
                    case "g" -> String.format(Locale.ROOT, "%s", number(value, line));
                    default -> throw new Trouble(line, "a text with '%" + m.group(4) + "'");
                };
        return pad(text, m.group(1), m.group(2));
    }

    /** Rounded as Python does: what lies just between two goes to the even one. */
    private static String fixed(double value, int digits) {
        boolean finite = !Double.isNaN(value) && !Double.isInfinite(value);
        return finite
                ? new BigDecimal(value).setScale(digits, RoundingMode.HALF_EVEN).toPlainString()
                : String.valueOf(value);
    }

    private static Object whole(Object value, int line) throws Trouble {
        return value instanceof Double d ? (long) (double) d : Values.integer(value, line);
    }

    private static double number(Object value, int line) throws Trouble {
        return Values.fraction(value, line);
    }

    private static String pad(String text, String flags, String width) {
        String signed = flags.contains("+") && !text.startsWith("-") ? "+" + text : text;
        int missing = (width.isEmpty() ? 0 : Integer.parseInt(width)) - signed.length();
        if (missing <= 0) {
            return signed;
        }
        if (flags.contains("-")) {
            return signed + " ".repeat(missing);
        }
        if (flags.contains("0")) {
            int sign = signed.startsWith("-") || signed.startsWith("+") ? 1 : 0;
            return signed.substring(0, sign) + "0".repeat(missing) + signed.substring(sign);
        }
        return " ".repeat(missing) + signed;
    }
}
