package dev.penstock.apps.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.tap.NetNamespace;
import dev.penstock.tap.TapRequirement;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Groups between {@code nc --join} and Linux's socat and Python's sockets, both ways, and what is reported. */
@Timeout(90)
class MulticastToolsTest {
    private static final String[] TAP = {"--tap", "pen0", "--addr", "192.0.2.2/24", "--addr", "2001:db8::2/64"};

    /** Arguments: a group, and what to send to it; or a group alone, whose first datagram is printed. */
    private static final String PYTHON =
            """
            import socket, struct, sys
            group = sys.argv[1]
            index = socket.if_nametoindex('pen0')
            family = socket.AF_INET6 if ':' in group else socket.AF_INET
            s = socket.socket(family, socket.SOCK_DGRAM)
            if family == socket.AF_INET6:
                member = socket.inet_pton(family, group) + struct.pack('@I', index)
                s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
            else:
                member = socket.inet_pton(family, group) + socket.inet_aton('192.0.2.1')
                s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton('192.0.2.1'))
            if len(sys.argv) > 2:
                s.sendto(sys.argv[2].encode(), (group, 5000))
            else:
                s.bind(('', 5000))
                v6 = family == socket.AF_INET6
                s.setsockopt(socket.IPPROTO_IPV6 if v6 else socket.IPPROTO_IP,
                             socket.IPV6_JOIN_GROUP if v6 else socket.IP_ADD_MEMBERSHIP, member)
                s.settimeout(20)
                print('ready', flush=True)
                print(s.recvfrom(2000)[0].decode(), end='', flush=True)
            """;

    @TempDir
    Path directory;

    private NetNamespace namespace;
    private Path script;

    @BeforeEach
    void make() throws Exception {
        TapRequirement.check();
        namespace = NetNamespace.create();
        script = Files.writeString(directory.resolve("group.py"), PYTHON);
        for (String line : List.of(
                "ip tuntap add pen0 mode tap",
                "ip addr add 192.0.2.1/24 dev pen0",
                "ip -6 addr add 2001:db8::1/64 dev pen0 nodad",
                "ip link set pen0 up")) {
            tool(line.split(" "));
        }
    }

    @AfterEach
    void end() {
        if (namespace != null) {
            namespace.close();
        }
    }

    private Process begin(String... command) throws Exception {
        if (NetNamespace.findCommand(command[0]) == null) {
            TapRequirement.refuse("needs the command " + command[0]);
        }
        return namespace.start(new ProcessBuilder(command).redirectErrorStream(true));
    }

    private String tool(String... command) throws Exception {
        Process process = begin(command);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), String.join(" ", command) + ": " + output);
        return output;
    }

    private static String[] nc(String... more) {
        List<String> words = new ArrayList<>(List.of("nc", "-u"));
        words.addAll(Arrays.asList(TAP));
        words.addAll(Arrays.asList(more));
        return words.toArray(String[]::new);
    }

    /** Sends by Python; false while Linux cannot, as before the other side of the interface is there. */
    private boolean python(String group, String text) throws Exception {
        Process process = begin("python3", script.toString(), group, text);
        process.getInputStream().readAllBytes();
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        return process.exitValue() == 0;
    }

    /** How many packets of a capture pass a filter. */
    private int count(Path capture, String filter) throws Exception {
        return (int) tool("tshark", "-n", "-r", capture.toString(), "-Y", filter)
                .lines()
                .filter(l -> !l.contains("Running as user"))
                .count();
    }

    @ParameterizedTest
    @ValueSource(strings = {"239.1.2.3", "ff15::7"})
    void ncHearsWhatLinuxSendsToItsGroup(String group) throws Exception {
        boolean v4 = group.indexOf(':') < 0;
        Path capture = directory.resolve("capture.pcapng");
        Run run = Run.awaiting("two");
        Thread thread = namespace.newThread(
                "nc", () -> run.go(nc("-l", "-d", "-w", "4", "--pcap", capture.toString(), "--join", group, "5000")));
        thread.start();
        try {
            boolean sent = false;
            for (int i = 0; i < 100 && !run.out().contains("one"); i++) {
                sent |= python(group, "one\n");
                Thread.sleep(50);
            }
            assertTrue(sent, "Linux can send");
            for (int i = 0; i < 100 && !run.out().contains("two"); i++) {
                String to = v4
                        ? "UDP4-DATAGRAM:" + group + ":5000,ip-multicast-if=192.0.2.1"
                        : "UDP6-DATAGRAM:[" + group + "]:5000";
                tool("sh", "-c", "printf 'two\\n' | socat -t 0 - '" + to + "'");
                Thread.sleep(50);
            }
            run.await();
        } finally {
            run.shutdown.request();
            thread.join();
        }
        assertTrue(run.out().startsWith("one\n"), run.out() + run.err());
        assertTrue(run.out().contains("two\n"), run.out() + run.err());
        String reports = v4
                ? "igmp.type == 0x22 && igmp.record_type == 4 && igmp.maddr == " + group
                : "icmpv6.type == 143 && icmpv6.mldr.mar.record_type == 4" + " && icmpv6.mldr.mar.multicast_address == "
                        + group;
        // Two for robustness (RFC 3376, 8.1; RFC 3810, 9.1), if the second one's time came before the end.
        assertTrue(count(capture, reports) >= 1);
        assertEquals(0, count(capture, "_ws.malformed && !udp"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"239.1.2.4", "ff15::8"})
    void linuxHearsWhatNcSendsToItsGroup(String group) throws Exception {
        boolean v4 = group.indexOf(':') < 0;
        Process listener = begin("python3", script.toString(), group);
        assertEquals("ready", listener.inputReader().readLine());
        byte[] said = "hello from the stack".getBytes(StandardCharsets.UTF_8);
        Run run = namespace.call(() -> Run.withInput(said, nc("-M", "3", "-w", "1", group, "5000")));
        assertEquals(0, run.code(), run.err());
        assertEquals("hello from the stack", listener.inputReader().readLine());
        assertTrue(listener.waitFor(10, TimeUnit.SECONDS));
        if (v4) {
            Process socat = begin("socat", "-u", "UDP4-RECVFROM:5000,ip-add-membership=" + group + ":192.0.2.1", "-");
            Thread.sleep(500);
            Run again = namespace.call(() -> Run.withInput(said, nc("-M", "3", "-w", "1", group, "5000")));
            assertEquals(0, again.code(), again.err());
            assertEquals("hello from the stack", socat.inputReader().readLine());
            assertTrue(socat.waitFor(10, TimeUnit.SECONDS));
        }
    }
}
