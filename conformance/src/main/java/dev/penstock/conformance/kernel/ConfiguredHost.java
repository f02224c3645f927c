package dev.penstock.conformance.kernel;

import dev.penstock.apps.http.FileHandler;
import dev.penstock.apps.http.HttpServer;
import dev.penstock.apps.iperf.IperfException;
import dev.penstock.apps.iperf.IperfListener;
import dev.penstock.apps.iperf.IperfServer;
import dev.penstock.apps.net.StackTransport;
import dev.penstock.stack.blocking.PenstockStack;
import dev.penstock.stack.blocking.StackBuilder;
import dev.penstock.stack.dhcp.DhcpConfig;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.tap.NetNamespace;
import dev.penstock.tap.TapConfig;
import dev.penstock.tap.TapDevice;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A stack that gets its addresses in one of several ways, serves HTTP and iperf3, and a Linux kernel on the other side. */
final class ConfiguredHost implements AutoCloseable {
    static final String KERNEL4 = "10.9.0.1";
    static final String KERNEL6 = "2001:db8:9::1";
    private static final String STACK4 = "10.9.0.2";
    private static final String STACK6 = "2001:db8:9::2";
    private static final int VID = 100;

    /** How the stack gets its addresses. */
    enum Way {
        /** Given, of both families. */
        STATIC(null),
        /** IPv6, from radvd. */
        SLAAC(ConfigurationServer.Kind.RADVD),
        DNSMASQ(ConfigurationServer.Kind.DNSMASQ),
        KEA(ConfigurationServer.Kind.KEA),
        DHCPD(ConfigurationServer.Kind.DHCPD),
        /** Given, on a VLAN; Linux is behind a switch that takes the tags off, both on one bridge of the kernel's. */
        VLAN(null);

        final ConfigurationServer.Kind server;

        Way(ConfigurationServer.Kind server) {
            this.server = server;
        }
    }

    private final NetNamespace namespace;
    private final List<Throwable> faults = new CopyOnWriteArrayList<>();
    private VlanRelay relay;
    private ConfigurationServer server;
    private PenstockStack stack;
    private HttpServer http;

    private ConfiguredHost(NetNamespace namespace) {
        this.namespace = namespace;
    }

    /** Makes all of it and waits for the addresses. {@code directory} is for the daemons' files; {@code root} is served. */
    static ConfiguredHost open(Way way, Path directory, Path root) throws Exception {
        ConfiguredHost host = new ConfiguredHost(NetNamespace.create());
        try {
            host.start(way, directory, root);
            return host;
        } catch (Exception e) {
            host.close();
            throw e;
        }
    }

    private void start(Way way, Path directory, Path root) throws Exception {
        // It outlives the stack, so that servers find it before, and take what is sent at the end.
        run("ip tuntap add pen0 mode tap");
        String kernel = "pen0";
        if (way == Way.VLAN) {
            relay = VlanRelay.start(namespace, "acc0", "trunk0", VID);
            kernel = "acc0";
            run("ip link add br0 type bridge");
            run("ip link set pen0 master br0");
            run("ip link set trunk0 master br0");
            run("ip link set trunk0 up");
            run("ip link set br0 up");
        }
        run("ip address add " + KERNEL4 + "/24 dev " + kernel);
        run("ip -6 address add " + KERNEL6 + "/64 dev " + kernel + " nodad");
        run("ip link set " + kernel + " up");
        run("ip link set pen0 up");
        TapConfig config = TapConfig.builder()
                .name("pen0")
                .macAddress(KernelLink.STACK_MAC)
                .build();
        TapDevice tap = namespace.call(() -> TapDevice.open(config));
        if (way.server != null) {
            server = ConfigurationServer.start(way.server, namespace, directory, "10.9.0.50-10.9.0.60", 120);
        }
        StackBuilder builder = PenstockStack.builder().device(tap).errorHandler(faults::add);
        configure(builder, way);
        stack = builder.start();
        http = new HttpServer(StackTransport.listener(stack.listen(KernelLink.HTTP)), new FileHandler(root)).start();
        Object failed = stack.call(shard -> {
            try {
                return IperfServer.start(shard, IperfServer.PORT, new IperfListener() {}, 0) == null ? "closed" : "";
            } catch (IperfException e) {
                return e.getMessage();
            }
        });
        if (!failed.equals("")) {
            throw new IOException("iperf3: " + failed);
        }
        stack.awaitAddress(40_000);
    }

    private static void configure(StackBuilder builder, Way way) {
        switch (way) {
            case STATIC ->
                builder.address(STACK4 + "/24")
                        .address(STACK6 + "/64")
                        .gateway(KERNEL4)
                        .gateway(KERNEL6);
            case SLAAC -> builder.slaac(true);
            case VLAN ->
                builder.vlan("eth0", VID, i -> i.address(STACK4 + "/24")
                        .address(STACK6 + "/64")
                        .gateway(KERNEL4)
                        .gateway(KERNEL6));
            default -> builder.dhcp(new DhcpConfig());
        }
    }

    private void run(String command) throws Exception {
        Process process = namespace.start(new ProcessBuilder(command.split(" ")).redirectErrorStream(true));
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(command + ": " + output);
        }
    }

    /** The stack's addresses that Linux is to try, one of each family. */
    List<IpAddress> addresses() throws IOException {
        List<IpAddress> found = new ArrayList<>();
        for (IpPrefix each : stack.addressesInUse()) {
            IpAddress a = each.address();
            boolean another = found.stream().noneMatch(f -> f.isV4() == a.isV4());
            if (another && !(!a.isV4() && IpAddress.isLinkLocalV6(a.hi()))) {
                found.add(a);
            }
        }
        return found;
    }

    NetNamespace namespace() {
        return namespace;
    }

    PenstockStack stack() {
        return stack;
    }

    /** Ends the stack, and says what is wrong then; empty when nothing is. */
    String end() {
        http.close(2000);
        stack.close();
        StringBuilder wrong = new StringBuilder(stack.leaks());
        faults.forEach(f -> wrong.append(' ').append(f));
        return wrong.toString();
    }

    @Override
    public void close() {
        try {
            if (stack != null) {
                stack.close();
            }
            if (server != null) {
                server.close();
            }
            if (relay != null) {
                relay.close();
            }
        } finally {
            namespace.close();
        }
    }
}
