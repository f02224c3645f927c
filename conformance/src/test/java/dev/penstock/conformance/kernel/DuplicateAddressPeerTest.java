package dev.penstock.conformance.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.ip.AddressInfo;
import dev.penstock.stack.ip.AddressListener;
import dev.penstock.stack.ip.IpConfig;
import dev.penstock.stack.ip.IpInterface;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.tap.TapRequirement;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One address, two hosts: a Linux kernel and the stack (RFC 5227; RFC 4862, section 5.4). Who has it keeps it. */
@Timeout(90)
class DuplicateAddressPeerTest extends LinkFixture {
    private static final String FREE6 = "2001:db8:9::2";

    private final List<String> told = new CopyOnWriteArrayList<>();

    private KernelLink.Setup setup() throws Exception {
        TapRequirement.check();
        KernelPeers.requireCommands("ip", "ping", "curl", "arping", "tshark");
        return new KernelLink.Setup().httpRoot(served(1 << 16)).capture(capture());
    }

    private Path capture() {
        return directory.resolve("capture.pcapng");
    }

    private void listen() throws Exception {
        link.stack().call(shard -> {
            shard.ip().addAddressListener(new AddressListener() {
                @Override
                public void onConflict(IpInterface nic, IpAddress address, long mac, boolean lost, long nowNs) {
                    told.add(address + (lost ? " lost" : " kept"));
                }
            });
            return null;
        });
    }

    private boolean isOurs(String address) throws Exception {
        return link.stack().addressesInUse().stream()
                .anyMatch(p -> p.address().toString().equals(address));
    }

    @Test
    void theStackYieldsToLinux() throws Exception {
        link = setup().prepare(
                        "ip address add 10.9.0.50/24 dev pen0",
                        "ip -6 address add 2001:db8:9::1/64 dev pen0 nodad",
                        "ip -6 address add 2001:db8:9::50/64 dev pen0 nodad")
                .stack(b -> {
                    b.config().ip.probe = true;
                    b.address("10.9.0.50/24").address(FREE6 + "/64").address("2001:db8:9::50/64");
                })
                .open();
        listen();
        until("the end of probing", () -> isOurs(KernelLink.STACK) && isOurs(FREE6) && !told.isEmpty());
        assertFalse(isOurs("10.9.0.50"), "RFC 5227, 2.1.1");
        assertFalse(isOurs("2001:db8:9::50"), "RFC 4862, 5.4.5");
        assertTrue(told.contains("10.9.0.50 lost"), told::toString);
        assertTrue(link.stack().counters().get(StackCounter.ARP_CONFLICTS) > 0);
        assertEquals(1, link.stack().counters().get(StackCounter.NDP_DUPLICATES));
        curl("-4", KernelLink.STACK);
        curl("-6", FREE6);
        // They are Linux's, for the stack as for anybody.
        try (var ping = link.stack().pingSocket()) {
            assertTrue(ping.ping(IpAddress.parse("10.9.0.50"), 56, 2000).isReply());
            assertTrue(ping.ping(IpAddress.parse("2001:db8:9::50"), 56, 2000).isReply());
        }
        assertEndsInOrder();
        String ours = "eth.src == 02:00:00:00:00:77 && ";
        assertTrue(CaptureCheck.count(capture(), ours + "arp.isprobe == 1 && arp.dst.proto_ipv4 == 10.9.0.50") > 0);
        assertEquals(0, CaptureCheck.count(capture(), ours + "arp.src.proto_ipv4 == 10.9.0.50"), "never claimed");
        // While it was optimistic, advertisements overrode nothing (RFC 4429, 3.3).
        String taken = "icmpv6.nd.na.target_address == 2001:db8:9::50 && icmpv6.nd.na.flag.o == 1";
        assertEquals(0, CaptureCheck.count(capture(), ours + taken));
    }

    @Test
    void linuxYieldsToTheStack() throws Exception {
        link = setup().prepare("ip -6 address add 2001:db8:9::1/64 dev pen0 nodad")
                .stack(b -> b.address(FREE6 + "/64"))
                .open();
        listen();
        // Of two that verify it at once, neither may have it (RFC 4862, 5.4.3).
        until("the end of verifying", () -> link.stack()
                .call(shard -> shard.ip().addresses().list(shard.ip().interfaceAt(0)).stream()
                        .noneMatch(AddressInfo::tentative)));
        curl("-6", FREE6);
        line("ip -6 address add " + FREE6 + "/128 dev pen0");
        until("Linux finds out", () -> line("ip -6 address show dev pen0 to " + FREE6)
                .contains("dadfailed"));
        assertEquals(
                1,
                link.run(10, "arping", "-D", "-q", "-c", "2", "-w", "3", "-I", "pen0", KernelLink.STACK)
                        .exit(),
                "it is in use");
        // Claimed without asking: defended, for it is a server's.
        line("ip address add " + KernelLink.STACK + "/32 dev lo");
        link.run(10, "arping", "-U", "-q", "-c", "3", "-w", "4", "-I", "pen0", KernelLink.STACK);
        line("ip address del " + KernelLink.STACK + "/32 dev lo");
        assertTrue(told.contains(KernelLink.STACK + " kept"), told::toString);
        assertTrue(isOurs(KernelLink.STACK) && isOurs(FREE6));
        curl("-4", KernelLink.STACK);
        curl("-6", FREE6);
        assertEndsInOrder();
        String ours = "eth.src == 02:00:00:00:00:77 && ";
        assertTrue(CaptureCheck.count(capture(), ours + "arp.isannouncement == 1") > 0, "RFC 5227, 2.4");
        assertTrue(CaptureCheck.count(capture(), ours + "icmpv6.nd.na.target_address == " + FREE6) > 0);
    }

    @Test
    void anAddressThatLinuxKeepsClaimingIsGivenUpWherePolicySaysSo() throws Exception {
        link = setup().stack(b -> {
                    b.config().ip.conflictPolicy = IpConfig.ConflictPolicy.DEFEND_ONCE;
                    b.address("10.9.0.3/24");
                })
                .open();
        listen();
        line("ip address add " + KernelLink.STACK + "/32 dev lo");
        link.run(10, "arping", "-U", "-q", "-c", "3", "-w", "4", "-I", "pen0", KernelLink.STACK);
        until("it is given up", () -> told.contains(KernelLink.STACK + " lost"));
        assertEquals(KernelLink.STACK + " kept", told.get(0), "defended once");
        assertFalse(isOurs(KernelLink.STACK));
        curl("-4", "10.9.0.3");
    }
}
