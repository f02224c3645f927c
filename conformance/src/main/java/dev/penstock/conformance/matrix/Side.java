package dev.penstock.conformance.matrix;

/** The two ends of a connection of the matrix. */
enum Side {
    KERNEL("kernel"),
    STACK("stack");

    final String key;

    Side(String key) {
        this.key = key;
    }

    Side other() {
        return this == KERNEL ? STACK : KERNEL;
    }
}
