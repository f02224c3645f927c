package dev.penstock.conformance.kernel;

/**
 * What tshark warns of in captures between two Linux hosts, too, when they do the same as these tests. Nothing else is
 * allowed; malformed packets and wrong checksums never are.
 */
final class AllowedFindings {
    private static final String FROM_STACK = KernelLink.STACK + ": ";
    private static final String FROM_KERNEL = KernelLink.KERNEL + ": ";

    private AllowedFindings() {}

    /**
     * @param finding the sender's address and tshark's words, as {@link CaptureCheck} reports them
     * @param packets how many have it
     */
    static boolean isAllowed(String finding, int packets) {
        return switch (finding) {
            // Clients that end while an answer is under way, as wrk does, reset it; that is the kernel's business.
            case FROM_KERNEL + "Connection reset (RST)" -> true;
            // The one connect to a closed port (RFC 9293, section 3.10.7.1). A second one of ours needs an explanation.
            case FROM_STACK + "Connection reset (RST)" -> packets == 1;
            // Flow control: echo does not read while its own send buffer is full, so the window closes, as it does for
            // any program on Linux that reads more slowly than its peer writes.
            case FROM_STACK + "TCP Zero Window segment",
                    FROM_KERNEL + "TCP Zero Window segment",
                    FROM_STACK + "TCP window specified by the receiver is now completely full",
                    FROM_KERNEL + "TCP window specified by the receiver is now completely full" -> true;
            // Without offload the kernel's queue of 1,000 frames overflows when the machine is busy: a lost packet,
            // which the kernel sends anew. Never from the stack: it keeps what the device does not take.
            case FROM_KERNEL + "Previous segment(s) not captured (common at capture start)" -> true;
            // A tail loss probe (RFC 8985, section 7.2) goes out when nothing was heard for two round trips and some
            // milliseconds: on a busy machine the acknowledgment takes longer, and then reports what came twice. Ours
            // and the kernel's do the same.
            case FROM_KERNEL + "D-SACK Sequence", FROM_STACK + "D-SACK Sequence" -> packets <= 50;
            // skb_checksum_help() writes 0xffff for a sum of zero in TCP, too, where only UDP needs it.
            case FROM_KERNEL + "TCP Checksum 0xffff instead of 0x0000 (see RFC 1624)" -> true;
            // With offload the datagram that an ICMP error quotes was never finished: its checksum was left to a
            // device. The kernel's errors about our datagrams and ours about the kernel's are alike in this.
            case FROM_KERNEL + CaptureCheck.QUOTED_CHECKSUM, FROM_STACK + CaptureCheck.QUOTED_CHECKSUM -> packets <= 4;
            default -> false;
        };
    }
}
