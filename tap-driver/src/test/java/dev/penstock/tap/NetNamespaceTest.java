package dev.penstock.tap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.opentest4j.TestAbortedException;

@Timeout(30)
class NetNamespaceTest {
    @BeforeEach
    void needsNamespaces() {
        TapRequirement.check();
    }

    private static String current() throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net")).toString();
    }

    private static String output(Process process) throws Exception {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output.strip();
    }

    @ParameterizedTest
    @EnumSource(NativeBinding.class)
    void codeThreadsAndProcessesAreInsideAndTheCallerIsNot(NativeBinding binding) throws Exception {
        String outside = current();
        try (NetNamespace namespace = NetNamespace.create(binding)) {
            String inside = namespace.call(NetNamespaceTest::current);
            assertNotEquals(outside, inside);
            assertEquals(outside, current());
            assertEquals(inside, output(namespace.start(new ProcessBuilder("readlink", "/proc/self/ns/net"))));

            AtomicReference<Object> seen = new AtomicReference<>();
            Thread thread = namespace.newThread("inside", () -> {
                try {
                    seen.set(current());
                } catch (IOException e) {
                    seen.set(e);
                }
            });
            thread.start();
            thread.join();
            assertEquals(inside, seen.get());

            String links = output(namespace.start(new ProcessBuilder("ip", "-o", "link")));
            assertEquals(1, links.lines().count(), links);
            assertTrue(links.contains("lo:") && links.contains("UP"), links);
        }
    }

    @Test
    void socketsMadeInsideWorkFromOutsideThreads() throws Exception {
        try (NetNamespace namespace = NetNamespace.create();
                ServerSocket server =
                        namespace.call(() -> new ServerSocket(7777, 1, InetAddress.getLoopbackAddress()))) {
            try (Socket client = namespace.call(() -> new Socket(InetAddress.getLoopbackAddress(), 7777));
                    Socket accepted = server.accept()) {
                accepted.getOutputStream().write(42);
                assertEquals(42, client.getInputStream().read());
            }
            assertThrows(IOException.class, () -> new Socket(InetAddress.getLoopbackAddress(), 7777).close());
        }
    }

    @Test
    void closeEndsWhatWasStartedAndRefusesMore() throws Exception {
        NetNamespace namespace = NetNamespace.create();
        Process sleeper = namespace.start(new ProcessBuilder("sleep", "1000"));
        assertTrue(sleeper.isAlive());
        namespace.close();
        namespace.close();
        assertTrue(sleeper.waitFor(5, TimeUnit.SECONDS));
        assertThrows(TapException.class, () -> namespace.call(() -> 1));
    }

    @Test
    void whatTheActionThrowsComesOut() throws Exception {
        try (NetNamespace namespace = NetNamespace.create()) {
            IOException mine = new IOException("mine");
            assertSame(
                    mine,
                    assertThrows(
                            IOException.class,
                            () -> namespace.call(() -> {
                                throw mine;
                            })));
            assertThrows(
                    AssertionError.class,
                    () -> namespace.call(() -> {
                        throw new AssertionError("also");
                    }));
            IOException e =
                    assertThrows(IOException.class, () -> namespace.start(new ProcessBuilder("/nonexistent/command")));
            assertTrue(e.getMessage().contains("/nonexistent/command"), e.getMessage());
        }
    }

    @Test
    void anInterruptOfTheCallerReachesTheAction() throws Exception {
        try (NetNamespace namespace = NetNamespace.create()) {
            Thread.currentThread().interrupt();
            assertThrows(
                    InterruptedException.class,
                    () -> namespace.call(() -> {
                        Thread.sleep(60_000);
                        return null;
                    }));
        }
    }

    @Test
    void aNamedNamespaceIsThereForOthersAndGoesWithItsMaker() throws Exception {
        if (!TapRequirement.isRealRoot()) {
            TapRequirement.refuse("ip netns add needs real root");
        }
        String name = "penstock-test-" + ProcessHandle.current().pid();
        Path path = Path.of("/run/netns", name);
        try (NetNamespace namespace = NetNamespace.create(name)) {
            assertTrue(Files.exists(path));
            try (NetNamespace again = NetNamespace.open(name)) {
                assertEquals(namespace.call(NetNamespaceTest::current), again.call(NetNamespaceTest::current));
            }
            assertTrue(Files.exists(path), "who only opened it leaves it");
            TapException e = assertThrows(TapException.class, () -> NetNamespace.create(name));
            assertTrue(e.getMessage().contains(name) && !e.getMessage().contains("\n"), e.getMessage());
        }
        assertFalse(Files.exists(path));
        TapException e = assertThrows(TapException.class, () -> NetNamespace.open(name));
        assertEquals(Errno.ENOENT, e.errno());
        assertThrows(TapException.class, () -> NetNamespace.open("../../etc/passwd"));
    }

    @Test
    void failedOpensLeaveNoDescriptorBehind() throws Exception {
        try (NetNamespace namespace = NetNamespace.create()) {
            TapConfig config =
                    TapConfig.builder().macAddress(Frames.STACK_MAC).name("lo").build();
            assertThrows(TapException.class, () -> namespace.call(() -> TapDevice.open(config)));
            long before = openTuns();
            for (int i = 0; i < 20; i++) {
                assertThrows(TapException.class, () -> namespace.call(() -> TapDevice.open(config)));
            }
            assertEquals(before, openTuns());
        }
    }

    private static long openTuns() throws IOException {
        long count = 0;
        try (var fds = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path fd : fds) {
                count += target(fd).matches("/dev/net/tun|.*eventfd.*") ? 1 : 0;
            }
        }
        return count;
    }

    private static String target(Path fd) {
        try {
            return Files.readSymbolicLink(fd).toString();
        } catch (IOException e) {
            return "closed since";
        }
    }

    @Test
    void aMissingPrivilegeSkipsAndInCiFails() {
        var fine = new NetNamespace.Probe(NetNamespace.Privilege.ROOT_OK, "");
        TapRequirement.judge(fine, true);
        for (NetNamespace.Privilege p : NetNamespace.Privilege.values()) {
            if (p != NetNamespace.Privilege.ROOT_OK) {
                var probe = new NetNamespace.Probe(p, "because");
                var skipped = assertThrows(TestAbortedException.class, () -> TapRequirement.judge(probe, false));
                assertTrue(skipped.getMessage().contains("because")
                        && skipped.getMessage().contains("run"));
                assertThrows(AssertionError.class, () -> TapRequirement.judge(probe, true));
            }
        }
    }

    @Test
    void commandsAreFoundOnThePath() {
        assertTrue(NetNamespace.findCommand("sh").endsWith("/sh"));
        assertNull(NetNamespace.findCommand("no-such-command-here"));
    }
}
