package dev.penstock.conformance.packetdrill;

/** {@code tcp_wmem}: what is left of the kernel's reckoning of memory once the stack counts only data. Bytes. */
final class LinuxMemory {
    /** With which sockets begin. */
    long sendDefault = 16_384;

    /** How far they grow by themselves. */
    long sendMost = 4_194_304;

    /** {@code tcp_rmem}: as told by SO_RCVBUF, and how far it grows. */
    long receiveDefault = 540_000;

    long receiveMost = 15_728_640;

    /** {@code net.core.rmem_max} and {@code wmem_max}: what SO_RCVBUF and SO_SNDBUF may ask for. */
    static final long MOST_ASKED = 4_194_304;

    /** {@code tcp_notsent_lowat}, for sockets that say nothing else. */
    long notSentLowat = 0xffff_ffffL;
}
