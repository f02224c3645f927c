package dev.penstock.stack.ip;

import dev.penstock.stack.base.RandomSource;

/** The pingers by their identifier. Few, hence an array. */
final class EchoRegistry {
    static final int MAX_PINGERS = 256;

    private final EchoHandler[] handlers = new EchoHandler[MAX_PINGERS];
    private final int[] identifiers = new int[MAX_PINGERS];
    private final RandomSource random;

    EchoRegistry(RandomSource random) {
        this.random = random;
    }

    /** An identifier of its own for {@code handler}, or -1 at the limit. */
    int open(EchoHandler handler) {
        for (int i = 0; i < MAX_PINGERS; i++) {
            if (handlers[i] == null) {
                int id;
                do {
                    id = 1 + random.nextInt(65_535);
                } while (find(id) != null);
                handlers[i] = handler;
                identifiers[i] = id;
                return id;
            }
        }
        return -1;
    }

    void close(int identifier) {
        for (int i = 0; i < MAX_PINGERS; i++) {
            if (handlers[i] != null && identifiers[i] == identifier) {
                handlers[i] = null;
            }
        }
    }

    EchoHandler find(int identifier) {
        for (int i = 0; i < MAX_PINGERS; i++) {
            if (handlers[i] != null && identifiers[i] == identifier) {
                return handlers[i];
            }
        }
        return null;
    }
}
