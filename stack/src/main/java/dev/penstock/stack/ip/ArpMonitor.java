package dev.penstock.stack.ip;

/** Sees each well-formed ARP packet that comes in: for {@code arping}. Shard thread. */
@FunctionalInterface
public interface ArpMonitor {
    /**
     * A packet came in.
     *
     * @param operation {@code ArpPacket.REQUEST} or {@code REPLY}
     * @param senderIp 32 bits; 0 in a probe
     * @param toGroup it was sent to all
     */
    void onArp(
            IpInterface nic,
            int operation,
            long senderMac,
            int senderIp,
            long targetMac,
            int targetIp,
            boolean toGroup,
            long nowNs);
}
