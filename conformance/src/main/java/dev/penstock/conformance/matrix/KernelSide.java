package dev.penstock.conformance.matrix;

import dev.penstock.conformance.kernel.KernelLink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The kernel's end of a {@link KernelLink}: its settings, its counters, and what it tells of a connection. */
final class KernelSide {
    private static final Path SYSCTLS = Path.of("/proc/sys/net/ipv4");
    private static final Path COUNTERS = Path.of("/proc/thread-self/net");

    /** The stack's IPv6 address; it ends as its IPv4 address does, which is all that {@link TapWatch} looks at. */
    static final String STACK_V6 = "fd09::a09:2";

    private static final String KERNEL_V6 = "fd09::a09:1";

    private final KernelLink link;

    KernelSide(KernelLink link) {
        this.link = link;
    }

    /** The stack's address in {@code cell}. */
    static String stack(Cell cell) {
        return cell.is(Dimension.FAMILY, "6") ? STACK_V6 : KernelLink.STACK;
    }

    /** The kernel's. */
    static String kernel(Cell cell) {
        return cell.is(Dimension.FAMILY, "6") ? KERNEL_V6 : KernelLink.KERNEL;
    }

    /** Sets what {@code cell} says, in the link's namespace only. */
    void apply(Cell cell) throws Exception {
        link.onKernel(() -> {
            set("tcp_timestamps", cell.get(Dimension.TS));
            set("tcp_sack", cell.get(Dimension.SACK));
            set("tcp_ecn", cell.get(Dimension.ECN));
            set("tcp_dsack", cell.get(Dimension.DSACK));
            set("tcp_window_scaling", cell.get(Dimension.SCALING));
            return null;
        });
        // The sysctl of the congestion control allows cubic in the first namespace only; a route's attribute anywhere.
        String congestion = " congctl " + cell.get(Dimension.CC);
        if (cell.is(Dimension.FAMILY, "6")) {
            carryOut("ip -6 address add " + KERNEL_V6 + "/64 dev pen0 nodad noprefixroute");
            carryOut("ip -6 route replace fd09::/64 dev pen0 proto kernel" + congestion);
        } else {
            carryOut("ip route replace 10.9.0.0/24 dev pen0 proto kernel scope link src " + KernelLink.KERNEL
                    + congestion);
        }
    }

    private void carryOut(String command) throws IOException, InterruptedException {
        KernelLink.Ran ran = link.run(10, command.split(" ", -1));
        if (!ran.isOk()) {
            throw new IOException(ran.toString());
        }
    }

    private static void set(String name, String value) throws IOException {
        Files.writeString(SYSCTLS.resolve(name), value);
    }

    /** The counters of the namespace that are not zero, under the names of {@code nstat}. */
    Map<String, Long> counters() throws Exception {
        Map<String, Long> counters = new TreeMap<>();
        for (String file : List.of("snmp", "netstat")) {
            List<String> lines = link.onKernel(() -> Files.readAllLines(COUNTERS.resolve(file)));
            for (int i = 0; i + 1 < lines.size(); i += 2) {
                String[] names = lines.get(i).split(" ", -1);
                String[] values = lines.get(i + 1).split(" ", -1);
                String group = names[0].replace("Tcp:", "Tcp").replace(":", "");
                for (int n = 1; n < names.length; n++) {
                    long value = Long.parseLong(values[n]);
                    if (value != 0) {
                        counters.put(group + names[n], value);
                    }
                }
            }
        }
        return counters;
    }

    /**
     * What {@code ss -tino} tells of the only connection: {@code NAME:VALUE} under its name, words like {@code sack} with
     * an empty value; empty when there is no connection.
     */
    Map<String, String> connection() throws IOException, InterruptedException {
        Map<String, String> told = new HashMap<>();
        KernelLink.Ran ran = link.run(10, "ss", "-tinoOH");
        for (String line : ran.output().lines().toList()) {
            if (!line.contains(" mss:")) {
                continue;
            }
            String[] words = line.strip().split("\\s+", -1);
            told.put("state", words[0]);
            for (int i = 5; i < words.length; i++) {
                String[] pair = words[i].split(":", 2);
                told.put(pair[0], pair.length == 2 ? pair[1] : "");
            }
            return told;
        }
        return told;
    }
}
