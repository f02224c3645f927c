package dev.penstock.apps.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.penstock.tap.NetNamespace;
import dev.penstock.tap.TapRequirement;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** iperf3 itself, in the kernel of a network namespace, with the verb {@code iperf3} as server and as client. */
@Timeout(120)
class IperfTapTest {
    private static final String[] ADDRESSES = {
        "--tap",
        "pen0",
        "--addr",
        "192.0.2.2/24",
        "--addr",
        "2001:db8::2/64",
        "--host-addr",
        "192.0.2.1/24",
        "--host-addr",
        "2001:db8::1/64"
    };

    private NetNamespace namespace;

    @BeforeEach
    void makeNamespace() throws Exception {
        TapRequirement.check();
        if (NetNamespace.findCommand("iperf3") == null) {
            TapRequirement.refuse("needs the command iperf3");
        }
        namespace = NetNamespace.create();
    }

    @AfterEach
    void endNamespace() {
        if (namespace != null) {
            namespace.close();
        }
    }

    private static String[] verb(String... more) {
        List<String> all = new ArrayList<>(List.of("iperf3"));
        all.addAll(List.of(ADDRESSES));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    /** Runs {@code iperf3 -J} against the stack and answers what it says of the end. */
    private JsonObject client(String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of("iperf3", "-J"));
        command.addAll(List.of(options));
        Process process = namespace.start(new ProcessBuilder(command).redirectErrorStream(true));
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), output);
        return JsonParser.parseString(output).getAsJsonObject().getAsJsonObject("end");
    }

    private static long sum(JsonObject end, String which, String field) {
        return end.getAsJsonObject(which).get(field).getAsLong();
    }

    @Test
    void servesIperf3() throws Exception {
        Run run = Run.awaiting("ready");
        Thread thread = namespace.newThread("iperf3", () -> run.go(verb("-s")));
        thread.start();
        try {
            run.await();
            tests();
        } finally {
            run.shutdown.request();
            thread.join();
        }
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().contains("[SUM]"), run.out());
        assertEquals("", run.err());
    }

    private void tests() throws Exception {
        for (String server : List.of("192.0.2.2", "2001:db8::2")) {
            assertMegabytes(20, sum(client("-c", server, "-n", "20M"), "sum_received", "bytes"), "in");
            assertMegabytes(20, sum(client("-c", server, "-n", "20M", "-R"), "sum_received", "bytes"), "out");
            JsonObject both = client("-c", server, "-t", "1", "--bidir", "-P", "2");
            assertTrue(sum(both, "sum_received", "bytes") > 0, both.toString());
            assertTrue(sum(both, "sum_received_bidir_reverse", "bytes") > 0, both.toString());
            for (String[] way : new String[][] {{}, {"-R"}}) {
                List<String> options = new ArrayList<>(List.of("-c", server, "-u", "-b", "2M", "-t", "1"));
                options.addAll(List.of(way));
                JsonObject udp = client(options.toArray(String[]::new)).getAsJsonObject("sum");
                assertEquals(0, udp.get("lost_packets").getAsLong(), udp.toString());
                assertEquals(2e6 / 8 / 1448, udp.get("packets").getAsDouble(), 30, udp.toString());
            }
        }
    }

    private static void assertMegabytes(int expected, long bytes, String which) {
        // iperf3 sends whole writes of 128 KiB, and counts what is on its way when it ends.
        assertTrue(Math.abs(bytes - ((long) expected << 20)) <= 8 << 20, which + ": " + bytes);
    }

    @Test
    void testsAgainstIperf3() throws Exception {
        Process server = namespace.start(new ProcessBuilder("iperf3", "-s").redirectErrorStream(true));
        try {
            for (String[] options : new String[][] {
                {"-c", "192.0.2.1", "-n", "20M"},
                {"-c", "2001:db8::1", "-t", "1", "-R", "-P", "2"},
                {"-c", "192.0.2.1", "-t", "1", "--bidir"},
                {"-c", "192.0.2.1", "-t", "1", "-u", "-b", "2M"},
                {"-c", "2001:db8::1", "-t", "1", "-u", "-b", "2M", "-R"}
            }) {
                Run run = Run.awaiting("\0");
                Thread thread = namespace.newThread("iperf3", () -> run.go(verb(options)));
                thread.start();
                thread.join();
                assertEquals(0, run.code(), run.out() + run.err());
                assertTrue(run.out().contains(" sender\n"), run.out());
                assertTrue(run.out().contains(" receiver\n"), run.out());
                assertTrue(!run.out().contains("UDP") || run.out().contains(" 0/"), run.out());
            }
        } finally {
            server.destroy();
            assertTrue(server.waitFor(10, TimeUnit.SECONDS));
        }
    }
}
