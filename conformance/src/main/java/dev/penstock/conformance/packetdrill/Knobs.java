package dev.penstock.conformance.packetdrill;

import java.util.Map;

/** What commands of a script can turn on the machine under test. */
interface Knobs {
    /**
     * Sets a {@code sysctl}.
     *
     * @param name with dots, or as a path below /proc/sys
     * @throws SkipException if it is unknown, or what it asks for is not there
     */
    void sysctl(String name, String value, int line) throws SkipException, ScriptException;

    /**
     * Gives the route to the remote host attributes: {@code rto_min}, {@code initcwnd}, ...
     *
     * @throws SkipException if one of them is not there
     */
    void route(Map<String, String> attributes, int line) throws SkipException, ScriptException;
}
