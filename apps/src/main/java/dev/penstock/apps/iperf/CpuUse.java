package dev.penstock.apps.iperf;

import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;

/** How much of one processor the process uses, as iperf3 tells it. */
final class CpuUse {
    private final long startNs = System.nanoTime();
    private final long startCpuNs = processNs();

    private static long processNs() {
        OperatingSystemMXBean bean = ManagementFactory.getOperatingSystemMXBean();
        return bean instanceof com.sun.management.OperatingSystemMXBean sun ? sun.getProcessCpuTime() : 0;
    }

    /** Per cent of one processor since this was made. */
    double percent() {
        return 100.0 * (processNs() - startCpuNs) / Math.max(1, System.nanoTime() - startNs);
    }
}
