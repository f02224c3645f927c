package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.Script;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import java.util.Locale;
import java.util.Set;

/**
 * What the lines at the head of a script say of addresses, ports, times and the link, and packetdrill's own values where
 * they say nothing.
 */
final class WireSettings {
    static final int DEFAULT_MTU = 1500;
    /** The larger of this and an eighth of the interval, unless a script says otherwise. */
    static final long TOLERANCE_NS = 4_000_000;

    private static final int LEAST_TOLERANCE_PERCENT_DIVISOR = 8;
    /** Of no consequence in virtual time, or about machinery that this interpreter does not have. */
    private static final Set<String> IGNORED = Set.of(
            "verbose",
            "define",
            "dry_run",
            "non_fatal",
            "persistent_tun_dev",
            "tun_dev",
            "init_scripts",
            "code_command",
            "code_format",
            "code_sockopt",
            "speed",
            "wire_server_port",
            "wire_client_dev",
            "wire_server_dev",
            "wire_server_ip",
            "no_cleanup",
            "debug",
            "fm_filename",
            "is_anyip",
            "send_omit_free",
            "gateway_linkaddr",
            "so_filename",
            "so_flags",
            "udp_encaps");

    /** Is not one family's: {@code ipv4-mapped-ipv6}. */
    boolean mapped;

    boolean v6;
    IpAddress local;
    IpAddress remote;
    IpAddress gateway;
    int prefixLength;
    int mtu = DEFAULT_MTU;
    int bindPort = 8080;
    int connectPort = 8080;
    long toleranceNs = -1;
    /** How much more than a script allows a time may be off, ns: what a busy machine needs in real time. */
    long slackNs;
    /** Of the timestamp clock of the stack under test, ns; 0: its ticks are not checked. */
    long tsTickNs;

    Profile profile;
    boolean relaxPush;
    boolean strictSegments;

    private WireSettings() {}

    static WireSettings of(Script script, Settings settings) throws SkipException, ScriptException {
        WireSettings w = new WireSettings();
        w.profile = settings.profile();
        w.relaxPush = settings.relaxPush();
        w.strictSegments = settings.strictSegments();
        boolean familySaid = false;
        for (Script.Option o : script.options()) {
            if (o.name().equals("ip_version")) {
                w.family(o);
                familySaid = true;
            }
        }
        if (!familySaid) {
            w.v6 = settings.family() == Settings.Family.IPV6;
        }
        for (Script.Option o : script.options()) {
            w.apply(o);
        }
        w.fillIn();
        if (settings.toleranceNs() >= 0) {
            w.toleranceNs = settings.toleranceNs();
        }
        return w;
    }

    private void family(Script.Option o) throws ScriptException {
        switch (String.valueOf(o.value()).toLowerCase(Locale.ROOT)) {
            case "ipv4" -> v6 = false;
            case "ipv6" -> v6 = true;
            case "ipv4-mapped-ipv6" -> mapped = true;
            default ->
                throw new ScriptException(o.line(), "--ip_version is ipv4, ipv6 or ipv4-mapped-ipv6, not " + o.value());
        }
    }

    private void apply(Script.Option o) throws SkipException, ScriptException {
        switch (o.name()) {
            case "ip_version" -> {}
            case "local_ip" -> local = address(o);
            case "remote_ip", "connect_ip" -> remote = prefix(o);
            case "gateway_ip" -> gateway = address(o);
            case "netmask_ip" -> netmask(o);
            case "local_ipv4", "local_ipv6" -> local = ofFamily(o, local);
            case "remote_ipv4", "remote_ipv6" -> remote = ofFamily(o, remote);
            case "gateway_ipv4", "gateway_ipv6" -> gateway = ofFamily(o, gateway);
            case "mtu" -> mtu = (int) number(o, 68, 65_535);
            case "bind_port" -> bindPort = (int) number(o, 1, 65_535);
            case "connect_port" -> connectPort = (int) number(o, 1, 65_535);
            case "tolerance_usecs" -> toleranceNs = number(o, 0, 1_000_000_000_000L) * 1_000;
            case "tolerance_percent" -> {}
            case "tcp_ts_tick_usecs" -> tsTickNs = number(o, 0, 1_000_000_000L) * 1_000;
            case "tcp_ts_ecr_scaled" -> {}
            case "strict_segments" -> strictSegments = true;
            case "relax" -> relaxPush |= "psh".equals(o.value());
            case "wire_client", "wire_server" ->
                throw new SkipException(o.line(), "--" + o.name() + ": there is no second machine here");
            default -> {
                if (!IGNORED.contains(o.name())) {
                    throw new SkipException(o.line(), "no option --" + o.name() + " is known here");
                }
            }
        }
    }

