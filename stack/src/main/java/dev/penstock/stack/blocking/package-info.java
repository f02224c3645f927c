/**
 * The API for applications: a stack on a thread of its own, with blocking TCP, UDP and echo sockets that behave as those
 * of {@code java.net} do, on platform and on virtual threads. Start at {@link dev.penstock.stack.blocking.PenstockStack}.
 */
package dev.penstock.stack.blocking;
