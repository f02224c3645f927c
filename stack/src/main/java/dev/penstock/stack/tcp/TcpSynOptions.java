package dev.penstock.stack.tcp;

/**
 * In which order a SYN carries its options, and how they are filled up to whole words. Any order is right (RFC 9293, section
 * 3.2); stacks can be told apart by it, and tests written for one of them look at it.
 */
public enum TcpSynOptions {
    /** MSS, SACK-permitted, timestamps, NOP, window scale; NOPs in front of what is not aligned, as Linux does. */
    LINUX,
    /** MSS, NOP, window scale, SACK-permitted, timestamps; end-of-options bytes at the end, as FreeBSD does. */
    BSD
}
