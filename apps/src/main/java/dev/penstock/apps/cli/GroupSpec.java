package dev.penstock.apps.cli;

import dev.penstock.stack.wire.IpAddress;

/** A group to join, as it is written: {@code 239.1.2.3}, or {@code 232.1.2.3@192.0.2.7} for what one source sends. */
record GroupSpec(IpAddress group, IpAddress source) {

    static GroupSpec parse(String text) throws CliException {
        int at = text.indexOf('@');
        IpAddress group = address(text, at < 0 ? text : text.substring(0, at));
        IpAddress source = at < 0 ? null : address(text, text.substring(at + 1));
        if (!group.isMulticast()) {
            throw CliException.usage("--join " + text + ": not a group: give one of 224.0.0.0/4 or ff00::/8");
        }
        if (source != null && (source.isV4() != group.isV4() || source.isMulticast() || source.isAny())) {
            throw CliException.usage("--join " + text + ": the source is no host of the group's family");
        }
        return new GroupSpec(group, source);
    }

    private static IpAddress address(String whole, String text) throws CliException {
        try {
            return IpAddress.parse(text);
        } catch (IllegalArgumentException e) {
            throw CliException.usage("--join " + whole + ": " + e.getMessage() + ": give it as 239.1.2.3");
        }
    }
}
