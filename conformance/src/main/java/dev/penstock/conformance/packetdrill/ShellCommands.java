package dev.penstock.conformance.packetdrill;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Shell commands of scripts. None is executed: those that set up the kernel become settings of the machine under test, those
 * that concern other things are passed over, and any other makes the script skip.
 */
final class ShellCommands {
    /** They show or clean up what a run in virtual time does not have, or load what is there. */
    private static final Set<String> HARMLESS = Set.of(
            "echo",
            "sleep",
            "true",
            ":",
            "sync",
            "date",
            "uname",
            "kldload",
            "kldunload",
            "kldstat",
            "modprobe",
            "ethtool",
            "printf",
            "pwd",
            "whoami",
            "id",
            "set",
            "export",
            "unset",
            "exit",
            "cd",
            "rm",
            "mkdir",
            "touch",
            "usleep",
            "wait",
            "hostname",
            "dmesg",
            "logger",
            "cat",
            "ls");

    private static final Set<String> ROUTE_ATTRIBUTES = Set.of(
            "rto_min",
            "quickack",
            "congctl",
            "features",
            "initcwnd",
            "initrwnd",
            "advmss",
            "window",
            "mtu",
            "ssthresh",
            "cwnd",
            "rtt",
            "hoplimit",
            "fastopen_no_cookie");

    private final Knobs knobs;

    ShellCommands(Knobs knobs) {
        this.knobs = knobs;
    }

    /**
     * Takes a command for what it means.
     *
     * @param text what stands between the backticks
     * @throws SkipException if it is unknown, or asks for what the stack does not have
     */
    void run(String text, int line) throws SkipException, ScriptException {
        for (List<ShellWords.Word> words : ShellWords.split(text, line)) {
            command(words, line);
        }
    }

    private void command(List<ShellWords.Word> all, int line) throws SkipException, ScriptException {
        List<String> words = new ArrayList<>();
        String target = null;
        for (int i = 0; i < all.size(); i++) {
            ShellWords.Word w = all.get(i);
            if (w.isRedirection()) {
                target = w.text().endsWith(">") && i + 1 < all.size()
                        ? all.get(++i).text()
                        : target;
            } else {
                words.add(w.text());
            }
        }
        while (!words.isEmpty() && (words.get(0).equals("sudo") || words.get(0).matches("[A-Za-z_]+=.*"))) {
            words.remove(0);
        }
        if (words.isEmpty()) {
            return;
        }
        if (target != null && target.startsWith("/proc/sys/")) {
            knobs.sysctl(target, String.join(" ", words.subList(1, words.size())), line);
            return;
        }
        String path = words.get(0);
        String name = path.substring(path.lastIndexOf('/') + 1);
        List<String> arguments = words.subList(1, words.size());
        switch (name) {
            case "sysctl", "set_sysctls.py" -> settings(arguments, line);
            case "defaults.sh" -> {
                // The values that packetdrill's own test runs begin with: the profile has them already.
            }
            case "sh", "bash" -> nested(path, arguments, line);
            case "ip" -> ip(arguments, line);
            case "tc" -> trafficControl(arguments, line);
            case "ifconfig" -> interfaceSettings(arguments, line);
            default -> other(path, name, line);
        }
    }

    private static void other(String path, String name, int line) throws SkipException {
        boolean cleanUp = name.startsWith("sysctl_restore");
        if (!HARMLESS.contains(name) && !cleanUp) {
            throw new SkipException(
                    line, "the command '" + path + "' is not known here, and commands are never executed");
        }
    }

    /** {@code sysctl -w a.b=c d.e = f}: assignments become settings, names alone are questions. */
    private void settings(List<String> arguments, int line) throws SkipException, ScriptException {
        List<String> words = new ArrayList<>(arguments);
        words.removeIf(w -> w.startsWith("-"));
        for (int i = 0; i < words.size(); i++) {
            String w = words.get(i);
            boolean spaced = i + 1 < words.size() && words.get(i + 1).equals("=");
            int equals = w.indexOf('=');
            if (spaced && i + 2 < words.size()) {
                knobs.sysctl(w, words.get(i + 2), line);
                i += 2;
            } else if (equals > 0) {
                knobs.sysctl(w.substring(0, equals), w.substring(equals + 1), line);
            }
        }
    }

    private void nested(String path, List<String> arguments, int line) throws SkipException, ScriptException {
        int at = arguments.indexOf("-c");
        if (at >= 0 && at + 1 < arguments.size()) {
            run(arguments.get(at + 1), line);
        } else if (!arguments.isEmpty() && arguments.get(0).endsWith("defaults.sh")) {
            // As without the shell's name.
            return;
        } else {
            throw new SkipException(line, "the command '" + path + "' is never executed");
        }
    }

    private void ip(List<String> arguments, int line) throws SkipException, ScriptException {
        List<String> words = new ArrayList<>(arguments);
        words.removeIf(w -> w.startsWith("-"));
        String what = words.isEmpty() ? "" : words.get(0);
        if (what.startsWith("tcp")) {
            // Nothing is remembered from connection to connection.
            return;
        }
        boolean shows = words.size() < 2
                || words.get(1).startsWith("sh")
                || words.get(1).startsWith("li")
                || words.get(1).equals("get")
                || words.get(1).startsWith("fl");
        if (what.startsWith("ro") || what.equals("r")) {
            if (!shows) {
                route(words, line);
            }
            return;
        }
        boolean interfaces = what.startsWith("l") || what.startsWith("a") || what.startsWith("n");
        if (!interfaces || !shows && !isHarmlessLink(words)) {
            throw new SkipException(line, "the command 'ip " + String.join(" ", words) + "' is not supported");
        }
    }

    private static boolean isHarmlessLink(List<String> words) {
        return words.contains("up")
                || words.stream().anyMatch(w -> w.startsWith("gso_") || w.startsWith("gro_") || w.equals("txqueuelen"));
    }

    /** What a route tells TCP. */
    private void route(List<String> words, int line) throws SkipException, ScriptException {
        Map<String, String> attributes = new LinkedHashMap<>();
        for (int i = 2; i < words.size(); i++) {
            if (ROUTE_ATTRIBUTES.contains(words.get(i))) {
                attributes.put(words.get(i), i + 1 < words.size() ? words.get(++i) : "");
            }
            // Any other says where it goes: there is one way only.
        }
        if (!attributes.isEmpty()) {
            knobs.route(attributes, line);
        }
    }

    /** A queue that delays nothing changes nothing. */
    private static void trafficControl(List<String> words, int line) throws SkipException {
        boolean shows = words.contains("show") || words.contains("del") || words.contains("ls");
        boolean plain = words.stream().anyMatch(w -> w.contains("fifo") || w.equals("noqueue") || w.equals("mq"));
        if (!shows && !plain) {
            throw new SkipException(line, "the command 'tc " + String.join(" ", words) + "' is not supported");
        }
    }

    private static void interfaceSettings(List<String> words, int line) throws SkipException {
        for (String w : words.subList(Math.min(1, words.size()), words.size())) {
            boolean offload = w.startsWith("-") || w.equals("up") || w.contains("tso") || w.contains("csum");
            if (!offload) {
                throw new SkipException(
                        line, "the command 'ifconfig " + String.join(" ", words) + "' is not supported");
            }
        }
    }
}
