package dev.penstock.conformance.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.blocking.PenstockStack;
import dev.penstock.stack.device.BlockingDevice;
import dev.penstock.stack.device.PcapTap;
import dev.penstock.stack.device.PcapngWriter;
import dev.penstock.stack.dhcp.DhcpConfig;
import dev.penstock.stack.dhcp.DhcpLease;
import dev.penstock.stack.dhcp.DhcpListener;
import dev.penstock.stack.ip.IpInterface;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.tap.NetNamespace;
import dev.penstock.tap.TapConfig;
import dev.penstock.tap.TapDevice;
import dev.penstock.tap.TapRequirement;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Leases from the DHCP servers of others: dnsmasq, ISC dhcpd and Kea, on the kernel's side of a TAP interface. */
@Timeout(120)
class DhcpServerPeerTest {
    private static final long MAC = MacAddress.parse("02:00:00:00:00:77");

    @TempDir
    Path directory;

    private final List<String> told = new CopyOnWriteArrayList<>();
    private final List<Throwable> faults = new CopyOnWriteArrayList<>();
    private final DhcpConfig config = new DhcpConfig();
    private NetNamespace namespace;
    private Process server;
    private PcapngWriter capture;

    @BeforeEach
    void make() throws Exception {
        TapRequirement.check();
        KernelPeers.requireCommands("ip", "ping", "tshark");
        namespace = NetNamespace.create();
        // The servers give up their privileges, and must read and write here nevertheless.
        directory.toFile().setWritable(true, false);
        directory.toFile().setReadable(true, false);
        directory.toFile().setExecutable(true, false);
        config.probe = false;
        config.hostName = "tester";
        config.listener = new DhcpListener() {
            @Override
            public void onLease(IpInterface nic, DhcpLease lease, boolean renewed, long nowNs) {
                told.add((renewed ? "renewed " : "lease ") + lease.address());
            }

            @Override
            public void onLeaseLost(IpInterface nic, DhcpLease lease, Loss why, long nowNs) {
                told.add("lost " + why);
            }
        };
    }

    @AfterEach
    void end() throws Exception {
        stopServer();
        if (namespace != null) {
            namespace.close();
        }
    }

