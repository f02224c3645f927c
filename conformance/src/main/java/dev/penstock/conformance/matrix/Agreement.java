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

    static List<String> complaints(Cell cell, Map<String, String> kernel, TcpInfo ours) {
        if (kernel.isEmpty()) {
            return List.of("ss shows no connection");
        }
        Agreement a = new Agreement(kernel);
        a.same("congestion control", true, kernel.containsKey(cell.get(Dimension.CC)));
        boolean timestamps = cell.on(Dimension.TS) && cell.on(Dimension.OUR_TS);
        a.same("timestamps", timestamps, kernel.containsKey("ts"));
        a.same("our timestamps", timestamps, ours.timestamps);
        a.same("sack", kernel.containsKey("sack"), ours.sack);
        boolean scaling = cell.on(Dimension.SCALING) && cell.on(Dimension.OUR_SCALING);
        // Each side's own shift is the other one's shift of what arrives.
        int first = Math.max(0, Math.min(ours.sendWindowScale, ours.receiveWindowScale));
        int second = Math.max(0, Math.max(ours.sendWindowScale, ours.receiveWindowScale));
        a.same("window scales", sorted(kernel.getOrDefault("wscale", "0,0")), first + "," + second);
        a.same("window scaling of the kernel", scaling, kernel.containsKey("wscale"));
        a.same("mss", kernel.get("mss"), Integer.toString(ours.sendMss));
        a.same("pmtu", kernel.get("pmtu"), Integer.toString(ours.pathMtu));
        return a.complaints;
    }

    private void same(String what, Object expected, Object found) {
        if (!expected.equals(found)) {
            complaints.add("ss and TcpInfo differ in " + what + ": " + expected + ", " + found);
        }
    }

    private static String sorted(String pair) {
        String[] two = pair.split(",", -1);
        boolean inOrder = Integer.parseInt(two[0]) <= Integer.parseInt(two[1]);
        return inOrder ? pair : two[1] + "," + two[0];
    }
}
