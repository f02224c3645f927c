package dev.penstock.conformance.packetdrill;

import dev.penstock.stack.tcp.TcpConfig;
import java.io.IOException;
import java.util.Map;

/** Settings of the kernel, in one network namespace. Nothing outside of it can be reached through them. */
final class KernelKnobs implements Knobs {
    private static final String CONGESTION = "net.ipv4.tcp_congestion_control";
    /** What the profile {@code linux} says of buffers: see ProfileHabits. */
    private static final String RECEIVE_BUFFERS = "4096 540000 15728640";

    private static final String ATTRIBUTE = "[A-Za-z0-9_.]{1,32}";

    private final KernelLink link;
    /** Names that mean something to Linux, of whatever version. */
    private final Sysctls known = new Sysctls(new TcpConfig(), new LinuxMemory(), Profile.LINUX);
    /** A namespace cannot choose its own among those that not everybody may use, but a privileged socket can. */
    private String congestion = "cubic";

    KernelKnobs(KernelLink link) throws IOException {
        this.link = link;
        link.writeSetting("net/ipv4/tcp_rmem", RECEIVE_BUFFERS);
    }

    /** The congestion control that sockets begin with. */
    String congestion() {
        return congestion;
    }

    @Override
    public void sysctl(String name, String value, int line) throws SkipException, ScriptException {
        String key = Sysctls.canonical(name);
        if (key.equals(CONGESTION)) {
            congestion = value.trim();
            return;
        }
        String path = key.replace('.', '/');
        if (!key.startsWith("net.") || key.contains("..") || key.indexOf('\0') >= 0) {
            passOver(key, line);
            return;
        }
        try {
            if (link.hasSetting(path)) {
                link.writeSetting(path, value.trim());
            } else {
                passOver(key, line);
            }
        } catch (IOException e) {
            throw new SkipException(line, "the kernel does not take the sysctl " + key + " = " + value.trim());
        }
    }

    /** One that this kernel does not have, or not for each namespace. */
    private void passOver(String key, int line) throws SkipException {
        if (!known.isKnown(key)) {
            throw new SkipException(line, "the sysctl " + key + " is not known here");
        }
    }

    @Override
    public void route(Map<String, String> attributes, int line) throws SkipException, ScriptException {
        StringBuilder words = new StringBuilder("route replace default dev " + KernelLink.DEVICE);
        for (Map.Entry<String, String> a : attributes.entrySet()) {
            if (!a.getValue().matches(ATTRIBUTE)) {
                throw new ScriptException(line, "a route's " + a.getKey() + " cannot be '" + a.getValue() + "'");
            }
            words.append(' ').append(a.getKey()).append(' ').append(a.getValue());
        }
        try {
            link.ip(words.toString());
        } catch (IOException e) {
            throw new SkipException(line, e.getMessage());
        }
    }
}
