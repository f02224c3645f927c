package dev.penstock.apps.cli;

import dev.penstock.apps.trace.TcpTraceCsv;
import dev.penstock.stack.blocking.Endpoint;
import dev.penstock.stack.blocking.PenstockStack;
import dev.penstock.stack.blocking.StackBuilder;
import dev.penstock.stack.device.BlockingDevice;
import dev.penstock.stack.device.PcapTap;
import dev.penstock.stack.device.PcapngWriter;
import dev.penstock.stack.ip.AddressInfo;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.Ipv6Header;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.tap.TapConfig;
import dev.penstock.tap.TapDevice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** A stack on a TAP interface as the options describe it: opened in one step, closed in one step. */
final class TapStack implements AutoCloseable {
    private static final int SNAP_LENGTH = 65_535 + 14;
    private static final long ADDRESS_POLL_MILLIS = 20;

    private final TapDevice tap;
    private final PenstockStack stack;
    private final PcapngWriter capture;
    private final TcpTraceCsv trace;
    private final Console console;

    private TapStack(TapDevice tap, PenstockStack stack, PcapngWriter capture, TcpTraceCsv trace, Console console) {
        this.tap = tap;
        this.stack = stack;
        this.capture = capture;
        this.trace = trace;
        this.console = console;
    }

    /** Opens the interface in the network namespace of the calling thread and starts the stack. */
    static TapStack open(TapOptions options, Console console) throws IOException, CliException {
        options.dhcp |= options.auto;
        options.slaac |= options.auto;
        check(options);
        long mac = options.mac != null ? options.mac : MacAddress.locallyAdministered(new SecureRandom().nextLong());
        TapConfig.Builder config = TapConfig.builder()
                .name(options.tap)
                .mtu(options.mtu)
                .macAddress(mac)
                .binding(options.binding)
                .vnetHeader(!options.noOffload);
        options.hostAddresses.forEach(each -> config.hostAddress(each.toString()));
        TapConfig checked = config.build();
        PcapngWriter capture = options.pcap == null ? null : openCapture(options.pcap);
        TcpTraceCsv trace = null;
        TapDevice tap = null;
        List<TapDevice> further = new ArrayList<>();
        try {
            trace = options.trace == null ? null : TraceOutput.open(options.trace);
            tap = TapDevice.open(checked);
            for (InterfaceOption each : options.interfaces) {
                further.add(openFurther(options, each));
            }
            PenstockStack stack = start(options, tap, further, capture, trace, console);
            return new TapStack(tap, stack, capture, trace, console);
        } catch (IOException | CliException | RuntimeException e) {
            TraceOutput.close(trace, console);
            further.forEach(TapDevice::close);
            if (tap != null) {
                tap.close();
            }
            if (capture != null) {
                capture.close();
            }
            throw e;
        }
    }

    private static TapDevice openFurther(TapOptions options, InterfaceOption each) throws IOException {
        TapConfig.Builder config = TapConfig.builder()
                .name(each.name)
                .mtu(options.mtu)
                .macAddress(MacAddress.locallyAdministered(new SecureRandom().nextLong()))
                .binding(options.binding)
                .vnetHeader(!options.noOffload);
        each.hostAddresses.forEach(a -> config.hostAddress(a.toString()));
        return TapDevice.open(config.build());
    }

    private static BlockingDevice captured(TapDevice tap, PcapngWriter capture) {
        return capture == null ? tap : (BlockingDevice) PcapTap.over(tap, capture, tap.name(), TapStack::epochNs);
    }

