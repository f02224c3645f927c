package dev.penstock.stack.dhcp;

import dev.penstock.stack.ip.LearnedResolvers;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Domain names in the form of RFC 1035: section 3.1, and the compression of section 4.1.4 within one option (RFC 3397). */
final class DomainNames {
    private static final int LONGEST_LABEL = 63;
    private static final int POINTER = 0xc0;

    private DomainNames() {}

    static boolean isDomain(String name) {
        return LearnedResolvers.isDomain(name);
    }

    /** The names, those beyond the limit left out; null if one is malformed. */
    static List<String> read(byte[] value, int limit) {
        List<String> names = new ArrayList<>();
        int at = 0;
        while (at < value.length) {
            StringBuilder name = new StringBuilder();
            at = readOne(value, at, name);
            if (at < 0) {
                return null;
            }
            String text = name.toString();
            if (names.size() < limit && isDomain(text) && !names.contains(text)) {
                names.add(text);
            }
        }
        return names;
    }

    /** Returns where the next name begins, or -1. Pointers lead backwards only, so that there is an end. */
    private static int readOne(byte[] value, int start, StringBuilder name) {
        int at = start;
        int lowest = start;
        int next = -1;
        while (at < value.length) {
            int length = value[at++] & 0xff;
            if (length == 0) {
                return next < 0 ? at : next;
            }
            if ((length & POINTER) == POINTER) {
                int to = at < value.length ? (length & ~POINTER) << 8 | (value[at] & 0xff) : value.length;
                if (to >= lowest) {
                    return -1;
                }
                next = next < 0 ? at + 1 : next;
                lowest = to;
                at = to;
                continue;
            }
            if (length > LONGEST_LABEL
                    || length > value.length - at
                    || name.length() + length > LearnedResolvers.LONGEST_DOMAIN) {
                return -1;
            }
            name.append(name.length() == 0 ? "" : ".")
                    .append(new String(value, at, length, StandardCharsets.ISO_8859_1));
            at += length;
        }
        return -1;
    }

    /** The name in RFC 1035's form, with the root's empty label at its end. */
    static byte[] write(String name) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String label : name.split("\\.", -1)) {
            out.write(label.length());
            out.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
        }
        out.write(0);
        return out.toByteArray();
    }
}
