package dev.penstock.conformance.packetdrill;

import java.util.HashMap;
import java.util.Map;

/**
 * The names that scripts use for numbers, with their values in Linux and in FreeBSD. Scripts may write either form, so what is
 * decided by one of them is decided by its number.
 */
final class Constants {
    private static final Map<Profile, Map<String, Long>> ALL = Map.of(Profile.LINUX, read(1), Profile.BSD, read(2));

    private Constants() {}

    /** Null if {@code profile} has no such name. */
    static Long find(String name, Profile profile) {
        Errno errno = Errno.named(name);
        return errno != null
                ? Long.valueOf(errno.number(profile))
                : ALL.get(profile).get(name);
    }

    /** The value of a name that both have. */
    static int get(String name, Profile profile) {
        Long value = ALL.get(profile).get(name);
        return value == null ? Integer.MIN_VALUE : value.intValue();
    }

    private static Map<String, Long> read(int column) {
        Map<String, Long> map = new HashMap<>();
        String tables = ConstantTables.SOCKETS + ConstantTables.OPTIONS + ConstantTables.OTHERS;
        for (String line : tables.split("\n", -1)) {
            String[] words = line.trim().split("\\s+", -1);
            if (words.length == 3 && !words[column].equals("-")) {
                map.put(words[0], Long.decode(words[column]));
            }
        }
        return map;
    }
}