    private String run(String command) throws Exception {
        Process process = namespace.start(new ProcessBuilder("sh", "-c", command).redirectErrorStream(true));
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), command + ": " + output);
        return output;
    }

    /** Opens the interface, so that servers find it; the stack comes later. */
    private BlockingDevice tap() throws Exception {
        // One that outlives the stack, so that the server can still take what is sent at its end.
        run("ip tuntap add pen0 mode tap");
        TapConfig settings = TapConfig.builder()
                .name("pen0")
                .macAddress(MAC)
                .hostAddress("10.9.0.1/24")
                .build();
        TapDevice tap = namespace.call(() -> TapDevice.open(settings));
        capture = new PcapngWriter(
                FileChannel.open(capturePath(), StandardOpenOption.CREATE, StandardOpenOption.WRITE), 65_549);
        return (BlockingDevice) PcapTap.over(tap, capture, "pen0", () -> {
            Instant now = Instant.now();
            return now.getEpochSecond() * 1_000_000_000L + now.getNano();
        });
    }

    private Path capturePath() {
        return directory.resolve("capture.pcapng");
    }

    private PenstockStack start(BlockingDevice device) {
        return PenstockStack.builder()
                .device(device)
                .dhcp(config)
                .errorHandler(faults::add)
                .start();
    }

    private void serve(String... command) throws Exception {
        KernelPeers.requireCommands(command[0]);
        server = namespace.start(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("server.log").toFile()));
    }

    private void stopServer() throws Exception {
        if (server != null) {
            server.destroy();
            server.waitFor(10, TimeUnit.SECONDS);
            server = null;
        }
    }

    private void await(BooleanSupplier what, int seconds, String text) throws Exception {
        for (int i = 0; i < seconds * 20; i++) {
            if (what.getAsBoolean()) {
                return;
            }
            Thread.sleep(50);
        }
        throw new AssertionError(text + ": " + told + "\n" + read("server.log") + read("dnsmasq.log"));
    }

    private String read(String file) {
        try {
            return Files.readString(directory.resolve(file), StandardCharsets.ISO_8859_1);
        } catch (java.io.IOException e) {
            return "";
        }
    }

    /** With Wireshark's own idea of what DHCP is; {@link CaptureCheck} takes what is above UDP for data. */
    private int count(String filter) throws Exception {
        capture.close();
        return Integer.parseInt(run("tshark -n -r '" + capturePath() + "' -Y '" + filter + "' 2>/dev/null | wc -l")
                .strip());
    }

    private void tsharkHasNoComplaint() throws Exception {
        capture.close();
        String found = run("tshark -r '" + capturePath()
                + "' -Y '_ws.malformed || (dhcp && _ws.expert.severity >= 6291456)'" + " 2>/dev/null");
        assertEquals("", found);
        assertTrue(count("dhcp.option.dhcp == 3 && dhcp.option.hostname == \"tester\"") > 0);
        assertEquals(List.of(), faults);
    }

    private void dnsmasq(String range) throws Exception {
        serve(
                "dnsmasq",
                "--no-daemon",
                "--conf-file=/dev/null",
                "--user=root",
                "--port=0",
                "--interface=pen0",
                "--bind-interfaces",
                "--no-ping",
                "--log-dhcp",
                "--dhcp-authoritative",
                "--dhcp-range=" + range,
                "--dhcp-leasefile=" + directory.resolve("leases"),
                "--dhcp-option=15,example.org",
                "--dhcp-option=119,a.example,b.example",
                "--dhcp-option=6,10.9.0.1",
                "--dhcp-option=121,198.51.100.0/24,10.9.0.254,0.0.0.0/0,10.9.0.1",
                "--dhcp-option=42,10.9.0.1",
                "--dhcp-option=26,1400");
    }

    @Test
    void dnsmasqLendsAnAddressThatWorksAndTakesItBack() throws Exception {
        BlockingDevice device = tap();
        dnsmasq("10.9.0.50,10.9.0.60,255.255.255.0,2m");
        config.probe = true;
        try (PenstockStack stack = start(device)) {
            IpAddress address = stack.awaitAddress(40_000);
            DhcpLease lease = stack.dhcpLease().orElseThrow();
            assertEquals(address, lease.address().address());
            assertEquals(120, lease.leaseSeconds());
            assertEquals(
                    "[198.51.100.0/24 10.9.0.254, 0.0.0.0/0 10.9.0.1]",
                    lease.routes().toString());
            assertEquals(List.of("a.example", "b.example"), lease.searchDomains());
            assertEquals("example.org", lease.domainName());
            assertEquals(1400, lease.mtu());
            assertEquals(1400, (int) stack.call(s -> s.ip().interfaceAt(0).mtuV4()), "it is obeyed");
            assertEquals("[10.9.0.1]", lease.ntpServers().toString());
            assertEquals(1, (int) stack.call(s -> s.ip().resolvers().servers().size()));
            assertTrue(run("ping -n -c 3 -i 0.1 -W 5 " + address).contains(" 0% packet loss"));
            assertTrue(read("leases").contains(address + " tester"), read("leases"));
        }
        await(() -> !read("leases").contains(" tester "), 10, "the lease was not given back");
        assertTrue(read("server.log").contains("DHCPRELEASE(pen0)"), read("server.log"));
        assertTrue(count("arp.isprobe == 1 && arp.src.hw_mac == 02:00:00:00:00:77") >= 3);
        tsharkHasNoComplaint();
    }

    @Test
    void anAddressOfAnotherNetworkIsRefusedAndAnotherOneGot() throws Exception {
        BlockingDevice device = tap();
        dnsmasq("10.9.0.50,10.9.0.60,255.255.255.0,2m");
        config.previousLease =
                DhcpLease.parse("address 10.77.0.5/24\nserver 10.77.0.1\nlease 600\nrenew 300\nrebind 525\n");
        try (PenstockStack stack = start(device)) {
            String address = stack.awaitAddress(40_000).toString();
            assertTrue(address.startsWith("10.9.0."), address);
            await(() -> read("server.log").contains("DHCPNAK"), 5, "the server did not refuse");
        }
        tsharkHasNoComplaint();
    }

    @Test
    void anAddressThatAnotherHasIsDeclined() throws Exception {
        BlockingDevice device = tap();
        dnsmasq("10.9.0.50,10.9.0.51,255.255.255.0,2m");
        // The kernel answers ARP for addresses of any interface of its.
        run("ip link set lo up; ip address add 10.9.0.50/32 dev lo && ip address add 10.9.0.51/32 dev lo");
        config.probe = true;
        try (PenstockStack stack = start(device)) {
            await(() -> read("server.log").contains("DHCPDECLINE"), 40, "nothing was declined");
            assertFalse(stack.dhcpLease().isPresent());
        }
        assertTrue(count("dhcp.option.dhcp == 4") > 0);
        tsharkHasNoComplaint();
    }

    @Test
    void dhcpdProlongsLeasesOfSeconds() throws Exception {
        BlockingDevice device = tap();
        Files.writeString(
                directory.resolve("dhcpd.conf"),
                "authoritative; ping-check false; default-lease-time 4; max-lease-time 4; min-lease-time 4;\n"
                        + "subnet 10.9.0.0 netmask 255.255.255.0 { range 10.9.0.70 10.9.0.79;\n"
                        + "option routers 10.9.0.1; option domain-name \"example.org\"; }\n");
        Files.writeString(directory.resolve("dhcpd.leases"), "");
        serve(
                "dhcpd",
                "-f",
                "-d",
                "-4",
                "-cf",
                directory.resolve("dhcpd.conf").toString(),
                "-lf",
                directory.resolve("dhcpd.leases").toString(),
                "-pf",
                directory.resolve("dhcpd.pid").toString(),
                "pen0");
        try (PenstockStack stack = start(device)) {
            IpAddress address = stack.awaitAddress(40_000);
            await(() -> told.stream().filter(t -> t.startsWith("renewed")).count() >= 3, 30, "it was not renewed");
            assertTrue(told.stream().noneMatch(t -> t.startsWith("lost")), told::toString);
            assertEquals(address, stack.dhcpLease().orElseThrow().address().address());
            assertTrue(run("ping -n -c 2 -i 0.1 -W 5 " + address).contains(" 0% packet loss"));
            stopServer();
            await(() -> told.contains("lost EXPIRED"), 20, "the lease did not end without its server");
        }
        tsharkHasNoComplaint();
    }

    /** The pool was moved while the lease lasts: dnsmasq refuses to prolong it, and lends another address. */
    @Test
    void anAddressThatIsNoLongerInThePoolIsGivenUp() throws Exception {
        KernelPeers.requireCommands("dnsmasq");
        BlockingDevice device = tap();
        ConfigurationServer lender = ConfigurationServer.start(
                ConfigurationServer.Kind.DNSMASQ, namespace, directory, "10.9.0.70-10.9.0.79", 9);
        try (PenstockStack stack = start(device)) {
            String before = stack.awaitAddress(40_000).toString();
            assertTrue(before.startsWith("10.9.0.7"), before);
            lender.close();
            // It forgets what it has lent, as after a change of its configuration.
            Files.deleteIfExists(directory.resolve("dnsmasq.leases"));
            lender = ConfigurationServer.start(
                    ConfigurationServer.Kind.DNSMASQ, namespace, directory, "10.9.0.90-10.9.0.99", 9);
            await(() -> told.contains("lost REFUSED"), 20, "it was not refused");
            await(() -> told.stream().anyMatch(t -> t.startsWith("lease 10.9.0.9")), 20, "nothing was lent after");
            IpAddress after = stack.dhcpLease().orElseThrow().address().address();
            assertTrue(run("ping -n -c 2 -i 0.1 -W 5 " + after).contains(" 0% packet loss"));
        } finally {
            lender.close();
        }
        assertTrue(count("dhcp.option.dhcp == 6") > 0, "a NAK");
        tsharkHasNoComplaint();
    }

    @Test
    void keaLendsAndNoticesTheRelease() throws Exception {
        BlockingDevice device = tap();
        String leases = directory.resolve("kea-leases.csv").toString();
        Files.writeString(
                directory.resolve("kea.json"),
                """
                {"Dhcp4": {"interfaces-config": {"interfaces": ["pen0"], "dhcp-socket-type": "raw"},
                "lease-database": {"type": "memfile", "persist": true, "name": "%s", "lfc-interval": 0},
                "valid-lifetime": 6, "renew-timer": 2, "rebind-timer": 4, "authoritative": true,
                "subnet4": [{"subnet": "10.9.0.0/24", "pools": [{"pool": "10.9.0.80 - 10.9.0.89"}],
                "option-data": [{"name": "routers", "data": "10.9.0.1"}]}]}}
                """
                        .formatted(leases));
        KernelPeers.requireCommands("kea-dhcp4");
        ProcessBuilder kea = new ProcessBuilder(
                "kea-dhcp4", "-c", directory.resolve("kea.json").toString());
        kea.environment().put("KEA_PIDFILE_DIR", directory.toString());
        kea.environment().put("KEA_LOCKFILE_DIR", directory.toString());
        server = namespace.start(kea.redirectErrorStream(true)
                .redirectOutput(directory.resolve("server.log").toFile()));
        IpAddress address;
        try (PenstockStack stack = start(device)) {
            address = stack.awaitAddress(40_000);
            assertEquals(2, stack.dhcpLease().orElseThrow().renewSeconds());
            await(() -> told.stream().filter(t -> t.startsWith("renewed")).count() >= 2, 30, "it was not renewed");
        }
        // A lease that was given back is written once more, with a lifetime of 0.
        await(
                () -> read("kea-leases.csv").lines().anyMatch(l -> l.startsWith(address + ",") && l.contains(",0,")),
                10,
                "no release: " + read("kea-leases.csv"));
        assertNotEquals(0, told.size());
        tsharkHasNoComplaint();
    }
}
