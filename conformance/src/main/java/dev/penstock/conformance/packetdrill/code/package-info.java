/**
 * What stands in a script's code blocks, {@code %{ ... }%}: asserts over {@code tcpi_*}, and the small part of Python that
 * they are written in. {@link dev.penstock.conformance.packetdrill.code.Assertions} is the way in.
 */
package dev.penstock.conformance.packetdrill.code;
