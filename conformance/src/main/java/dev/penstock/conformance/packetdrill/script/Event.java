package dev.penstock.conformance.packetdrill.script;

/** What happens at a step of a script. */
public sealed interface Event permits PacketEvent, SystemCall, Command, Code {}
