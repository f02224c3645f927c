package dev.penstock.conformance.packetdrill.script;

/** A code block, {@code %{ ... }%}: asserts and assignments over {@code tcpi_*}. {@code text} is what stands within. */
public record Code(String text) implements Event {}
