package dev.penstock.conformance.matrix;

import dev.penstock.stack.tcp.TcpInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Whether the kernel's {@code ss -tin} and our {@link TcpInfo} tell the same of a connection. */
final class Agreement {
    private final Map<String, String> kernel;
    private final List<String> complaints = new ArrayList<>();

    private Agreement(Map<String, String> kernel) {
        this.kernel = kernel;
    }

    /**
     * @param before what we told before the kernel did
     * @param ours and after
     */
    static List<String> complaints(Cell cell, TcpInfo before, Map<String, String> kernel, TcpInfo ours) {
        if (kernel.isEmpty()) {
            return List.of("ss shows no connection");
        }
        Agreement a = new Agreement(kernel);
        a.same("congestion control", true, kernel.containsKey(cell.get(Dimension.CC)));
        boolean timestamps = cell.on(Dimension.TS) && cell.on(Dimension.OUR_TS);
        a.same("timestamps", timestamps, kernel.containsKey("ts"));
        a.same("our timestamps", timestamps, ours.timestamps);
        // A SYN that is sent again asks for no ECN; otherwise it is used when one side asks and the other agrees.
        boolean kernelAsks = cell.is(Dimension.OPENER, "kernel");
        String asks = kernelAsks ? cell.get(Dimension.ECN) : cell.get(Dimension.OUR_ECN);
        String agrees = kernelAsks ? cell.get(Dimension.OUR_ECN) : cell.get(Dimension.ECN);
        boolean ecn = asks.equals("1") && !agrees.equals("0");
        if (cell.is(Dimension.LOSS, "0") && cell.is(Dimension.CORRUPT, "0")) {
            a.same("our ecn", ecn, ours.ecn);
        }
        boolean sack = cell.on(Dimension.SACK) && cell.on(Dimension.OUR_SACK);
        a.same("sack", sack, kernel.containsKey("sack"));
        a.same("our sack", sack, ours.sack);
        a.same("ecn", kernel.containsKey("ecn"), ours.ecn);
        a.same("our congestion control", cell.get(Dimension.OUR_CC), ours.congestion);
        boolean scaling = cell.on(Dimension.SCALING) && cell.on(Dimension.OUR_SCALING);
        // Each side's Snd.Wind.Shift is the other one's Rcv.Wind.Shift.
        String scales = ours.receiveWindowScale + "," + ours.sendWindowScale;
        a.same("window scales", kernel.getOrDefault("wscale", "-1,-1"), scales);
        a.same("window scaling of the kernel", scaling, kernel.containsKey("wscale"));
        a.same("mss", kernel.get("mss"), Integer.toString(ours.sendMss));
        a.same("pmtu", kernel.get("pmtu"), Integer.toString(ours.pathMtu));
        // Counted from the handshake on; the kernel counts our acknowledgment of its SYN, and of its FIN.
        a.notMore("bytes acknowledged by the kernel", before.bytesAcked, a.number("bytes_received"));
        a.notMore("bytes acknowledged to the kernel", a.number("bytes_acked"), ours.bytesReceived + 2);
        a.notMore("bytes received", ours.bytesReceived, a.number("bytes_sent"));
        return a.complaints;
    }

    private long number(String name) {
        return Long.parseLong(kernel.getOrDefault(name, "0"));
    }

    private void notMore(String what, long less, long more) {
        if (less > more) {
            complaints.add("ss and TcpInfo differ in " + what + ": " + less + " is more than " + more);
        }
    }

    private void same(String what, Object expected, Object found) {
        if (!expected.equals(found)) {
            complaints.add("ss and TcpInfo differ in " + what + ": " + expected + ", " + found);
        }
    }
}
