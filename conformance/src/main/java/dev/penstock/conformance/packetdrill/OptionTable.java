package dev.penstock.conformance.packetdrill;

import java.util.HashMap;
import java.util.Map;

/** The options of one level, by the numbers that they have in a profile. */
final class OptionTable {
    private final Profile profile;
    private final Map<Long, SocketOption> options = new HashMap<>();

    OptionTable(Profile profile) {
        this.profile = profile;
    }

    Profile profile() {
        return profile;
    }

    /** Adds an option that both, or one of them, have. */
    void put(String level, String name, SocketOption option) {
        Long number = Constants.find(name, profile);
        if (number != null) {
            options.put(key(Constants.get(level, profile), number), option);
        }
    }

    /** For options that are remembered: distinct for each. */
    static long key(long level, long name) {
        return level << 32 | name & 0xffff_ffffL;
    }

    /** Adds one without an effect that a script can see. */
    void remember(String level, String name, long initially) {
        Long number = Constants.find(name, profile);
        if (number != null) {
            put(level, name, SocketOption.remembered(key(Constants.get(level, profile), number), initially));
        }
    }

    /** Adds one that has no effect as long as its value is {@code harmless}. */
    void rememberIf(
            String level, String name, long initially, java.util.function.LongPredicate harmless, String reason) {
        Long number = Constants.find(name, profile);
        if (number != null) {
            long key = key(Constants.get(level, profile), number);
            put(level, name, SocketOption.onlyIf(key, initially, harmless, reason));
        }
    }

    /** Null if there is none. */
    SocketOption find(long level, long name) {
        return options.get(key(level, name));
    }
}
