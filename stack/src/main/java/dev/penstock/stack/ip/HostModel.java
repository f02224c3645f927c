package dev.penstock.stack.ip;

/**
 * What an address has to do with the interface that has it, on a host with several (RFC 1122, section 3.3.4.2). Link-local addresses
 * are of their interface in either model.
 */
public enum HostModel {
    /**
     * An address belongs to its interface: packets for it come in there, and what is sent from it leaves there. Whoever reaches one
     * network reaches no address of another one, and no router gets packets of a network that it would not forward.
     */
    STRONG,
    /** An address belongs to the host: packets for it may come in anywhere, and what is sent from it leaves by the best route. */
    WEAK
}
