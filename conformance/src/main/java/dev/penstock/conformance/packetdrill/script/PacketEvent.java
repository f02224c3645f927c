package dev.penstock.conformance.packetdrill.script;

/**
 * A packet that the peer sends to the stack under test ({@code <}), or that the stack must send ({@code >}).
 *
 * @param inbound true for {@code <}
 */
public record PacketEvent(boolean inbound, PacketSpec packet) implements Event {}
