package dev.penstock.stack.shard;

import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;

/**
 * A route that is configured, not learnt.
 *
 * @param destination the network, host bits zero
 * @param gateway a neighbour that forwards to it
 */
public record StaticRoute(IpPrefix destination, IpAddress gateway) {}
