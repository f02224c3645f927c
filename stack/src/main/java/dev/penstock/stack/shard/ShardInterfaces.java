package dev.penstock.stack.shard;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropListener;
import dev.penstock.stack.device.NetworkDevice;
import dev.penstock.stack.device.SoftwareOffload;
import dev.penstock.stack.ip.IpInterface;
import dev.penstock.stack.ip.IpLayer;
import dev.penstock.stack.ip.Route;
import dev.penstock.stack.link.EthernetPort;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import java.util.List;

/** Makes the interfaces of a shard, and gives them what was configured. */
final class ShardInterfaces {
    /** Without a device there is the loopback alone, whose packets may be larger than these frames. */
    private static final int MTU_WITHOUT_DEVICE = 1500;

    private ShardInterfaces() {}

    /** The largest IP packet that goes through any of the devices as it is, bytes. */
    static int largestMtu(List<InterfaceConfig> interfaces) {
        return interfaces.stream()
                .filter(i -> i.device() != null)
                .mapToInt(i -> i.device().capabilities().mtu())
                .max()
                .orElse(MTU_WITHOUT_DEVICE);
    }

    /** Makes ports and interfaces; a VLAN's parent may come after it in the list. */
    static void add(IpLayer ip, List<InterfaceConfig> interfaces, Counters counters) {
        for (InterfaceConfig i : interfaces) {
            if (i.device() != null) {
                NetworkDevice device = i.device();
                DropListener drops = device instanceof DropListener d ? d : null;
                ip.addInterface(i.name(), new EthernetPort(SoftwareOffload.over(device), counters, drops));
            }
        }
        int depth = 0;
        for (int missing = vlans(interfaces); missing > 0; missing -= addVlans(ip, interfaces)) {
            if (depth++ > EthernetPort.MAX_DEPTH) {
                throw new IllegalArgumentException("there is no interface " + firstUnknownParent(ip, interfaces)
                        + " for a VLAN; there are: " + names(ip));
            }
        }
    }

    private static int vlans(List<InterfaceConfig> interfaces) {
        return (int) interfaces.stream().filter(i -> i.device() == null).count();
    }

    private static int addVlans(IpLayer ip, List<InterfaceConfig> interfaces) {
        int added = 0;
        for (InterfaceConfig i : interfaces) {
            IpInterface parent = i.device() == null ? named(ip, i.parent()) : null;
            if (parent == null) {
                continue;
            }
            if (named(ip, i.name()) == null) {
                ip.addInterface(i.name(), parent.port().addVlan(i.tagProtocol(), i.vlanId()));
                added++;
            } else if (interfaces.stream()
                            .filter(o -> o.name().equals(i.name()))
                            .count()
                    > 1) {
                throw new IllegalArgumentException("there is an interface " + i.name() + " already");
            }
        }
        return added;
    }

    private static String firstUnknownParent(IpLayer ip, List<InterfaceConfig> interfaces) {
        return interfaces.stream()
                .filter(i -> i.device() == null && named(ip, i.parent()) == null)
                .map(InterfaceConfig::parent)
                .findFirst()
                .orElse("?");
    }

    private static IpInterface named(IpLayer ip, String name) {
        IpInterface nic = ip.interfaceNamed(name);
        return nic != null && nic.name().equals(name) ? nic : null;
    }

    private static String names(IpLayer ip) {
        StringBuilder names = new StringBuilder();
        for (int i = 0; i < ip.interfaceCount(); i++) {
            names.append(i == 0 ? "" : ", ").append(ip.interfaceAt(i).name());
        }
        return names.length() == 0 ? "none" : names.toString();
    }

    /** Gives the interfaces their addresses and routes. */
    static void configure(IpLayer ip, List<InterfaceConfig> interfaces, List<StaticRoute> routes, long nowNs) {
        for (InterfaceConfig i : interfaces) {
            IpInterface nic = named(ip, i.name());
            for (IpPrefix address : i.addresses()) {
                ip.addAddress(nic, address, nowNs);
            }
        }
        for (InterfaceConfig i : interfaces) {
            IpInterface nic = named(ip, i.name());
            for (StaticRoute route : i.routes()) {
                add(ip, new Route(route.destination(), route.gateway(), nic, i.metric()));
            }
            for (IpAddress gateway : i.gateways()) {
                IpAddress any = gateway.isV4() ? IpAddress.ANY_V4 : IpAddress.ANY;
                add(ip, new Route(new IpPrefix(any, 0), gateway, nic, i.metric()));
            }
        }
        for (StaticRoute route : routes) {
            IpInterface nic = neighbour(ip, route.gateway());
            if (nic == null) {
                throw new IllegalArgumentException("a route needs an interface: " + route);
            }
            add(ip, new Route(route.destination(), route.gateway(), nic, 0));
        }
    }

    /** Has those interfaces ask for routers that are to. */
    static void discoverRouters(IpLayer ip, List<InterfaceConfig> interfaces, boolean all, long nowNs) {
        for (InterfaceConfig i : interfaces) {
            if (all || i.isSlaac()) {
                ip.routerDiscovery(named(ip, i.name())).start(nowNs);
            }
        }
    }

    private static void add(IpLayer ip, Route route) {
        if (!ip.addRoute(route)) {
            throw new IllegalArgumentException("a route is there twice, or there are too many: " + route.destination()
                    + " via " + route.gateway() + " by " + route.nic().name());
        }
    }

    /** The interface on whose network the gateway is, or else the first. */
    private static IpInterface neighbour(IpLayer ip, IpAddress gateway) {
        for (int i = 0; i < ip.interfaceCount(); i++) {
            IpInterface nic = ip.interfaceAt(i);
            for (int a = 0; a < nic.addressCount(); a++) {
                if (nic.address(a).contains(gateway.hi(), gateway.lo())) {
                    return nic;
                }
            }
        }
        return ip.interfaceCount() == 0 ? null : ip.interfaceAt(0);
    }
}
