package dev.penstock.conformance.packetdrill;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Shell commands about the interface under test. */
final class LinkCommands {
    private static final Pattern MTU = Pattern.compile(
            "^\\s*(?:sudo\\s+)?(?:ifconfig\\s+\\S+|ip\\s+(?:-\\S+\\s+)*link\\s+set\\s.*?)\\s+mtu\\s+(\\d{2,5})\\s*;?\\s*$");

    private LinkCommands() {}

    /** The MTU that a command gives the interface; null if it is about something else. */
    static Integer mtu(String command) {
        Matcher m = MTU.matcher(command);
        if (!m.matches()) {
            return null;
        }
        int mtu = Integer.parseInt(m.group(1));
        return mtu >= 68 && mtu <= 65_535 ? mtu : null;
    }
}
