package dev.penstock.conformance.packetdrill;

import dev.penstock.stack.tcp.TcpConfig;
import dev.penstock.stack.tcp.TcpEcn;
import java.util.Map;

/** Settings of our own stack. */
final class StackKnobs implements Knobs {
    private static final long MS = 1_000_000L;

    private final TcpConfig config;
    private final Sysctls sysctls;

    StackKnobs(TcpConfig config, LinuxMemory memory, Profile profile) {
        this.config = config;
        this.sysctls = new Sysctls(config, memory, profile);
    }

    @Override
    public void sysctl(String name, String value, int line) throws SkipException, ScriptException {
        sysctls.set(name, value, line);
    }

    @Override
    public void route(Map<String, String> attributes, int line) throws SkipException, ScriptException {
        for (Map.Entry<String, String> attribute : attributes.entrySet()) {
            String value = attribute.getValue();
            switch (attribute.getKey()) {
                case "rto_min" -> minimumTimeout(value, line);
                case "quickack" -> config.defaults.delayedAck = number(value, line) == 0;
                case "congctl" -> sysctls.set("net.ipv4.tcp_congestion_control", value, line);
                case "features" -> {
                    if (value.equals("ecn")) {
                        config.ecn = TcpEcn.ON;
                    }
                }
                case "initcwnd" -> config.initialWindowSegments = (int) Math.min(10_000, number(value, line));
                default -> throw new SkipException(line, "a route's " + attribute.getKey() + " is not supported");
            }
        }
    }

    private void minimumTimeout(String value, int line) throws ScriptException {
        boolean ms = value.endsWith("ms");
        long number = number(value.replaceAll("[a-z]+$", ""), line);
        long ns = ms ? number * MS : value.endsWith("s") ? number * 1_000 * MS : number * MS;
        config.minRtoVariationNs = ns;
    }

    private static long number(String text, int line) throws ScriptException {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new ScriptException(line, "a number is wanted here, not '" + text + "'");
        }
    }
}
