package dev.penstock.conformance.packetdrill;

import dev.penstock.stack.tcp.TcpConfig;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongPredicate;

/**
 * {@code sysctl}: the kernel settings that scripts change, as settings of the stack under test. Each is mapped, or changes
 * nothing that a script could see here, or makes the script skip, with the reason.
 */
final class Sysctls {
    private static final String PROC = "/proc/sys/";

    private final TcpConfig config;
    private final LinuxMemory memory;
    private final Map<String, Rule> rules = new HashMap<>();
    private final Map<String, Rule> families = new HashMap<>();

    /** What a setting does. */
    @FunctionalInterface
    interface Rule {
        /**
         * Does it.
         *
         * @return null, or why it cannot be done
         * @throws NumberFormatException if the value is none
         */
        String set(String value);
    }

    /** A number. */
    @FunctionalInterface
    interface NumberSetter {
        void set(long value);
    }

    Sysctls(TcpConfig config, LinuxMemory memory, Profile profile) {
        this.config = config;
        this.memory = memory;
        if (profile == Profile.LINUX) {
            LinuxSysctls.addTo(this);
        } else {
            BsdSysctls.addTo(this);
        }
    }

    TcpConfig config() {
        return config;
    }

    LinuxMemory memory() {
        return memory;
    }

    // --- the tables ---

    void put(String name, Rule rule) {
        rules.put(name, rule);
    }

    /** One that is a number within a range. */
    void number(String name, long least, long most, NumberSetter setter) {
        put(name, text -> {
            long value = Long.decode(text);
            if (value < least || value > most) {
                return name + " = " + value + " is not supported; " + least + " .. " + most + " is";
            }
            setter.set(value);
            return null;
        });
    }

    /** One that changes nothing here, whatever it is: {@code why} is for the README. */
    void harmless(String why, String... names) {
        for (String name : names) {
            put(name, text -> null);
        }
    }

    /** All whose names begin so change nothing here. */
    void harmlessFamily(String why, String prefix) {
        families.put(prefix, text -> null);
    }

    /** One that is as {@code fits} says, and cannot be otherwise. */
    void fixed(String name, LongPredicate fits, String reason) {
        put(name, text -> fits.test(Long.decode(text)) ? null : name + " = " + text + ": " + reason);
    }

    void missing(String reason, String... names) {
        for (String name : names) {
            put(name, text -> name + ": " + reason);
        }
    }

    // --- its use ---

    /**
     * Sets one.
     *
     * @param name with dots, or as a path below /proc/sys
     * @throws SkipException if it is unknown, or what it asks for is not there
     */
    void set(String name, String value, int line) throws SkipException, ScriptException {
        String key = canonical(name);
        Rule rule = rule(key);
        if (rule == null) {
            throw new SkipException(line, "the sysctl " + key + " is not known here");
        }
        String wrong;
        try {
            wrong = rule.set(value.trim());
        } catch (IllegalArgumentException notOne) {
            throw new ScriptException(line, "the sysctl " + key + " cannot be '" + value + "'");
        }
        if (wrong != null) {
            throw new SkipException(line, wrong);
        }
    }

    /** True for one that there is a rule for, whatever it says. */
    boolean isKnown(String name) {
        return rule(canonical(name)) != null;
    }

    private Rule rule(String key) {
        Rule rule = rules.get(key);
        if (rule == null) {
            for (Map.Entry<String, Rule> family : families.entrySet()) {
                rule = key.startsWith(family.getKey()) ? family.getValue() : rule;
            }
        }
        return rule;
    }

    /** With dots, however it was written. */
    static String canonical(String name) {
        String path = name.startsWith(PROC) ? name.substring(PROC.length()) : name;
        return path.indexOf('/') >= 0 ? path.replace('/', '.') : path;
    }
}
