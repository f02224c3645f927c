package dev.penstock.conformance.matrix;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What became of a cell.
 *
 * @param complaints what went wrong; empty if nothing did
 * @param ns how long the connection took
 * @param kernel the kernel's counters
 * @param stack ours, by their names
 * @param waste what we sent again although it had arrived
 */
public record CellResult(
        Cell cell, List<String> complaints, long ns, Map<String, Long> kernel, Map<String, Long> stack, String waste) {
    static final String HEADER = String.format(
            Locale.ROOT,
            "%-5s %7s %8s | %7s %5s %5s | %7s %5s %5s | %s",
            "",
            "s",
            "Mbit/s",
            "retrans",
            "rto",
            "spur",
            "retrans",
            "rto",
            "spur",
            "cell");

    /** Nothing went wrong. */
    public boolean isOk() {
        return complaints.isEmpty();
    }

    private long kernel(String... names) {
        long sum = 0;
        for (String name : names) {
            sum += kernel.getOrDefault(name, 0L);
        }
        return sum;
    }

    private long stack(String name) {
        return stack.getOrDefault(name, 0L);
    }

    /** Of both sides. */
    long retransmissions() {
        return kernel("TcpRetransSegs") + stack("TCP_RETRANS_SEGS");
    }

    /** One line of the table. */
    String line() {
        long bytes = (long) cell.bytesOf(Side.KERNEL) + cell.bytesOf(Side.STACK);
        return String.format(
                Locale.ROOT,
                "%-5s %7.2f %8.1f | %7d %5d %5d | %7d %5d %5d | %s",
                isOk() ? "ok" : "FAIL",
                ns / 1e9,
                bytes * 8e3 / Math.max(1, ns),
                kernel("TcpRetransSegs"),
                kernel("TcpExtTCPTimeouts"),
                // What the kernel was told by our DSACKs, or found out by itself.
                kernel("TcpExtTCPDSACKRecv", "TcpExtTCPSpuriousRTOs"),
                stack("TCP_RETRANS_SEGS"),
                stack("TCP_RTO_TIMEOUTS"),
                // Data that the kernel had already: its DSACKs to us.
                kernel("TcpExtTCPDSACKOldSent", "TcpExtTCPDSACKOfoSent"),
                cell);
    }
}
