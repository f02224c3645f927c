package dev.penstock.apps.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.tap.NetNamespace;
import dev.penstock.tap.TapRequirement;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The verbs on one link: ndping, link-local targets that name their interface, and a flood of pings. */
@Timeout(120)
class LinkToolsTest {
    private static final String[] TAP = {"--tap", "pen0", "--addr", "2001:db8::2/64", "--addr", "192.0.2.2/24"};

    private NetNamespace namespace;

    @BeforeEach
    void make() throws Exception {
        TapRequirement.check();
        namespace = NetNamespace.create();
        for (String line : List.of(
                "ip tuntap add pen0 mode tap",
                "ip -6 addr add fe80::1/64 dev pen0 nodad",
                "ip -6 addr add 2001:db8::1/64 dev pen0 nodad",
                "ip addr add 192.0.2.1/24 dev pen0",
                "ip link set pen0 up")) {
            Process process = namespace.start(new ProcessBuilder(line.split(" ")).redirectErrorStream(true));
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(process.waitFor(20, TimeUnit.SECONDS));
            assertEquals(0, process.exitValue(), line + ": " + output);
        }
    }

    @AfterEach
    void end() {
        if (namespace != null) {
            namespace.close();
        }
    }

    private Run penstock(String verb, String... more) throws Exception {
        List<String> words = new ArrayList<>(List.of(verb));
        words.addAll(Arrays.asList(TAP));
        words.addAll(Arrays.asList(more));
        return namespace.call(() -> Run.of(words.toArray(String[]::new)));
    }

    @Test
    void ndpingFindsTheKernelAndNobodyElse() throws Exception {
        Run found = penstock("ndping", "-c", "2", "-i", "0.1", "-w", "20", "2001:db8::1");
        assertEquals(0, found.code(), found.out() + found.err());
        // Whichever of its addresses is verified first asks (RFC 4429, section 3.3): both take a second, and a random
        // moment.
        assertTrue(
                found.out()
                        .matches("(?s)NDPING 2001:db8::1 from (2001:db8::2|fe80:[0-9a-f:]+) pen0\n"
                                + "Unicast reply from 2001:db8::1 \\[[0-9A-F:]{17}\\]  [0-9.]+ms\n.*"
                                + "Sent 2 probes \\(1 multicast\\(s\\)\\)\nReceived 2 response\\(s\\)\n"),
                found.out());
        Run linkLocal = penstock("ndping", "-c", "1", "-w", "20", "fe80::1%pen0");
        assertEquals(0, linkLocal.code(), linkLocal.out() + linkLocal.err());
        assertTrue(linkLocal.out().startsWith("NDPING fe80::1 from fe80:"), linkLocal.out());
        assertEquals(
                1, penstock("ndping", "-c", "1", "-i", "0.2", "2001:db8::99").code());
        assertEquals(
                0,
                penstock("ndping", "-D", "-c", "1", "-i", "0.2", "2001:db8::99").code());
        Run taken = penstock("ndping", "-D", "-c", "5", "2001:db8::1");
        assertEquals(1, taken.code());
        // RFC 4861, 7.2.4: who asks from the unspecified address is answered at all nodes.
        assertTrue(taken.out().contains("Multicast reply from 2001:db8::1 "), taken.out());
    }

    @Test
    void linkLocalTargetsNameTheirInterface() throws Exception {
        for (String zone : new String[] {"pen0", "eth0", "1"}) {
            Run run = penstock("ping", "-c", "1", "fe80::1%" + zone);
            assertEquals(0, run.code(), run.out() + run.err());
            assertTrue(run.out().contains("64 bytes from fe80::1: icmp_seq=1 ttl=64"), run.out());
        }
        Run route = penstock("traceroute", "-q", "1", "fe80::1%pen0");
        assertEquals(0, route.code(), route.out() + route.err());
        assertTrue(route.out().contains(" 1  fe80::1  "), route.out());
        Run path = penstock("tracepath", "fe80::1%pen0");
        assertEquals(0, path.code(), path.out() + path.err());
        assertTrue(path.out().contains("Resume: pmtu 1500 hops 1"), path.out());
        try (ServerSocket server = namespace.call(() -> new ServerSocket(0, 1, InetAddress.getByName("::")))) {
            Thread peer = new Thread(() -> {
                try (Socket socket = server.accept()) {
                    socket.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            peer.start();
            Run nc = penstock("nc", "-N", "fe80::1%pen0", Integer.toString(server.getLocalPort()));
            peer.join();
            assertEquals("hello", nc.out());
            assertEquals(0, nc.code(), nc.err());
        }
        for (String verb : new String[] {"ping", "traceroute", "tracepath", "ndping"}) {
            Run none = penstock(verb, "fe80::1%eth7");
            assertEquals(2, none.code(), verb + none.out());
            assertTrue(none.err().contains("there is no interface eth7: give one of eth0"), none.err());
        }
    }

    @Test
    void aFloodOfPingsGoesAsFastAsAnswersCome() throws Exception {
        long began = System.nanoTime();
        Run run = penstock("ping", "-f", "-c", "2000", "192.0.2.1");
        double seconds = (System.nanoTime() - began) / 1e9;
        assertEquals(0, run.code(), run.out() + run.err());
        assertTrue(run.out().contains("2000 packets transmitted, 2000 received, 0% packet loss"), run.out());
        assertTrue(run.out().contains("..") || run.out().contains(".\b \b."), run.out());
        assertFalse(run.out().contains("icmp_seq"), run.out());
        // With an answer for each request it is faster than the hundred a second of a flood that nobody answers.
        assertTrue(seconds < 15, seconds + " s");
        Run silent = penstock("ping", "-f", "-q", "-c", "20", "-W", "0.1", "192.0.2.77");
        assertEquals(1, silent.code());
        assertTrue(silent.out().contains("20 packets transmitted, 0 received"), silent.out());
    }
}
