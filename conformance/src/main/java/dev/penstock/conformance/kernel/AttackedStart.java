package dev.penstock.conformance.kernel;

import dev.penstock.conformance.kernel.Ipv6AttackRun.Verdict;
import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.blocking.PenstockStack;
import dev.penstock.stack.blocking.TcpSocket;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.tap.NetNamespace;
import dev.penstock.tap.TapConfig;
import dev.penstock.tap.TapDevice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A stack that starts while dos-new-ip6 claims each address that anybody verifies (RFC 4862, section 5.4). */
final class AttackedStart {
    private AttackedStart() {}

    /** Whether the stack ends up without the address, counts that, and says so to an application; without any fault. */
    static Verdict run() throws Exception {
        List<String> failures = new ArrayList<>();
        List<Throwable> faults = new CopyOnWriteArrayList<>();
        try (NetNamespace namespace = NetNamespace.create()) {
            TapConfig config = TapConfig.builder()
                    .name("pen0")
                    .macAddress(KernelLink.STACK_MAC)
                    .hostAddress(KernelLink.KERNEL + "/24")
                    .build();
            TapDevice tap = namespace.call(() -> TapDevice.open(config));
            Process attacker = namespace.start(
                    new ProcessBuilder("timeout", "-s", "INT", "-k", "2", "12", "atk6-dos-new-ip6", "pen0")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD));
            // Until the kernel has an address that the tool can send from.
            Thread.sleep(2500);
            try (PenstockStack stack = PenstockStack.builder()
                    .device(tap)
                    .address(Ipv6AttackTool.STACK + "/64")
                    .slaac(true)
                    .errorHandler(faults::add)
                    .start()) {
                Counters counters = stack.counters();
                for (int i = 0; i < 60 && counters.get(StackCounter.NDP_DUPLICATES) < 2; i++) {
                    Thread.sleep(100);
                }
                long duplicates = counters.get(StackCounter.NDP_DUPLICATES);
                if (duplicates == 0) {
                    failures.add("no duplicate was counted");
                }
                for (IpPrefix each : stack.addressesInUse()) {
                    if (each.address().toString().equals(Ipv6AttackTool.STACK)) {
                        failures.add("the address is in use");
                    }
                }
                String told = connect(stack, failures);
                if (counters.get(StackCounter.SHARD_FAULTS) + counters.get(StackCounter.APPLICATION_FAULTS) != 0
                        || !faults.isEmpty()) {
                    failures.add("faults: " + faults);
                }
                return new Verdict(
                        "dos-new-ip6 pen0, as the stack starts",
                        counters.get(StackCounter.FRAMES_IN),
                        "NDP_DUPLICATES " + duplicates + ", an application is told: " + told,
                        0,
                        failures);
            } finally {
                attacker.destroy();
                attacker.waitFor();
            }
        }
    }

    private static String connect(PenstockStack stack, List<String> failures) {
        try (TcpSocket socket = stack.connect(Ipv6AttackTool.KERNEL, 1, 3000)) {
            failures.add("connected");
            return "connected to " + socket.getRemoteAddress();
        } catch (IOException e) {
            return e.toString();
        }
    }
}
