package dev.penstock.apps.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Header fields in the order they came, names compared without case (RFC 9110, section 5.1). Not thread-safe. */
public final class HttpHeaders {
    private final List<String> names = new ArrayList<>();
    private final List<String> values = new ArrayList<>();

    /**
     * Appends a field.
     *
     * @throws IllegalArgumentException if the name is no token or the value holds control characters: nothing that a
     *     handler puts in can split a response
     */
    public void add(String name, String value) {
        if (!isToken(name) || !isFieldValue(value)) {
            throw new IllegalArgumentException("not a header field: " + name);
        }
        names.add(name);
        values.add(value);
    }

    /** The value of the first field of that name, or null. */
    public String get(String name) {
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i).equalsIgnoreCase(name)) {
                return values.get(i);
            }
        }
        return null;
    }

    /** How many fields have that name. */
    public int count(String name) {
        int n = 0;
        for (String each : names) {
            if (each.equalsIgnoreCase(name)) {
                n++;
            }
        }
        return n;
    }

    /** All values of that name joined by commas (RFC 9110, section 5.3), or null. */
    public String joined(String name) {
        StringBuilder out = null;
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i).equalsIgnoreCase(name)) {
                if (out == null) {
                    out = new StringBuilder(values.get(i));
                } else {
                    out.append(", ").append(values.get(i));
                }
            }
        }
        return out == null ? null : out.toString();
    }

    /** True when a comma-separated list field holds {@code token}, in lower case. */
    public boolean hasToken(String name, String token) {
        String list = joined(name);
        if (list == null) {
            return false;
        }
        for (String each : list.split(",", -1)) {
            if (each.strip().toLowerCase(Locale.ROOT).equals(token)) {
                return true;
            }
        }
        return false;
    }

    /** How many fields there are. */
    public int size() {
        return names.size();
    }

    String name(int i) {
        return names.get(i);
    }

    String value(int i) {
        return values.get(i);
    }

    /** {@code token = 1*tchar} (RFC 9110, section 5.6.2). */
    static boolean isToken(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!isTokenChar(text.charAt(i))) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    static boolean isTokenChar(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }

    /** Visible characters, obs-text, space and tab (RFC 9110, section 5.5). */
    static boolean isFieldValue(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < ' ' && c != '\t') || c == 0x7f || c > 0xff) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < names.size(); i++) {
            out.append(names.get(i)).append(": ").append(values.get(i)).append('\n');
        }
        return out.toString();
    }
}
