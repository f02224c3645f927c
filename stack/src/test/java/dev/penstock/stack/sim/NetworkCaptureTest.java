package dev.penstock.stack.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What tshark reads of the captures of a network. */
class NetworkCaptureTest {
    private static final long MS = 1_000_000;
    private static final long SECOND = 1_000 * MS;

    @TempDir
    private Path dir;

    private final SimulatedNetwork net = SimulatedNetwork.seeded(9);

    @BeforeEach
    void needsTshark() {
        boolean there =
                Arrays.stream(System.getenv("PATH").split(":")).anyMatch(p -> Files.isExecutable(Path.of(p, "tshark")));
        if (!there && "true".equals(System.getenv("CI"))) {
            fail("tshark is not installed");
        }
        Assumptions.assumeTrue(there, "tshark is not installed: apt-get install tshark");
    }

    private WritableByteChannel channel(String name) throws IOException {
        return Files.newByteChannel(dir.resolve(name), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    private List<String> tshark(String file, String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of("tshark", "-n", "-r", dir.resolve(file).toString()));
        command.addAll(List.of("-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"));
        command.addAll(List.of(arguments));
        Path errors = dir.resolve("errors");
        Process process =
                new ProcessBuilder(command).redirectError(errors.toFile()).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), () -> {
            try {
                return Files.readString(errors);
            } catch (IOException e) {
                return e.toString();
            }
        });
        return out.lines().toList();
    }

    /** A stream between two hosts that leave checksums to the link, which loses and is cut for a while. */
    private void traffic() {
        SimulatedHost a =
                net.newHost("a").address("192.0.2.1/24").checksumOffload(true).plugIn();
        SimulatedHost b =
                net.newHost("b").address("192.0.2.2/24").checksumOffload(true).plugIn();
        net.run(5 * SECOND);
        a.transmit().delay(10 * MS).loss(0.05);
        b.receive().drop(Match.nth(3, Match.DATA));
        Streams s = Streams.start(a, b, 100_000);
        assertTrue(net.runUntil(s::isDone, 60 * SECOND));
    }

    @Test
    void tsharkReadsEachHostsPacketsAndWhyTheyWereDropped() throws Exception {
        NetworkCapture capture = NetworkCapture.of(net, channel("all.pcapng"));
        traffic();
        capture.close();
        assertEquals(0, capture.errors());
        List<String> all = tshark(
                "all.pcapng", "-T", "fields", "-e", "frame.interface_name", "-e", "frame.comment", "-e", "tcp.len");
        assertEquals(capture.packets(), all.size());
        SimulatedHost a = net.hosts().get(0);
        SimulatedHost b = net.hosts().get(1);
        long lost = a.transmit().count(LinkEvent.LOST);
        assertTrue(lost > 0);
        assertEquals(
                lost,
                all.stream().filter(l -> l.startsWith("a (a>lan)\tdrop: LOST")).count());
        assertEquals(
                1,
                all.stream()
                        .filter(l -> l.startsWith("b (b>lan)\tdrop: SCRIPTED"))
                        .count());
        long shownByB = b.receive().count(LinkEvent.DELIVERED) + b.transmit().count(LinkEvent.SENT);
        assertEquals(
                shownByB,
                all.stream().filter(l -> l.startsWith("b (b>lan)\t\t")).count());
        assertEquals(List.of(), tshark("all.pcapng", "-Y", "tcp.checksum.status == 0 || ip.checksum.status == 0"));
        assertEquals(List.of(), tshark("all.pcapng", "-Y", "_ws.malformed"));
        String first = tshark("all.pcapng", "-T", "fields", "-e", "frame.time_epoch", "-c", "1")
                .get(0);
        assertTrue(first.startsWith("1.0000") || first.contains("T00:00:01"), first);
    }

    @Test
    void oneHostsPacketsAlone() throws Exception {
        SimulatedHost c = net.host("c", "192.0.2.3/24");
        NetworkCapture capture = NetworkCapture.of(net, channel("c.pcapng"), c);
        traffic();
        capture.close();
        List<String> names = tshark("c.pcapng", "-T", "fields", "-e", "frame.interface_name");
        assertTrue(!names.isEmpty() && names.stream().allMatch("c (c>lan)"::equals), names.toString());
    }

    @Test
    void theRecorderLeavesTheLastEventsOnly() throws Exception {
        FlightRecorder recorder = FlightRecorder.of(net, 300, 128);
        StringBuilder whole = new StringBuilder();
        EventTrace.of(net, whole, Long.MAX_VALUE);
        traffic();
        StringBuilder last = new StringBuilder();
        recorder.writeTrace(last);
        List<String> expected = whole.toString().lines().toList();
        List<String> lines = last.toString().lines().toList();
        assertEquals(recorder.recorded(), expected.size() - 1);
        assertEquals(302, lines.size());
        assertTrue(lines.get(1).startsWith("# " + (recorder.recorded() - 300) + " events"), lines.get(1));
        assertEquals(expected.subList(expected.size() - 300, expected.size()), lines.subList(2, 302));
        recorder.writeCapture(channel("last.pcapng"));
        List<String> frames = tshark("last.pcapng", "-T", "fields", "-e", "frame.len", "-e", "frame.cap_len");
        assertTrue(frames.size() > 100, "packets " + frames.size());
        assertTrue(frames.contains("1514\t128"), frames.toString());
        assertEquals(List.of(), tshark("last.pcapng", "-Y", "_ws.malformed"));
    }

    @Test
    void aRecorderThatIsNotFullLeavesAll() throws Exception {
        FlightRecorder recorder = FlightRecorder.of(net, 2000, 65_557);
        StringBuilder whole = new StringBuilder();
        EventTrace.of(net, whole, Long.MAX_VALUE);
        net.host("x", "192.0.2.9/24");
        net.run(10 * SECOND);
        StringBuilder all = new StringBuilder();
        recorder.writeTrace(all);
        assertEquals(whole.toString(), all.toString());
    }
}
