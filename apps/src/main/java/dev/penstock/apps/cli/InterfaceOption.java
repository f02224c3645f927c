package dev.penstock.apps.cli;

import dev.penstock.stack.shard.InterfaceConfig;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import java.util.ArrayList;
import java.util.List;

/**
 * The value of {@code --interface} or {@code --vlan}: a name and what is configured there, {@code
 * pen1,addr=198.51.100.2/24,gateway=198.51.100.1,metric=10}.
 */
final class InterfaceOption {
    /** A VLAN's number alone is one on the first interface. */
    static final String FIRST = "eth0";

    private static final int MAX_VLAN = 4094;
    private static final String KEYS = "addr=CIDR, gateway=IP, metric=N";

    final String name;
    final List<IpPrefix> addresses = new ArrayList<>();
    final List<IpAddress> gateways = new ArrayList<>();
    final List<IpPrefix> hostAddresses = new ArrayList<>();
    int metric;
    /** Of a VLAN. */
    String parent;
    /** Of a VLAN. */
    int vlanId;
    /** Of a VLAN: with a provider's tag. */
    boolean service;

    private InterfaceOption(String name) {
        this.name = name;
    }

    /** {@code NAME[,addr=CIDR][,gateway=IP][,host-addr=CIDR][,metric=N]}. */
    static InterfaceOption ofInterface(String text) {
        InterfaceOption option = new InterfaceOption(head(text));
        if (!option.name.matches("[A-Za-z][A-Za-z0-9_-]{0,14}")) {
            throw new IllegalArgumentException("'" + option.name + "' is no name for an interface: give one as pen1");
        }
        option.parse(text, KEYS + ", host-addr=CIDR");
        return option;
    }

    /** {@code [PARENT.]ID[,addr=CIDR][,gateway=IP][,metric=N][,service]}. */
    static InterfaceOption ofVlan(String text) {
        String head = head(text);
        int dot = head.lastIndexOf('.');
        String id = head.substring(dot + 1);
        String on = dot < 0 ? FIRST : head.substring(0, dot);
        if (!id.matches("[0-9]{1,4}") || Integer.parseInt(id) < 1 || Integer.parseInt(id) > MAX_VLAN) {
            throw new IllegalArgumentException("'" + head + "' is no VLAN: give its number, 1 .. " + MAX_VLAN
                    + ", or an interface with it, as eth0.100");
        }
        InterfaceOption option = new InterfaceOption(on + "." + Integer.parseInt(id));
        option.parent = on;
        option.vlanId = Integer.parseInt(id);
        option.parse(text, KEYS + ", service");
        return option;
    }

    private static String head(String text) {
        return text.split(",", 2)[0];
    }

    private void parse(String text, String known) {
        String[] parts = text.split(",", -1);
        for (int i = 1; i < parts.length; i++) {
            String key = parts[i].split("=", 2)[0];
            String value = parts[i].substring(Math.min(parts[i].length(), key.length() + 1));
            if (key.equals("addr")) {
                addresses.add(IpPrefix.parse(value));
            } else if (key.equals("gateway")) {
                gateways.add(IpAddress.parse(value));
            } else if (key.equals("metric") && value.matches("[0-9]{1,9}")) {
                metric = Integer.parseInt(value);
            } else if (key.equals("host-addr") && parent == null) {
                hostAddresses.add(IpPrefix.parse(value));
            } else if (parts[i].equals("service") && parent != null) {
                service = true;
            } else {
                throw new IllegalArgumentException("'" + parts[i] + "' is none of: " + known);
            }
        }
    }

    /** Gives an interface of a stack what the option says. */
    void configure(InterfaceConfig config) {
        addresses.forEach(config::address);
        gateways.forEach(config::gateway);
        config.metric(metric);
    }

    /** Refuses what the stack would refuse, in the words of the command line. */
    void check(String optionName) throws CliException {
        for (IpAddress gateway : gateways) {
            boolean onLink = !gateway.isV4() && IpAddress.isLinkLocalV6(gateway.hi());
            if (!onLink && addresses.stream().noneMatch(a -> a.contains(gateway.hi(), gateway.lo()))) {
                throw CliException.usage("the gateway " + gateway + " is in no network of " + optionName + " " + name
                        + ": give an address of its network by addr=");
            }
        }
    }

    static final class InterfaceConverter extends OptionConverter<InterfaceOption> {
        @Override
        InterfaceOption parse(String text) {
            return ofInterface(text);
        }
    }

    static final class VlanConverter extends OptionConverter<InterfaceOption> {
        @Override
        InterfaceOption parse(String text) {
            return ofVlan(text);
        }
    }
}
