package dev.penstock.conformance.matrix;

import dev.penstock.conformance.kernel.KernelLink;

/**
 * What tshark may say of the capture of a cell, taken where the stack is: it shows all that the stack sends, and what
 * arrives of what the kernel sends. Nothing else is allowed.
 */
final class MatrixFindings {
    private static final String FROM_STACK = KernelLink.STACK + ": ";
    private static final String FROM_KERNEL = KernelLink.KERNEL + ": ";

    private MatrixFindings() {}

    static boolean isAllowed(String finding, Cell cell) {
        return switch (finding.replace(KernelSide.stack(cell) + ": ", FROM_STACK)
                .replace(KernelSide.kernel(cell) + ": ", FROM_KERNEL)) {
            // Flow control, as between any two hosts.
            case FROM_STACK + "TCP Zero Window segment",
                    FROM_KERNEL + "TCP Zero Window segment",
                    FROM_STACK + "TCP window specified by the receiver is now completely full",
                    FROM_KERNEL + "TCP window specified by the receiver is now completely full" -> true;
            // skb_checksum_help() writes 0xffff for a sum of zero in TCP, too, where only UDP needs it.
            case FROM_KERNEL + "TCP Checksum 0xffff instead of 0x0000 (see RFC 1624)" -> true;
            // Lost, or overtaken, on the way to us; or dropped by the queue of 1,000 frames of the TAP interface.
            case FROM_KERNEL + "Previous segment(s) not captured (common at capture start)",
                    FROM_KERNEL + "This frame is a (suspected) out-of-order segment" -> true;
            // tshark takes a fast retransmission that follows quickly for this.
            case FROM_STACK + "This frame is a (suspected) out-of-order segment" -> !cell.isClean();
            // A late copy of the last acknowledgment finds no connection: CellRun limits how often.
            case FROM_STACK + "Connection reset (RST)", FROM_KERNEL + "Connection reset (RST)" -> !cell.isClean();
            // RFC 2883, for a packet that came twice.
            case FROM_STACK + "D-SACK Sequence", FROM_KERNEL + "D-SACK Sequence" -> true;
            default -> false;
        };
    }
}
