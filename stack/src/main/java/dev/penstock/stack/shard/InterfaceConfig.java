package dev.penstock.stack.shard;

import dev.penstock.stack.device.NetworkDevice;
import dev.penstock.stack.dhcp.DhcpConfig;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.VlanTag;
import java.util.ArrayList;
import java.util.List;

/**
 * An interface that a stack is to have: a device, or a VLAN on another interface, and what is configured there. Made by the stack's
 * builder as a rule. Not thread-safe.
 */
public final class InterfaceConfig {
    private final String name;
    private final NetworkDevice device;
    private final String parent;
    private final int tagProtocol;
    private final int vlanId;
    private final List<IpPrefix> addresses = new ArrayList<>();
    private final List<IpAddress> gateways = new ArrayList<>();
    private final List<StaticRoute> routes = new ArrayList<>();
    private int metric;
    private DhcpConfig dhcp;
    private boolean slaac;

    private InterfaceConfig(String name, NetworkDevice device, String parent, int tagProtocol, int vlanId) {
        this.name = name;
        this.device = device;
        this.parent = parent;
        this.tagProtocol = tagProtocol;
        this.vlanId = vlanId;
    }

    /**
     * A device.
     *
     * @param name 1 .. 15 characters, as {@code eth0}
     * @param device whose frames it takes; a {@link dev.penstock.stack.device.BlockingDevice} if the stack is to sleep
     */
    public static InterfaceConfig of(String name, NetworkDevice device) {
        if (device == null) {
            throw new IllegalArgumentException("the interface " + name + " has no device");
        }
        return new InterfaceConfig(name, device, null, 0, VlanTag.NO_VLAN);
    }

    /** A VLAN (IEEE 802.1Q) on the interface {@code parent}, which may itself be a VLAN: {@code eth0.100}. */
    public static InterfaceConfig vlan(String parent, int vlanId) {
        return new InterfaceConfig(parent + "." + vlanId, null, parent, EthernetHeader.TYPE_VLAN, vlanId);
    }

    /** As {@link #vlan}, with a provider's tag (IEEE 802.1ad), in which customers' VLANs may be. */
    public static InterfaceConfig serviceVlan(String parent, int vlanId) {
        return new InterfaceConfig(parent + "." + vlanId, null, parent, EthernetHeader.TYPE_QINQ, vlanId);
    }

    /** An address with its prefix, {@code "192.0.2.2/24"} or {@code "2001:db8::2/64"}; may be given more than once. */
    public InterfaceConfig address(String prefix) {
        return address(IpPrefix.parse(prefix));
    }

    /** As {@link #address(String)}. */
    public InterfaceConfig address(IpPrefix prefix) {
        addresses.add(prefix);
        return this;
    }

    /**
     * A router on this link through which other networks are reached. Of several the first is used, as long as it answers ARP or
     * neighbour discovery, then the next one; those of interfaces with a smaller {@link #metric} come before.
     */
    public InterfaceConfig gateway(String address) {
        return gateway(IpAddress.parse(address));
    }

    /** As {@link #gateway(String)}. */
    public InterfaceConfig gateway(IpAddress address) {
        gateways.add(address);
        return this;
    }

    /** Where packets to one other network go: {@code route("198.51.100.0/24", "192.0.2.254")}. */
    public InterfaceConfig route(String destination, String via) {
        routes.add(new StaticRoute(IpPrefix.parse(destination), IpAddress.parse(via)));
        return this;
    }

    /** Of the routes by this interface, at least 0: of several to the same network that with the smallest metric is taken. */
    public InterfaceConfig metric(int newMetric) {
        if (newMetric < 0) {
            throw new IllegalArgumentException("a metric is not negative: " + newMetric);
        }
        metric = newMetric;
        return this;
    }

    /** Asks a DHCP server for an IPv4 address, and keeps asking; beside the addresses that it is given. */
    public InterfaceConfig dhcp() {
        return dhcp(new DhcpConfig());
    }

    /** As {@link #dhcp()}, with a name, a lease of before, a listener and whatever else {@link DhcpConfig} has. */
    public InterfaceConfig dhcp(DhcpConfig settings) {
        dhcp = settings;
        return this;
    }

    /** Asks for IPv6 routers, and takes over what they advertise: addresses, routes, name servers (RFC 4861, RFC 4862). */
    public InterfaceConfig slaac() {
        slaac = true;
        return this;
    }

    boolean isSlaac() {
        return slaac;
    }

    /** By which people know it. */
    public String name() {
        return name;
    }

    /** What it was given, in order. */
    public List<IpPrefix> addresses() {
        return List.copyOf(addresses);
    }

    /** Null for a VLAN. */
    public NetworkDevice device() {
        return device;
    }

    /** Of a VLAN: the interface that it is on; else null. */
    public String parent() {
        return parent;
    }

    /** Of a VLAN: 1 .. 4094; else 0. */
    public int vlanId() {
        return vlanId;
    }

    int tagProtocol() {
        return tagProtocol;
    }

    List<IpAddress> gateways() {
        return gateways;
    }

    List<StaticRoute> routes() {
        return routes;
    }

    /** Null if it asks for no address. */
    DhcpConfig dhcpConfig() {
        return dhcp;
    }

    int metric() {
        return metric;
    }
}
