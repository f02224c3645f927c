/** The shard: the only place where the layers are wired together, and the duty cycle that drives them. */
package dev.penstock.stack.shard;
