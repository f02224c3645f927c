package dev.penstock.perf.report;

import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** What a figure depends on and nobody chose for it: machine, kernel, JDK, what else runs. */
public final class Environment {
    private Environment() {}

    /** As it is now. */
    public static Map<String, String> now() {
        Map<String, String> e = new LinkedHashMap<>();
        e.put("cpu", Runtime.getRuntime().availableProcessors() + " x " + cpuModel());
        e.put(
                "kernel",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"));
        e.put("jdk", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        e.put(
                "collector",
                ManagementFactory.getGarbageCollectorMXBeans().stream()
                        .map(GarbageCollectorMXBean::getName)
                        .collect(Collectors.joining(", ")));
        e.put("heap", (Runtime.getRuntime().maxMemory() >> 20) + " MiB at most");
        e.put("load", firstWord("/proc/loadavg") + " at the start");
        e.put(
                "kernel cc",
                first("/proc/sys/net/ipv4/tcp_congestion_control")
                        + " by default; cubic is set on the harness's sockets" + " unless --cc says otherwise");
        return e;
    }

    private static String cpuModel() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(l -> l.startsWith("model name"))
                    .map(l -> l.substring(l.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
    }

    private static String first(String file) {
        try {
            return Files.readString(Path.of(file)).strip();
        } catch (IOException e) {
            return "unknown";
        }
    }

    private static String firstWord(String file) {
        return first(file).split("\\s+", 2)[0];
    }
}
