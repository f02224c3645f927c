package dev.penstock.stack.tcp;

import dev.penstock.stack.base.RandomSource;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * All that a connection and its parts know, by the names of the fields: so that a new field that {@link ConnectionFolding}
 * does not carry is noticed. Whoever adds one adds it to the {@code carry} of its class, or says here why it need not be.
 */
final class Knowledge {
    /** Places and measurements of the machinery, and what is 0 or empty whenever a connection can be folded. */
    private static final Set<String> NOT_CARRIED = Set.of(
            "ConnectionLoan.watched",
            "ConnectionLoan.touched",
            "ConnectionLoan.lookNs",
            "Connection.dirty",
            "Scoreboard.head",
            "Scoreboard.count",
            "Scoreboard.steps",
            "Scoreboard.sackedBytes",
            "Scoreboard.sackedSegments",
            "SegmentList.bytes",
            "SegmentList.steps",
            "PushMarks.first",
            "PushMarks.count",
            "PathTrouble.parked",
            "ReceiveSide.offering",
            "ReceiveSide.closeDue",
            "Reassembler.count",
            "SackBlocks.pending",
            "SackBlocks.recentCount",
            "MtuProbing.sending");
    /** Not the connection's own, or buffers whose contents count for nothing while it is quiet. */
    private static final Set<String> NOT_FOLLOWED = Set.of(
            "layer",
            "config",
            "handle",
            "path",
            "counters",
            "writer",
            "queue",
            "deadlines",
            "connection",
            "c",
            "tracing",
            "sendQueue",
            "receiveQueue",
            "watchedBefore",
            "watchedAfter",
            "pool",
            "ring",
            "marks",
            "chunks",
            "random",
            "trigger",
            "duplicateStart",
            "duplicateEnd",
            "recent",
            "starts",
            "ends",
            "first",
            "last",
            "hint",
            "listener");

    private Knowledge() {}

    static Map<String, Object> of(Connection c) {
        Map<String, Object> known = new TreeMap<>();
        walk(c, new IdentityHashMap<>(), (field, of) -> note(known, field, of));
        return known;
    }

    /** Every field that can be set gets another value. */
    static void scramble(Connection c, RandomSource random) {
        walk(c, new IdentityHashMap<>(), (field, of) -> set(field, of, random));
    }

    private interface Visitor {
        void visit(Field field, Object of) throws IllegalAccessException;
    }

    private static void walk(Object o, Map<Object, Object> seen, Visitor visitor) {
        if (o == null || seen.put(o, o) != null) {
            return;
        }
        for (Class<?> type = o.getClass(); isOurs(type); type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers()) || NOT_FOLLOWED.contains(field.getName())) {
                    continue;
                }
                try {
                    field.setAccessible(true);
                    visitField(field, o, seen, visitor);
                } catch (IllegalAccessException e) {
                    throw new AssertionError(e);
                }
            }
        }
    }

    private static void visitField(Field field, Object o, Map<Object, Object> seen, Visitor visitor)
            throws IllegalAccessException {
        Class<?> type = field.getType();
        boolean isValue = type.isPrimitive() || type.isEnum() || type == String.class;
        boolean isArray = type.isArray() && type.getComponentType().isPrimitive();
        if (isArray || isValue && !Modifier.isFinal(field.getModifiers())) {
            if (!NOT_CARRIED.contains(field.getDeclaringClass().getSimpleName() + "." + field.getName())) {
                visitor.visit(field, o);
            }
        } else if (!isValue) {
            walk(field.get(o), seen, visitor);
        }
    }

    private static boolean isOurs(Class<?> type) {
        return type != null && type.getName().startsWith("dev.penstock.stack.tcp.");
    }

    private static void note(Map<String, Object> known, Field field, Object of) throws IllegalAccessException {
        Object value = field.get(of);
        StringBuilder text = new StringBuilder();
        if (value != null && value.getClass().isArray()) {
            for (int i = 0; i < Array.getLength(value); i++) {
                text.append(Array.get(value, i)).append(' ');
            }
        } else {
            text.append(value);
        }
        String name = of.getClass().getSimpleName() + "." + field.getName();
        known.put(name, known.containsKey(name) ? known.get(name) + "; " + text : text.toString());
    }

    private static void set(Field field, Object of, RandomSource random) throws IllegalAccessException {
        Class<?> type = field.getType();
        if (type == long.class) {
            field.setLong(of, random.nextLong());
        } else if (type == int.class) {
            field.setInt(of, (int) random.nextLong());
        } else if (type == boolean.class) {
            field.setBoolean(of, !field.getBoolean(of));
        } else if (type == double.class) {
            field.setDouble(of, random.nextDouble());
        } else if (type == long[].class && !field.getDeclaringClass().equals(ConnectionTimers.class)) {
            long[] all = (long[]) field.get(of);
            for (int i = 0; i < all.length; i++) {
                all[i] = random.nextLong();
            }
        }
    }
}