    private static PenstockStack start(
            TapOptions options,
            TapDevice tap,
            List<TapDevice> further,
            PcapngWriter capture,
            TcpTraceCsv trace,
            Console console)
            throws CliException {
        StackBuilder builder = PenstockStack.builder()
                .device(captured(tap, capture))
                .errorHandler(fault -> console.err().println("penstock: internal error: " + fault));
        for (int i = 0; i < further.size(); i++) {
            InterfaceOption each = options.interfaces.get(i);
            builder.networkInterface(each.name, captured(further.get(i), capture), each::configure);
        }
        for (InterfaceOption each : options.vlans) {
            if (each.service) {
                builder.serviceVlan(each.parent, each.vlanId, each::configure);
            } else {
                builder.vlan(each.parent, each.vlanId, each::configure);
            }
        }
        options.addresses.forEach(builder::address);
        options.gateways.forEach(builder::gateway);
        builder.slaac(options.slaac);
        if (options.dhcp) {
            builder.dhcp(options.dhcpConfig());
        }
        builder.config().tcp.tracer = trace;
        try {
            return builder.start();
        } catch (IllegalArgumentException e) {
            // Interfaces that contradict each other: an address twice, a VLAN on an interface that is not there.
            throw CliException.usage(e.getMessage());
        }
    }

    private static void check(TapOptions options) throws CliException {
        for (InterfaceOption each : options.interfaces) {
            each.check("--interface");
        }
        for (InterfaceOption each : options.vlans) {
            each.check("--vlan");
        }
        boolean elsewhere = Stream.concat(options.interfaces.stream(), options.vlans.stream())
                .anyMatch(i -> !i.addresses.isEmpty());
        if (options.addresses.isEmpty() && !options.dhcp && !options.slaac && !elsewhere) {
            throw CliException.usage(
                    "the stack needs an address: give --addr as 192.0.2.2/24, or --dhcp, --slaac or --auto");
        }
        if (options.slaac && options.mtu < Ipv6Header.MIN_LINK_MTU) {
            throw CliException.usage("--slaac is for IPv6, which needs an MTU of " + Ipv6Header.MIN_LINK_MTU
                    + " at least: give a larger --mtu");
        }
        if (!options.dhcp && (options.dhcpName != null || options.dhcpFast)) {
            throw CliException.usage("--dhcp-name and --dhcp-fast go with --dhcp: give it, too");
        }
        if (options.dhcpName != null && !options.dhcpName.matches("[A-Za-z0-9_-]{1,63}(\\.[A-Za-z0-9_-]{1,63}){0,3}")) {
            throw CliException.usage("--dhcp-name " + options.dhcpName + " is not a name: give one as printer");
        }
        for (IpPrefix own : options.addresses) {
            if (!own.address().isV4() && options.mtu < Ipv6Header.MIN_LINK_MTU) {
                throw CliException.usage("the address " + own + " is IPv6, which needs an MTU of "
                        + Ipv6Header.MIN_LINK_MTU + " at least: give a larger --mtu");
            }
            if (own.address().isMulticast()
                    || own.address().isAny()
                    || own.address().isLoopback()) {
                throw CliException.usage("no host can have the address " + own + ": give another, as 192.0.2.2/24");
            }
            for (IpPrefix host : options.hostAddresses) {
                if (host.address().equals(own.address())) {
                    throw CliException.usage("--addr and --host-addr are both " + own.address()
                            + ": the stack and the kernel need different addresses of one network");
                }
            }
        }
        for (IpAddress gateway : options.gateways) {
            checkGateway(options, gateway);
        }
    }

    private static void checkGateway(TapOptions options, IpAddress gateway) throws CliException {
        List<IpPrefix> sameFamily = options.addresses.stream()
                .filter(a -> a.address().isV4() == gateway.isV4())
                .toList();
        if (sameFamily.isEmpty() && options.dhcp && gateway.isV4()) {
            return;
        }
        if (sameFamily.isEmpty()) {
            throw CliException.usage("the gateway " + gateway + " is of another family than the stack's addresses: give"
                    + " one of its own by --addr");
        }
        boolean onLink = !gateway.isV4() && IpAddress.isLinkLocalV6(gateway.hi());
        if (!onLink && sameFamily.stream().noneMatch(a -> a.contains(gateway.hi(), gateway.lo()))) {
            throw CliException.usage("the gateway " + gateway + " is in no network of the stack: choose one in "
                    + sameFamily.get(0).network());
        }
        if (options.gateways.stream().filter(g -> g.isV4() == gateway.isV4()).count() > 1) {
            throw CliException.usage("there are two gateways of one family: give one");
        }
    }

