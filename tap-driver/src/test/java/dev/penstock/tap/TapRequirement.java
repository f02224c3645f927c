package dev.penstock.tap;

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
        judge(probe, "true".equals(System.getenv("CI")));
    }

    static void judge(NetNamespace.Probe probe, boolean ci) {
        if (probe.privilege() == NetNamespace.Privilege.ROOT_OK) {
            return;
        }
        String message = "needs a TAP device in a network namespace: " + probe.reason()
                + (probe.privilege() == NetNamespace.Privilege.NEEDS_REEXEC_UNSHARE
                        ? " (run: unshare -Urn mvn verify)"
                        : " (run mvn as root on Linux)");
        if (ci) {
            throw new AssertionError(message + "; CI=true allows no skipped test");
        }
        throw new TestAbortedException(message);
    }
}
