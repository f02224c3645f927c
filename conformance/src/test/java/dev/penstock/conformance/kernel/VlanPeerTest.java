package dev.penstock.conformance.kernel;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.conformance.kernel.KernelLink.Ran;
import dev.penstock.stack.blocking.Endpoint;
import dev.penstock.stack.blocking.PingReply;
import dev.penstock.stack.blocking.UdpSocket;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.tap.TapRequirement;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A VLAN between Penstock and a Linux kernel: the stack's frames are tagged, and an {@link AccessPort} takes the tags off for the
 * kernel, as a switch does. Kernels with VLANs or with bridges that filter them are rare where tests run.
 */
@Timeout(120)
class VlanPeerTest extends LinkFixture {
    private static final String STACK4 = "198.51.100.2";
    private static final String KERNEL4 = "198.51.100.1";
    private static final String STACK6 = "2001:db8:64::2";
    private static final String KERNEL6 = "2001:db8:64::1";

    private KernelLink open(boolean offload, Path capture) throws Exception {
        TapRequirement.check();
        KernelPeers.requireCommands("ping", "curl", "ip", "tshark");
        return new KernelLink.Setup()
                .vnetHeader(offload)
                .httpRoot(served(1 << 20))
                .capture(capture)
                .decorator(tap -> new AccessPort(tap, 100))
                .stack(b -> b.vlan("eth0", 100, i -> i.address(STACK4 + "/24").address(STACK6 + "/64")))
                .open();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void linuxAndItsToolsSpeakWithUsOverAVlan(boolean offload) throws Exception {
        Path capture = directory.resolve("capture.pcapng");
        link = open(offload, capture);
        line("ip address add " + KERNEL4 + "/24 dev pen0");
        line("ip -6 address add " + KERNEL6 + "/64 dev pen0 nodad");
        pings();
        curl("-4", STACK4);
        curl("-6", STACK6);
        byte[] data = KernelPeers.pattern(1 << 20);
        echoOfKernel(KERNEL4, data, s -> {});
        echoOfKernel(KERNEL6, data, s -> {});
        echoOfStack(STACK4, data);
        echoOfStack(STACK6, data);
        try (UdpSocket udp = link.stack().udpSocket()) {
            udp.setTrafficClass(0xb8);
            udp.send(new byte[100], 0, 100, Endpoint.of(KERNEL4, 9));
            Thread.sleep(200);
        }
        assertEndsInOrder();
        assertTrue(CaptureCheck.count(capture, "vlan.id == 100 && tcp && ip") > 100);
        assertTrue(CaptureCheck.count(capture, "vlan.id == 100 && tcp && ipv6") > 100);
        assertTrue(CaptureCheck.count(capture, "vlan.id == 100 && arp && arp.opcode == 2") > 0);
        assertTrue(CaptureCheck.count(capture, "vlan.priority == 5 && udp && ip.dsfield.dscp == 46") > 0);
        assertNoFindings(
                capture,
                f -> f.endsWith(CaptureCheck.QUOTED_CHECKSUM)
                        || f.startsWith(KERNEL4)
                        || f.startsWith(KERNEL6)
                        || f.startsWith(KernelLink.KERNEL));
    }

    private void pings() throws Exception {
        for (String size : new String[] {"56", "1472", "1473", "20000"}) {
            for (String address : new String[] {STACK4, STACK6}) {
                Ran ran = ok("ping", "-n", "-c", "2", "-i", "0.05", "-s", size, address);
                assertTrue(ran.output().contains(" 0% packet loss"), ran::toString);
            }
        }
        try (var ping = link.stack().pingSocket()) {
            for (String address : new String[] {KERNEL4, KERNEL6}) {
                PingReply reply = ping.ping(IpAddress.parse(address), 3000, 2000);
                assertTrue(reply.isReply(), address + ": " + reply);
            }
        }
    }
}
