package dev.penstock.stack.socket;

/** Something that another thread wants done on the shard's thread. */
@FunctionalInterface
public interface Command {
    /** Runs on the shard's thread, once. An exception is reported and counted, and harms nothing else. */
    void run(ShardContext shard, long nowNs);

    /** The shard ended before the command had run, and it never will. On the shard's thread, or on the offering one. */
    default void rejected() {}
}
