package dev.penstock.conformance.packetdrill;

/** {@code tcp_wmem}: what is left of the kernel's reckoning of memory once the stack counts only data. Bytes. */
final class LinuxMemory {
    /** With which sockets begin. */
    long sendDefault = 16_384;

    /** How far they grow by themselves. */
    long sendMost = 4_194_304;

    /** {@code tcp_notsent_lowat}, for sockets that say nothing else. */
    long notSentLowat = 0xffff_ffffL;
}
