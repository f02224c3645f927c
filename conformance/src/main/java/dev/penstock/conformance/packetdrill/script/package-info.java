/**
 * A script in the packetdrill language, as a tree: what the parser makes and the interpreter runs. Plain immutable values;
 * times in nanoseconds. Nothing in here knows of a stack.
 */
package dev.penstock.conformance.packetdrill.script;
