package dev.penstock.conformance.kernel;

import dev.penstock.tap.NetNamespace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A daemon of others that configures hosts on {@code pen0}, where the kernel is {@code 10.9.0.1} and {@code 2001:db8:9::1}. */
public final class ConfigurationServer implements AutoCloseable {
    /** Which one. */
    public enum Kind {
        RADVD("radvd"),
        DNSMASQ("dnsmasq"),
        KEA("kea-dhcp4"),
        DHCPD("dhcpd");

        final String command;

        Kind(String command) {
            this.command = command;
        }
    }

    private static final int DNSMASQ_LEAST = 120;

    private final Path log;
    private final Process process;

    private ConfigurationServer(Path log, Process process) {
        this.log = log;
        this.process = process;
    }

    /**
     * Starts it; its files are written to {@code directory}, which users without privileges must be able to write to.
     *
     * @param pool of IPv4 addresses, {@code 10.9.0.50-10.9.0.60}; of no meaning to radvd
     * @param seconds of a lease, and a third of that until it is to be prolonged; dnsmasq lends for 120 at least
     */
    public static ConfigurationServer start(Kind kind, NetNamespace namespace, Path directory, String pool, int seconds)
            throws IOException {
        String first = pool.substring(0, pool.indexOf('-'));
        String last = pool.substring(pool.indexOf('-') + 1);
        List<String> command =
                switch (kind) {
                    case RADVD -> radvd(directory);
                    case DNSMASQ -> dnsmasq(directory, first, last, seconds);
                    case KEA -> kea(directory, first, last, seconds);
                    case DHCPD -> dhcpd(directory, first, last, seconds);
                };
        Path log = directory.resolve(kind.command + ".log");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("KEA_PIDFILE_DIR", directory.toString());
        builder.environment().put("KEA_LOCKFILE_DIR", directory.toString());
        return new ConfigurationServer(log, namespace.start(builder));
    }

    private static List<String> radvd(Path directory) throws IOException {
        Path config = Files.writeString(
                directory.resolve("radvd.conf"),
                """
                interface pen0 { AdvSendAdvert on; MinRtrAdvInterval 3; MaxRtrAdvInterval 4;
                  prefix 2001:db8:9::/64 {}; };
                """);
        String pid = directory.resolve("radvd.pid").toString();
        return List.of("radvd", "-n", "-m", "stderr_clean", "-C", config.toString(), "-p", pid);
    }

    private static List<String> dnsmasq(Path directory, String first, String last, int seconds) {
        return List.of(
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
                "--dhcp-range=" + first + "," + last + ",255.255.255.0," + Math.max(DNSMASQ_LEAST, seconds) + "s",
                "--dhcp-option=58," + seconds / 3,
                "--dhcp-option=59," + seconds * 2 / 3,
                "--dhcp-leasefile=" + directory.resolve("dnsmasq.leases"),
                "--dhcp-option=26,1400",
                "--dhcp-option=42,10.9.0.1");
    }

    private static List<String> kea(Path directory, String first, String last, int seconds) throws IOException {
        Path config = Files.writeString(
                directory.resolve("kea.json"),
                """
                {"Dhcp4": {"interfaces-config": {"interfaces": ["pen0"], "dhcp-socket-type": "raw"},
                "lease-database": {"type": "memfile", "persist": true, "name": "%s", "lfc-interval": 0},
                "valid-lifetime": %d, "renew-timer": %d, "rebind-timer": %d, "authoritative": true,
                "subnet4": [{"subnet": "10.9.0.0/24", "pools": [{"pool": "%s - %s"}],
                "option-data": [{"name": "routers", "data": "10.9.0.1"}]}]}}
                """
                        .formatted(
                                directory.resolve("kea-leases.csv"),
                                seconds,
                                seconds / 3,
                                seconds * 2 / 3,
                                first,
                                last));
        return List.of("kea-dhcp4", "-c", config.toString());
    }

    private static List<String> dhcpd(Path directory, String first, String last, int seconds) throws IOException {
        Path config = Files.writeString(
                directory.resolve("dhcpd.conf"),
                """
                authoritative; ping-check false;
                default-lease-time %1$d; max-lease-time %1$d; min-lease-time %1$d;
                subnet 10.9.0.0 netmask 255.255.255.0 { range %2$s %3$s; option routers 10.9.0.1; }
                """
                        .formatted(seconds, first, last));
        Path leases = Files.writeString(directory.resolve("dhcpd.leases"), "");
        String pid = directory.resolve("dhcpd.pid").toString();
        return List.of(
                "dhcpd", "-f", "-d", "-4", "-cf", config.toString(), "-lf", leases.toString(), "-pf", pid, "pen0");
    }

    /** What it has said. */
    public String log() throws IOException {
        return Files.readString(log, StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
