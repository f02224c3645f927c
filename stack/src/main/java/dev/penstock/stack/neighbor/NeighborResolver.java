package dev.penstock.stack.neighbor;

/** Asks for link addresses on one interface: ARP, or neighbour discovery. Shard thread. */
public interface NeighborResolver {
    /**
     * Asks who has an address. The solicitation goes out at the next flush.
     *
     * @param unicastMac the neighbour's presumed link address, to ask it alone; {@code MacAddress.NONE} to ask all
     */
    void solicit(long hi, long lo, long unicastMac, long nowNs);
}
