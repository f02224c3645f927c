package dev.penstock.conformance.packetdrill;

import java.nio.file.Path;

/**
 * What the user asks of a run, for all scripts of it.
 *
 * @param family over which IP the script runs; null: as the script's own options say, IPv4 when they say nothing
 * @param relaxPush PSH is not compared in packets going out ({@code --relax psh})
 * @param strictSegments packets going out are never joined before they are compared
 * @param toleranceNs of each time; -1: what the script's own options say, or the larger of 4 ms and 12.5 % of the interval
 * @param pcapDir where a capture of each script goes, {@code NAME.pcapng}; null for none
 */
record Settings(
        Profile profile, Family family, boolean relaxPush, boolean strictSegments, long toleranceNs, Path pcapDir) {
    /** The version of IP that a script without an opinion of its own runs over. */
    enum Family {
        IPV4,
        IPV6
    }

    Settings with(Profile other) {
        return new Settings(other, family, relaxPush, strictSegments, toleranceNs, pcapDir);
    }

    static Settings of(Profile profile) {
        return new Settings(profile, null, false, false, -1, null);
    }
}
