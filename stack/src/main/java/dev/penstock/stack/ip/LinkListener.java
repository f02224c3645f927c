package dev.penstock.stack.ip;

/** Is told when an interface goes down or comes up. Shard thread. */
@FunctionalInterface
public interface LinkListener {
    /** Its link is up now, or is not any more. Routes by interfaces that are down are passed over. */
    void onLink(IpInterface nic, boolean up, long nowNs);
}
