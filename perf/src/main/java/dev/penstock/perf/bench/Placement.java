package dev.penstock.perf.bench;

import dev.penstock.perf.kernel.Cpu;

/** Which processors the two ends run on. */
enum Placement {
    /** The server's threads on one, the client's on another. */
    TWO("a core for each end"),
    /** All on one. */
    ONE("everything on one core"),
    /** Where the scheduler puts them. */
    FREE("left to the scheduler");

    private final String words;

    Placement(String words) {
        this.words = words;
    }

    int serverCpu() {
        return this == FREE ? Cpu.ANY : Cpu.usable().get(0);
    }

    int clientCpu() {
        return this == FREE ? Cpu.ANY : Cpu.usable().get(this == ONE ? 0 : 1);
    }

    /** Of threads that use blocking sockets of the stack. */
    int applicationCpu() {
        return this == ONE ? serverCpu() : Cpu.ANY;
    }

    @Override
    public String toString() {
        return words;
    }
}
