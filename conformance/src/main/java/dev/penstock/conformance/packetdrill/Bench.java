package dev.penstock.conformance.packetdrill;

import dev.penstock.stack.device.PcapngWriter;

/** Where scripts are run: makes a fresh machine for each. */
@FunctionalInterface
interface Bench {
    /**
     * A machine for one script.
     *
     * @param capture of what goes over the wire, null for none; closed with the machine
     * @throws SkipException if there is none of this profile here
     */
    Machine machine(WireSettings wire, Profile profile, PcapngWriter capture) throws SkipException;
}
