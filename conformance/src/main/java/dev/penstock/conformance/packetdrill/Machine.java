package dev.penstock.conformance.packetdrill;

import java.util.ArrayDeque;

/**
 * The machine under test at the other end of a script's wire, with its clock: a stack of ours in virtual time
 * ({@link VirtualHost}), or a Linux kernel in real time ({@link KernelHost}).
 */
interface Machine extends AutoCloseable {
    /** The program that runs on it. */
    Program program();

    /** Everything at the head of the script was said: time begins to run. */
    void begin();

    /** Of this moment of the script, nanoseconds; 0 until {@link #begin}. */
    long nowNs();

    /**
     * Gives the interface another MTU.
     *
     * @throws SkipException if it is too late for that
     */
    void mtu(int mtu, int line) throws SkipException;

    /** What the machine sent and the script has not looked at, oldest first. The caller takes packets away. */
    ArrayDeque<Packet> sent();

    /** The machine receives this IP packet, at once; {@code gsoSize}: of the segments it was joined from, 0 if it is one. */
    void inject(byte[] packet, int gsoSize);

    /** Lets the machine do what it has to do at this moment. */
    void settle();

    /** The earliest time at which something can happen by itself; {@link dev.penstock.stack.timer.Deadline#NEVER} for none. */
    long nextNs();

    /** Goes to the next moment at which something happens, but not beyond {@code limitNs}. */
    void stepTo(long limitNs);

    /** How long a packet at any time ({@code *}), or a call that may return at any time, is waited for, nanoseconds. */
    long patienceNs();

    /** How far a script that failed may be followed to tell when the packet it wanted came, nanoseconds. */
    long lookAheadNs();

    @Override
    void close();
}
