package dev.penstock.tap;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.opentest4j.TestAbortedException;

/** For tests that need a network namespace with a TAP device. They skip where that cannot be had, but never in CI. */
public final class TapRequirement {
    private static NetNamespace.Probe probe;

    private TapRequirement() {}

    /**
     * Returns when namespaces and TAP devices can be made here. Otherwise skips the calling test, saying why and what
     * would help, or fails it when the environment has {@code CI=true}.
     */
    public static synchronized void check() {
        if (probe == null) {
            probe = NetNamespace.privilege();
        }
        judge(probe, inCi());
    }

    /** Skips the calling test for {@code reason}, or fails it when the environment has {@code CI=true}. */
    public static void refuse(String reason) {
        refuse(reason, inCi());
    }

    /** Root, and not only of a user namespace. */
    public static boolean isRealRoot() {
        try {
            return Files.readString(Path.of("/proc/self/uid_map")).strip().matches("0\\s+0\\s+4294967295")
                    && Files.readString(Path.of("/proc/self/status")).matches("(?s).*\nUid:\\s+0\\s.*");
        } catch (IOException e) {
            return false;
        }
    }

    static void judge(NetNamespace.Probe probe, boolean ci) {
        if (probe.privilege() == NetNamespace.Privilege.ROOT_OK) {
            return;
        }
        boolean unshare = probe.privilege() == NetNamespace.Privilege.NEEDS_REEXEC_UNSHARE;
        refuse(
                "needs a TAP device in a network namespace: " + probe.reason()
                        + (unshare ? " (run: unshare -Urn mvn verify)" : " (run mvn as root on Linux)"),
                ci);
    }

    private static void refuse(String reason, boolean ci) {
        if (ci) {
            throw new AssertionError(reason + "; CI=true allows no skipped test");
        }
        throw new TestAbortedException(reason);
    }

    private static boolean inCi() {
        return "true".equals(System.getenv("CI"));
    }
}