    private IpAddress ofFamily(Script.Option o, IpAddress before) throws ScriptException {
        return o.name().endsWith("6") == v6 ? prefix(o) : before;
    }

    private void fillIn() throws ScriptException {
        if (local == null) {
            local = IpAddress.parse(v6 ? "fd3d:0a0b:17d6::1" : "192.168.0.1");
        }
        if (remote == null) {
            remote = IpAddress.parse(v6 ? "fd3d:fa7b:d17d::1" : "192.0.2.1");
        }
        if (local.isV4() != remote.isV4()) {
            throw new ScriptException(
                    0, "local address " + local + " and remote address " + remote + " are not of one family");
        }
        v6 = !local.isV4();
        if (prefixLength == 0 || v6 && prefixLength <= 32 || !v6 && prefixLength > 32) {
            prefixLength = v6 ? 64 : 16;
        }
        if (gateway == null || gateway.isV4() == v6) {
            gateway = IpAddress.parse(v6 ? "fd3d:0a0b:17d6::8888" : "192.168.0.2");
        }
        if (!localPrefix().contains(gateway.hi(), gateway.lo())) {
            // Scripts give a local address of their own without a gateway: any neighbour will do.
            gateway = new IpAddress(local.hi(), local.lo() ^ 3);
        }
    }

    IpPrefix localPrefix() {
        return new IpPrefix(local, prefixLength);
    }

    /** How far a time may be off that follows another after {@code intervalNs}. */
    long tolerance(long intervalNs) {
        long usual = Math.max(TOLERANCE_NS, Math.max(0, intervalNs) / LEAST_TOLERANCE_PERCENT_DIVISOR);
        return slackNs + (toleranceNs >= 0 ? toleranceNs : usual);
    }

    private static IpAddress address(Script.Option o) throws ScriptException {
        try {
            return IpAddress.parse(String.valueOf(o.value()));
        } catch (IllegalArgumentException e) {
            throw new ScriptException(o.line(), "--" + o.name() + ": " + e.getMessage());
        }
    }

    /** An address, or a network of which the first host is meant: {@code 192.0.2.0/24}. */
    private static IpAddress prefix(Script.Option o) throws ScriptException {
        String text = String.valueOf(o.value());
        int slash = text.indexOf('/');
        if (slash < 0) {
            return address(o);
        }
        IpAddress base = address(new Script.Option(o.name(), text.substring(0, slash), o.line()));
        return (base.lo() & 0xff) == 0 ? new IpAddress(base.hi(), base.lo() | 1) : base;
    }

    private void netmask(Script.Option o) throws ScriptException {
        IpAddress mask = address(o);
        prefixLength =
                mask.isV4() ? Integer.bitCount(mask.v4Bits()) : Long.bitCount(mask.hi()) + Long.bitCount(mask.lo());
    }

    private static long number(Script.Option o, long least, long most) throws ScriptException {
        try {
            long n = Long.parseLong(String.valueOf(o.value()).strip());
            if (n >= least && n <= most) {
                return n;
            }
        } catch (NumberFormatException e) {
            // told below, as what is out of range
        }
        throw new ScriptException(
                o.line(), "--" + o.name() + " takes a number from " + least + " to " + most + ", not " + o.value());
    }
}
