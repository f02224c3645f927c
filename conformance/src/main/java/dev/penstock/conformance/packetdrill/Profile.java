package dev.penstock.conformance.packetdrill;

/** Whose habits on the wire the stack under test takes on; correctness is the same for all. */
enum Profile {
    LINUX,
    BSD
}
