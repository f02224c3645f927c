package dev.penstock.apps.cli;

import dev.penstock.stack.blocking.Endpoint;
import dev.penstock.stack.dhcp.DhcpConfig;
import dev.penstock.stack.dhcp.DhcpListener;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.tap.NativeBinding;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The options of all verbs that run a stack on a TAP interface. */
final class TapOptions {
    @Option(
            names = "--tap",
            paramLabel = "NAME",
            description = "The TAP interface, made if it does not exist; the kernel chooses a name without it.")
    String tap = "";

    @Option(
            names = "--addr",
            paramLabel = "CIDR",
            converter = PrefixConverter.class,
            description = "An address of the stack, as 192.0.2.2/24 or 2001:db8::2/64; may be repeated.")
    List<IpPrefix> addresses = new ArrayList<>();

    @Option(
            names = "--dhcp",
            description = "Ask a DHCP server for an address; without an answer, use one of 169.254/16.")
    boolean dhcp;

    @Option(
            names = "--slaac",
            description = "Ask for IPv6 routers, and take addresses, routes and name servers from what they advertise.")
    boolean slaac;

    @Option(names = "--auto", description = "Both --dhcp and --slaac.")
    boolean auto;

    @Option(
            names = "--dhcp-name",
            paramLabel = "NAME",
            description = "With --dhcp: the host name, or full domain name, to be told to the server.")
    String dhcpName;

    @Option(
            names = "--dhcp-fast",
            description = "With --dhcp: do not look by ARP whether another host has the address.")
    boolean dhcpFast;

    /** Told what becomes of DHCP, or null. */
    DhcpListener dhcpListener;

    @Option(
            names = "--host-addr",
            paramLabel = "CIDR",
            converter = PrefixConverter.class,
            description = "An address for the kernel's side of the interface, as 192.0.2.1/24; may be repeated.")
    List<IpPrefix> hostAddresses = new ArrayList<>();

    @Option(
            names = "--gateway",
            paramLabel = "IP",
            converter = AddressConverter.class,
            description = "Where the stack sends packets for other networks; once for each family.")
    List<IpAddress> gateways = new ArrayList<>();

    @Option(
            names = "--mtu",
            paramLabel = "N",
            defaultValue = "1500",
            description = "Bytes of the largest IP packet, 68 .. 65521 (default ${DEFAULT-VALUE}).")
    int mtu;

    @Option(
            names = "--mac",
            paramLabel = "MAC",
            converter = MacConverter.class,
            description = "The stack's MAC address (default: a random, locally administered one).")
    Long mac;

    @Option(
            names = "--pcap",
            paramLabel = "FILE",
            description = "Capture all frames as pcapng; a dropped packet carries the reason as its comment.")
    Path pcap;

    /** Where connections are traced to, or null; an option of those verbs only that have connections. */
    Path trace;

    @Option(
            names = "--native",
            paramLabel = "jnr|jna",
            defaultValue = "jnr",
            converter = BindingConverter.class,
            description = "The library that makes system calls (default ${DEFAULT-VALUE}).")
    NativeBinding binding;

    @Option(names = "--no-offload", description = "Plain frames: no virtio-net header, checksums and cutting in Java.")
    boolean noOffload;

    @Option(
            names = "--interface",
            paramLabel = "NAME[,addr=CIDR][,gateway=IP]...",
            converter = InterfaceOption.InterfaceConverter.class,
            description =
                    "One more TAP interface in the same stack, beside --tap, which the stack knows as eth0; with addr=, "
                            + "gateway=, metric=, host-addr= as often as needed. Of several gateways that of the smallest "
                            + "metric is used, while its link is up.")
    List<InterfaceOption> interfaces = new ArrayList<>();

    @Option(
            names = "--vlan",
            paramLabel = "[IF.]ID[,addr=CIDR]...",
            converter = InterfaceOption.VlanConverter.class,
            description =
                    "A VLAN, 1 .. 4094, on --tap or on another interface (eth0.200.7 is VLAN 7 in VLAN 200); with "
                            + "addr=, gateway=, metric=, and 'service' for the tag of IEEE 802.1ad.")
    List<InterfaceOption> vlans = new ArrayList<>();

    /** What {@code --dhcp} and its companions ask for. */
    DhcpConfig dhcpConfig() {
        DhcpConfig config = new DhcpConfig();
        config.hostName = dhcpName;
        config.probe = !dhcpFast;
        if (dhcpListener != null) {
            config.listener = dhcpListener;
        }
        return config;
    }

    static final class PrefixConverter extends OptionConverter<IpPrefix> {
        @Override
        IpPrefix parse(String text) {
            return IpPrefix.parse(text);
        }
    }

    static final class AddressConverter extends OptionConverter<IpAddress> {
        @Override
        IpAddress parse(String text) {
            return IpAddress.parse(text);
        }
    }

    /** An address that may name its interface: {@code fe80::1%pen0}. */
    static final class TargetConverter extends OptionConverter<Endpoint> {
        @Override
        Endpoint parse(String text) {
            return Endpoint.of(text, 0);
        }
    }

    static final class MacConverter extends OptionConverter<Long> {
        @Override
        Long parse(String text) {
            long address = MacAddress.parse(text);
            if (!MacAddress.isUnicast(address)) {
                throw new IllegalArgumentException("not a unicast MAC address: '" + text + "'");
            }
            return address;
        }
    }

    static final class BindingConverter extends OptionConverter<NativeBinding> {
        @Override
        NativeBinding parse(String text) {
            return NativeBinding.parse(text);
        }
    }
}