    private static PcapngWriter openCapture(Path file) throws IOException, CliException {
        try {
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
            return new PcapngWriter(channel, SNAP_LENGTH);
        } catch (IOException | UncheckedIOException e) {
            throw CliException.failed("cannot write the capture " + file + " (" + reason(e) + "): choose another file");
        }
    }

    private static String reason(Exception e) {
        String name = e.getClass().getSimpleName().replaceAll("(IO)?Exception$", "");
        return name.replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    }

    private static long epochNs() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    PenstockStack stack() {
        return stack;
    }

    /** Waits for the stack's address; a verb that talks to somebody needs one. */
    IpAddress awaitAddress(double seconds) throws IOException, CliException {
        try {
            return stack.awaitAddress((int) Math.max(1, seconds * 1000));
        } catch (SocketTimeoutException e) {
            throw CliException.failed(
                    "no address within " + seconds + " s: is there a DHCP server on " + tap.name() + "?");
        }
    }

    /** Waits until one can speak to {@code target}: on a link alone, as soon as there is a link-local address. */
    IpAddress awaitAddress(Endpoint target, double seconds) throws IOException, CliException {
        return IpAddress.isLinkLocalV6(target.address().hi())
                ? awaitSource(target.address(), Math.max(0, zone(target)), false, seconds)
                : awaitAddress(seconds);
    }

    /** Waits for an address of ours that is surely ours alone, to ask a neighbour from. */
    IpAddress awaitVerifiedSource(Endpoint target, int nic) throws IOException, CliException {
        return awaitSource(target.address(), nic, true, PingCommand.ADDRESS_SECONDS);
    }

    private IpAddress awaitSource(IpAddress target, int nic, boolean verified, double seconds)
            throws IOException, CliException {
        long began = System.nanoTime();
        while (System.nanoTime() - began < seconds * 1e9) {
            IpAddress found = stack.call(
                    shard -> source(shard.ip().addresses().list(shard.ip().interfaceAt(nic)), target, verified));
            if (found != null) {
                return found;
            }
            try {
                Thread.sleep(ADDRESS_POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw CliException.failed("interrupted while there is no address");
            }
        }
        throw CliException.failed("no IPv6 address within " + seconds + " s: give one by --addr, or --slaac");
    }

    /** One of the target's network, or else the link-local one. */
    private static IpAddress source(List<AddressInfo> ours, IpAddress target, boolean verified) {
        IpAddress linkLocal = null;
        for (AddressInfo info : ours) {
            boolean good = info.usable() && !(verified && info.tentative());
            if (good && info.prefix().contains(target.hi(), target.lo())) {
                return info.prefix().address();
            }
            if (good && IpAddress.isLinkLocalV6(info.prefix().address().hi())) {
                linkLocal = info.prefix().address();
            }
        }
        return linkLocal;
    }

    /** The target as the stack knows it: the interface may be called by the TAP's name, too. */
    Endpoint zoned(Endpoint target) throws CliException {
        String zone = target.zone().equals(tap.name()) ? InterfaceOption.FIRST : target.zone();
        List<String> all = stack.interfaces();
        boolean numbered = zone.matches("[0-9]{1,3}") && Integer.parseInt(zone) >= 1;
        if (!zone.isEmpty() && !all.contains(zone) && !(numbered && Integer.parseInt(zone) <= all.size())) {
            throw CliException.usage("there is no interface " + zone + ": give one of " + String.join(", ", all));
        }
        return new Endpoint(target.address(), zone, target.port());
    }

    /** The number of the interface that the target names, -1 if it names none. */
    int zone(Endpoint target) throws CliException {
        String zone = zoned(target).zone();
        int named = stack.interfaces().indexOf(zone);
        return zone.isEmpty() || named >= 0 ? named : Integer.parseInt(zone) - 1;
    }

    /** The interface's name. */
    String tapName() {
        return tap.name();
    }

    /** What the interface does for the stack, in words. */
    String offloads() {
        return tap.hasVnetHeader() ? "offload on" : "offload off";
    }

    /** Ends the connections in order, then the stack, the interface and the capture. Idempotent. */
    @Override
    public void close() {
        stack.close();
        TraceOutput.close(trace, console);
        if (capture != null) {
            capture.close();
        }
    }
}
