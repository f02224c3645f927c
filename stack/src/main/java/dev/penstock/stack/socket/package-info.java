/**
 * Sockets as threads other than the shard's hold them: non-blocking handles with readiness, and the bounded queue of
 * commands by which they reach the shard. The facades for applications stand on these.
 */
package dev.penstock.stack.socket;
