package dev.penstock.conformance.packetdrill.script;

/**
 * One event of a script and when it happens.
 *
 * @param line where it begins in the file, from 1
 * @param text as it stands in the file, for messages
 */
public record Step(EventTime time, Event event, int line, String text) {}
