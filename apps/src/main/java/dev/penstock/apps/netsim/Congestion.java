package dev.penstock.apps.netsim;

import dev.penstock.stack.tcp.TcpOptions;

/** Congestion control by name. */
final class Congestion {
    private Congestion() {}

    static void choose(TcpOptions options, String name) {}
}
