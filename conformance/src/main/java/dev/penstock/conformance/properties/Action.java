package dev.penstock.conformance.properties;

import java.util.Arrays;
import java.util.Locale;

/** One step of a {@link Scenario}: a {@link Kind} and its arguments. Immutable. */
final class Action {
    final Kind kind;
    private final long[] args;

    private Action(Kind kind, long[] args) {
        this.kind = kind;
        this.args = args;
    }

    static Action of(Kind kind, long... args) {
        if (args.length != kind.args.size()) {
            throw new IllegalArgumentException(kind + " has the arguments " + kind.args);
        }
        return new Action(kind, args.clone());
    }

    /** The argument at {@code i}. */
    long arg(int i) {
        return args[i];
    }

    int intArg(int i) {
        return Math.toIntExact(args[i]);
    }

    /** The first word of {@link Arg#words} stands for yes in most, so: is this argument 0? */
    boolean first(int i) {
        return args[i] == 0;
    }

    Action with(int i, long value) {
        long[] other = args.clone();
        other[i] = value;
        return new Action(kind, other);
    }

    /** As it can be parsed again; arguments that have their plain value are left out. */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder(kind.text());
        for (int i = 0; i < args.length; i++) {
            Arg arg = kind.args.get(i);
            if (args[i] != arg.plain() || i == 0) {
                out.append(' ').append(arg.print(args[i]));
            }
        }
        return out.toString();
    }

    /**
     * Reads what {@link #toString} writes.
     *
     * @throws IllegalArgumentException naming what is wrong
     */
    static Action parse(String line) {
        String[] words = line.strip().split("\\s+", -1);
        Kind kind;
        try {
            kind = Kind.valueOf(words[0].toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("no such action: " + words[0], e);
        }
        long[] args = new long[kind.args.size()];
        for (int i = 0; i < args.length; i++) {
            args[i] = kind.args.get(i).plain();
        }
        for (int w = 1; w < words.length; w++) {
            int eq = words[w].indexOf('=');
            String name = eq < 0 ? words[w] : words[w].substring(0, eq);
            int i = 0;
            while (i < args.length && !kind.args.get(i).name().equals(name)) {
                i++;
            }
            if (eq < 0 || i == args.length) {
                throw new IllegalArgumentException(kind.text() + " has no argument " + words[w]);
            }
            args[i] = kind.args.get(i).parse(words[w].substring(eq + 1));
        }
        return new Action(kind, args);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Action a && a.kind == kind && Arrays.equals(a.args, args);
    }

    @Override
    public int hashCode() {
        return 31 * kind.hashCode() + Arrays.hashCode(args);
    }
}
