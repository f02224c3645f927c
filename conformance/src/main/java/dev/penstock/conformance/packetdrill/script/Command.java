package dev.penstock.conformance.packetdrill.script;

/** A shell command in backticks; never executed. {@code text} is what stands between them, lines joined as written. */
public record Command(String text) implements Event {}
