package dev.penstock.stack.ip;

import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;

/**
 * A way to a network.
 *
 * @param destination the network, host bits zero; of length 0 for the default route
 * @param gateway the next hop, or null when the destinations are neighbours themselves
 * @param nic where it leads out
 * @param metric of two routes to the same network the one with the smaller metric is taken
 */
public record Route(IpPrefix destination, IpAddress gateway, IpInterface nic, int metric) {

    /** Checks that the addresses go together. */
    public Route {
        if (!destination.network().equals(destination)) {
            throw new IllegalArgumentException("host bits are set in the route to " + destination);
        }
        if (gateway != null) {
            if (gateway.isV4() != destination.address().isV4()) {
                throw new IllegalArgumentException("gateway " + gateway + " is of another family than " + destination);
            }
            if (gateway.isAny() || gateway.isMulticast() || gateway.isLoopback()) {
                throw new IllegalArgumentException("not the address of a gateway: " + gateway);
            }
        }
        if (metric < 0) {
            throw new IllegalArgumentException("a metric is not negative: " + metric);
        }
    }
}
