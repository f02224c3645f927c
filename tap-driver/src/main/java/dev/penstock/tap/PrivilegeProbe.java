package dev.penstock.tap;

import dev.penstock.tap.NetNamespace.Privilege;
import dev.penstock.tap.NetNamespace.Probe;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Finds out whether a network namespace with a TAP device in it can be had, by trying. */
final class PrivilegeProbe {
    private static final String IN_MEMORY = "; the in-memory demo needs neither";

    private PrivilegeProbe() {}

    static Probe probe(NativeBinding binding) {
        try {
            Platform.requireLinux64();
            binding.libC();
        } catch (TapException e) {
            return new Probe(Privilege.UNAVAILABLE, e.getMessage());
        }
        String failure;
        try {
            tryHere(binding);
            return new Probe(Privilege.ROOT_OK, "network namespaces and TAP devices can be made here");
        } catch (TapException e) {
            failure = e.getMessage();
            if (e.errno() != Errno.EPERM && e.errno() != Errno.EACCES) {
                return new Probe(Privilege.UNAVAILABLE, failure);
            }
        } catch (Exception e) {
            return new Probe(Privilege.UNAVAILABLE, "cannot make a network namespace: " + e);
        }
        return tryUnshare(failure);
    }

    private static void tryHere(NativeBinding binding) throws Exception {
        try (NetNamespace namespace = NetNamespace.create(binding)) {
            namespace.call(() -> {
                TapDevice.open(TapConfig.builder()
                                .binding(binding)
                                .macAddress(0x02_00_00_00_00_01L)
                                .build())
                        .close();
                return null;
            });
        }
    }

    /** In a new user namespace, can /dev/net/tun be opened? The kernel looks at its mode as the user's own. */
    private static Probe tryUnshare(String failure) {
        if (NetNamespace.findCommand("unshare") == null) {
            return new Probe(Privilege.UNAVAILABLE, failure + " (and there is no unshare command here)" + IN_MEMORY);
        }
        int made = run("unshare", "-Urn", "true");
        if (made != 0) {
            return new Probe(
                    Privilege.UNAVAILABLE,
                    failure + " (and user namespaces are not allowed here: unshare -Urn fails)" + IN_MEMORY);
        }
        if (run("unshare", "-Urn", "sh", "-c", "exec 3<>" + Linux.TUN_PATH) != 0) {
            return new Probe(
                    Privilege.UNAVAILABLE,
                    "user namespaces work, but " + Linux.TUN_PATH
                            + " is not open to you: run as root, or let an administrator run chmod 0666 "
                            + Linux.TUN_PATH + IN_MEMORY);
        }
        return new Probe(
                Privilege.NEEDS_REEXEC_UNSHARE, "works without root when started anew under unshare -Urn: " + failure);
    }

    private static int run(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return -1;
            }
            return process.exitValue();
        } catch (IOException e) {
            return -1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -1;
        }
    }
}
