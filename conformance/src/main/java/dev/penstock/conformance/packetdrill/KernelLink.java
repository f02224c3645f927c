package dev.penstock.conformance.packetdrill;

import dev.penstock.tap.NetNamespace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A network namespace with a TUN device in it, whose other end is a script's wire. Nothing of it touches the machine's own. */
final class KernelLink implements AutoCloseable {
    static final String DEVICE = "tun0";

    private static final long TUNSETIFF = 0x4004_54CAL;
    private static final int IFF_TUN = 0x0001;
    private static final int IFF_NO_PI = 0x1000;
    private static final int O_RDWR = 2;
    private static final int O_NONBLOCK = 0x800;
    private static final int O_CLOEXEC = 0x8_0000;
    private static final int IFREQ_LENGTH = 40;

    final NetNamespace namespace;
    /** The device. Reading does not block. */
    final int fd;

    private final WireSettings wire;
    private boolean closed;

    private KernelLink(NetNamespace namespace, int fd, WireSettings wire) {
        this.namespace = namespace;
        this.fd = fd;
        this.wire = wire;
    }

    static KernelLink open(WireSettings wire) throws IOException {
        NetNamespace namespace = NetNamespace.create();
        int fd = -1;
        try {
            fd = namespace.call(KernelLink::openTun);
            KernelLink link = new KernelLink(namespace, fd, wire);
            link.configure();
            return link;
        } catch (IOException e) {
            abandon(namespace, fd);
            throw e;
        } catch (Exception e) {
            abandon(namespace, fd);
            throw new IOException(e.getMessage(), e);
        }
    }

    private static void abandon(NetNamespace namespace, int fd) {
        if (fd >= 0) {
            NativeCalls.get().c().close(fd);
        }
        namespace.close();
    }

    private static int openTun() throws IOException {
        NativeCalls n = NativeCalls.get();
        NativeBytes path = NativeBytes.text("/dev/net/tun");
        long fd = n.told(n.c().open(path.start(), O_RDWR | O_NONBLOCK | O_CLOEXEC, 0));
        if (fd < 0) {
            throw new IOException("cannot open /dev/net/tun: error " + -fd + ": run as root");
        }
        NativeBytes ifreq = new NativeBytes(IFREQ_LENGTH);
        ifreq.b.putStringWithoutLengthAscii(0, DEVICE);
        ifreq.b.putShort(16, (short) (IFF_TUN | IFF_NO_PI));
        long attached = n.told(n.c().ioctl((int) fd, TUNSETIFF, ifreq.start()));
        if (attached < 0) {
            n.c().close((int) fd);
            throw new IOException("cannot make a TUN device: error " + -attached + ": run as root");
        }
        return (int) fd;
    }

    private void configure() throws IOException {
        // No router is asked for and no address is claimed: a script is alone on its wire.
        if (wire.v6) {
            writeSetting("net/ipv6/conf/" + DEVICE + "/accept_dad", "0");
            writeSetting("net/ipv6/conf/" + DEVICE + "/router_solicitations", "0");
            writeSetting("net/ipv6/conf/" + DEVICE + "/addr_gen_mode", "1");
        }
        String own = wire.local + "/" + wire.prefixLength + " dev " + DEVICE + (wire.v6 ? " nodad" : "");
        ip("link set dev " + DEVICE + " mtu " + wire.mtu + " up", "addr add " + own, "route add default dev " + DEVICE);
    }

    /** Runs lines of {@code ip} in the namespace. */
    void ip(String... lines) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(List.of("ip", wire.v6 ? "-6" : "-4", "-batch", "-")).redirectErrorStream(true);
        Process ip = namespace.start(builder);
        ip.getOutputStream().write((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
        ip.getOutputStream().close();
        String output = new String(ip.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (ip.waitFor() != 0) {
                throw new IOException("ip: " + output.strip().replace('\n', ' '));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** @param path below /proc/sys; what it means is that of this namespace alone */
    void writeSetting(String path, String value) throws IOException {
        try {
            namespace.call(() -> {
                java.nio.file.Files.writeString(java.nio.file.Path.of("/proc/sys/" + path), value + "\n");
                return null;
            });
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** True if this kernel has such a setting, for each namespace of its own. */
    boolean hasSetting(String path) throws IOException {
        try {
            return namespace.call(() -> java.nio.file.Files.exists(java.nio.file.Path.of("/proc/sys/" + path)));
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            abandon(namespace, fd);
        }
    }
}
