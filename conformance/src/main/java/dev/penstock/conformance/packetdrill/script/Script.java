package dev.penstock.conformance.packetdrill.script;

import java.util.List;

/**
 * A whole script.
 *
 * @param name for messages: the path of the file
 * @param options the option lines at the head, {@code --tolerance_usecs=8000}, in their order
 * @param steps in the order of the file; commands at the head come first, at time 0
 */
public record Script(String name, List<Option> options, List<Step> steps) {
    public Script {
        options = List.copyOf(options);
        steps = List.copyOf(steps);
    }

    /**
     * An option line.
     *
     * @param name without the dashes
     * @param value null when there is none
     * @param line where it stands, from 1
     */
    public record Option(String name, String value, int line) {}
}
