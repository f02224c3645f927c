package dev.penstock.tap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The driver in JVMs of their own: that it starts in silence, and what it says and does with less privilege. A user
 * without rights is uid 65534; the usual mode 0666 of /dev/net/tun is had in a mount namespace of the child's own.
 */
@Timeout(60)
class ChildJvmTest {
    private static final String JVM_ARGS = "--add-exports java.base/jdk.internal.misc=ALL-UNNAMED"
            + " --enable-native-access=ALL-UNNAMED -Xshare:auto -XX:TieredStopAtLevel=1";

    /** Everyone may read it, unlike a home directory. */
    @TempDir
    static Path lib;

    private record Result(int exit, String output, String errors) {}

    @BeforeAll
    static void copyClassPath() throws IOException {
        TapRequirement.check();
        Files.setPosixFilePermissions(lib, PosixFilePermissions.fromString("rwxr-xr-x"));
        int i = 0;
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (entry.matches(".*(tap-driver/target/.*|stack/target/.*|agrona|jnr|jffi|/asm|jna).*")) {
                copy(Path.of(entry), lib.resolve(i++ + (entry.endsWith(".jar") ? ".jar" : "")));
            }
        }
        try (Stream<Path> all = Files.walk(lib)) {
            for (Path path : (Iterable<Path>) all::iterator) {
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        if (!Files.isDirectory(from)) {
            if (Files.exists(from)) {
                Files.copy(from, to);
            }
            return;
        }
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : (Iterable<Path>) all::iterator) {
                Files.copy(path, to.resolve(from.relativize(path).toString()));
            }
        }
    }

    private static String java(String verb) throws IOException {
        List<String> entries = new ArrayList<>();
        try (var dir = Files.newDirectoryStream(lib)) {
            dir.forEach(p -> entries.add(p.toString()));
        }
        return System.getProperty("java.home") + "/bin/java " + JVM_ARGS + " -cp "
                + String.join(File.pathSeparator, entries) + " " + ChildMain.class.getName() + " " + verb;
    }

    private static Result sh(String script) throws Exception {
        Process process = new ProcessBuilder("sh", "-c", script)
                .redirectError(lib.resolve("stderr").toFile())
                .directory(lib.toFile())
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(50, TimeUnit.SECONDS));
        return new Result(process.exitValue(), output.strip(), Files.readString(lib.resolve("stderr")));
    }

    private static void needsRealRoot() {
        if (!TapRequirement.isRealRoot()) {
            TapRequirement.refuse("needs real root, to become a user without rights");
        }
    }

    /** In a mount namespace of its own, with /dev/net/tun of mode 0666, as uid 65534. */
    private static String asNobodyWithTun0666(String command) {
        String node = lib.resolve("tun-node").toString();
        return "exec unshare -m sh -c 'rm -f " + node + "; mknod -m 0666 " + node + " c 10 200 && mount --bind " + node
                + " /dev/net/tun && exec setpriv --reuid=65534 --regid=65534 --clear-groups " + command + "'";
    }

    @ParameterizedTest
    @EnumSource(NativeBinding.class)
    void startsWithoutAnyWarning(NativeBinding binding) throws Exception {
        Result result = sh("exec " + java("open " + binding));
        assertEquals("", result.errors());
        assertTrue(result.output().startsWith("tap0 (mtu 1500, virtio-net header csum tso4 tso6"), result.output());
        assertTrue(result.output().endsWith(binding + ")"), result.output());
        assertEquals(0, result.exit());
    }

    @Test
    void saysWhatAUserWithoutRightsCanDo() throws Exception {
        needsRealRoot();
        String nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups ";
        Result closed = sh("exec " + nobody + java("probe"));
        boolean tunIsPrivate = !PosixFilePermissions.toString(Files.getPosixFilePermissions(Path.of(Linux.TUN_PATH)))
                .endsWith("rw-");
        String expected = tunIsPrivate ? "UNAVAILABLE: " : "NEEDS_REEXEC_UNSHARE: ";
        assertTrue(closed.output().startsWith(expected), closed.toString());
        if (tunIsPrivate) {
            assertTrue(closed.output().contains("chmod 0666 /dev/net/tun"), closed.output());
        }
        Result possible = sh(asNobodyWithTun0666(java("probe")));
        assertTrue(possible.output().startsWith("NEEDS_REEXEC_UNSHARE: "), possible.toString());
        assertTrue(possible.output().contains("unshare -Urn"), possible.output());
        Result inside = sh(asNobodyWithTun0666("unshare -Urn " + java("probe")));
        assertTrue(inside.output().startsWith("ROOT_OK: "), inside.toString());
    }

    @ParameterizedTest
    @EnumSource(NativeBinding.class)
    void aUserWithoutRightsHasATapInAUserNamespace(NativeBinding binding) throws Exception {
        needsRealRoot();
        Result result = sh(asNobodyWithTun0666("unshare -Urn " + java("open " + binding)));
        assertTrue(result.output().startsWith("tap0 (mtu 1500, virtio-net header"), result.toString());
        assertEquals("", result.errors());
    }

    @Test
    void errorsForAUserWithoutRightsNameTheRemedy() throws Exception {
        needsRealRoot();
        Result namespace = sh("exec setpriv --reuid=65534 --regid=65534 --clear-groups " + java("open jnr"));
        assertFalse(namespace.output().contains("\n"));
        assertTrue(namespace.output().contains("EPERM (Operation not permitted)"), namespace.output());
        assertTrue(namespace.output().contains("CAP_SYS_ADMIN"), namespace.output());
        assertTrue(namespace.output().contains("unshare -Urn"), namespace.output());

        Result tap = sh("exec setpriv --bounding-set=-net_admin " + java("open jnr"));
        assertFalse(tap.output().contains("\n"));
        assertTrue(tap.output().contains("EPERM (Operation not permitted)"), tap.output());
        assertTrue(tap.output().contains("CAP_NET_ADMIN"), tap.output());
    }

    @Test
    void withoutTheDriverItSaysHowToGetIt() throws Exception {
        needsRealRoot();
        Result none = sh("exec unshare -m sh -c 'mount -t tmpfs none /dev/net && exec " + java("open jna") + "'");
        assertTrue(none.output().startsWith("cannot open /dev/net/tun: ENOENT"), none.toString());
        assertTrue(none.output().contains("modprobe tun"), none.output());
        assertTrue(none.output().contains("--device /dev/net/tun"), none.output());
    }
}
