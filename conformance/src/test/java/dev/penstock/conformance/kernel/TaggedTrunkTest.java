package dev.penstock.conformance.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.blocking.PenstockStack;
import dev.penstock.stack.blocking.PingSocket;
import dev.penstock.stack.blocking.StackBuilder;
import dev.penstock.stack.blocking.TcpListener;
import dev.penstock.stack.blocking.TcpSocket;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.tap.NetNamespace;
import dev.penstock.tap.TapConfig;
import dev.penstock.tap.TapDevice;
import dev.penstock.tap.TapRequirement;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two stacks on two TAP interfaces that the kernel bridges: tagged frames, once and twice, and super-segments with tags, for the kernel
 * to pass on or to cut; untagged ones beside them.
 */
@Timeout(120)
class TaggedTrunkTest {

    private static void run(NetNamespace in, String command) throws Exception {
        Process process = in.start(new ProcessBuilder(command.split(" ", -1)).redirectErrorStream(true));
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(10, TimeUnit.SECONDS), command);
        assertEquals(0, process.exitValue(), () -> command + ": " + output);
    }

    private static PenstockStack stack(NetNamespace in, String name, int last, boolean vnetHeader) throws Exception {
        TapConfig config = TapConfig.builder()
                .name(name)
                .macAddress(0x0200_0000_0050L + last)
                .vnetHeader(vnetHeader)
                .build();
        TapDevice tap = in.call(() -> TapDevice.open(config));
        run(in, "ip link set " + name + " master br0");
        run(in, "ip link set " + name + " up");
        StackBuilder builder = PenstockStack.builder()
                .device(tap)
                .address("192.0.2." + last + "/24")
                .vlan("eth0", 100, i -> i.address("198.51.100." + last + "/24").address("2001:db8:64::" + last + "/64"))
                .serviceVlan("eth0", 200, i -> {})
                .vlan("eth0.200", 7, i -> i.address("203.0.113." + last + "/24")
                        .address("2001:db8:7::" + last + "/64"));
        return builder.start();
    }

    /** With virtio-net headers on both sides, or on one: then the kernel has to cut what has tags. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theKernelTakesSuperSegmentsWithTags(boolean bothOffload) throws Exception {
        TapRequirement.check();
        KernelPeers.requireCommands("ip");
        byte[] data = KernelPeers.pattern(8 << 20);
        try (NetNamespace namespace = NetNamespace.create()) {
            run(namespace, "ip link add br0 type bridge");
            run(namespace, "ip link set br0 up");
            try (PenstockStack one = stack(namespace, "pen1", 1, true);
                    PenstockStack two = stack(namespace, "pen2", 2, bothOffload);
                    PingSocket ping = one.pingSocket();
                    TcpListener listener = two.listen(7)) {
                String[] addresses = {"192.0.2.2", "198.51.100.2", "2001:db8:64::2", "203.0.113.2", "2001:db8:7::2"};
                for (String address : addresses) {
                    assertTrue(ping.ping(IpAddress.parse(address), 1400, 5000).isReply(), address);
                    echo(listener);
                    try (TcpSocket s = one.connect(address, 7, 10_000)) {
                        s.setSoTimeout(30_000);
                        byte[] back =
                                KernelPeers.exchange(s.getInputStream(), s.getOutputStream(), data, s::shutdownOutput);
                        assertEquals(-1, KernelPeers.difference(data, back), address);
                    }
                }
                long segments = one.counters().get(StackCounter.TCP_OUT_SEGS);
                long lost = one.counters().get(StackCounter.TCP_RETRANS_SEGS);
                // The queue of a plain TAP overflows now and then; if what has tags were not cut, nearly all would come
                // again.
                int share = bothOffload ? 20 : 3;
                assertEquals(0, lost * share / segments, lost + " of " + segments + " segments were sent again");
                assertEquals(0, one.counters().get(StackCounter.SHARD_FAULTS));
            }
        }
    }

    private static void echo(TcpListener listener) {
        Thread thread = new Thread(() -> {
            try (TcpSocket s = listener.accept()) {
                s.getInputStream().transferTo(s.getOutputStream());
                s.shutdownOutput();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
    }
}
