package dev.penstock.apps.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.apps.netsim.TransferSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code penstock netsim}: tiny runs of each mode, and its options. */
class NetsimCommandTest {

    private static Run ok(String line) {
        Run run = Run.of(line.split(" ", -1));
        assertEquals(0, run.code(), run.out() + run.err());
        assertEquals("", run.err());
        return run;
    }

    @Test
    void aTableHasBuffersDownAndLossesAcross() {
        Run run = ok("netsim --bytes 50k --runs 1 --buffers 4k,32k --losses 0,5 --seed 3");
        List<String> lines = run.out().lines().toList();
        assertTrue(lines.contains("one flow, RTT 100 ms, 50 KiB, cubic, seed 3"), run.out());
        assertTrue(
                run.out().matches("(?s).*buffer +0 % +5 %.*\\n +4 KiB +\\d+ +\\d+% +\\d+ +\\d+%\\n +32 KiB .*"),
                run.out());
        assertTrue(run.out().contains("RFC 9438"), run.out());
        assertEquals(
                run.out(),
                ok("netsim --bytes 50k --runs 1 --buffers 4k,32k --losses 0,5 --seed 3")
                        .out());
    }

    @Test
    void aCellIsTheSameWhateverStandsBesideIt() {
        String alone =
                ok("netsim --csv --runs 2 --bytes 50k --buffers 4k --losses 5").out();
        String among = ok("netsim --csv --runs 2 --bytes 50k --buffers 2k,4k --losses 1,5 --rtt 20,100")
                .out();
        assertEquals(9, among.lines().count());
        String cell = alone.lines().skip(1).findFirst().orElseThrow();
        assertTrue(cell.startsWith("100,4096,5,cubic,51200,1,yes,"), cell);
        assertTrue(cell.endsWith(",2"), cell);
        assertTrue(among.contains("\n" + cell + "\n"), cell + " in " + among);
        assertEquals(alone.lines().findFirst(), among.lines().findFirst());
    }

    @Test
    void aRateIsAnAverageAndTheTitleTellsOfWhat() {
        Run run = ok("netsim --bytes 20k --buffers 8k --losses 1");
        assertTrue(run.out().contains("RTT 100 ms, 20 KiB, up to 32 runs for 200 losses, cubic, seed 1"), run.out());
        assertTrue(run.out().contains(" 640 KiB in ") && run.out().contains(" s (32 runs); "), run.out());
        run = ok("netsim --runs 2 --buffers 32k --losses 0");
        assertTrue(run.out().contains("RTT 100 ms, 10 MiB .. 320 MiB for 200 losses, 2 runs, cubic"), run.out());
        assertTrue(run.out().contains(" 20 MiB in ") && run.out().contains(" s (2 runs); "), run.out());
        run = ok("netsim --cc none --buffers 32k --losses 0");
        assertTrue(run.out().contains("RTT 100 ms, 10 MiB, none, seed 1"), run.out());
    }

    @Test
    void eachRoundTripTimeHasATable() {
        Run run = ok("netsim --bytes 10k --buffers 32k --losses 0 --rtt 20,50.5ms --cc none");
        assertTrue(run.out().contains("RTT 20 ms"), run.out());
        assertTrue(run.out().contains("RTT 50.5 ms"), run.out());
    }

    @Test
    void thePublishedFiguresStandBesideTheSameParameters() {
        Run run = ok("netsim --cc none --buffers 32k --losses 20,30");
        assertTrue(
                run.out().matches("(?s).*\\n +smoltcp +6079 +1156\\n +ratio +\\d+[.]\\d\\d +\\d+[.]\\d\\d\\n.*"),
                run.out());
        assertTrue(!ok("netsim --cc none --buffers 32k --losses 20 --bytes 100k")
                .out()
                .contains("smoltcp"));
    }

    @Test
    void flowsShareABottleneck() {
        Run run = ok("netsim --flows 1,3 --bytes 50k --rtt-spread 20..40 --bandwidth 50M --queue 20k");
        assertTrue(run.out().contains("through 50 Mbit/s, queue 20 KiB, RTT 20 .. 40 ms"), run.out());
        assertTrue(run.out().matches("(?s).*\\n +1 +\\d+ +\\d+ +\\d+ +1[.]000 .*\\n +3 .*"), run.out());
        Run csv = ok("netsim --flows 2 --csv --bytes 50k");
        assertEquals(2, csv.out().lines().count());
        assertTrue(csv.out().contains("\n2,51200,262144,50,150,200000000,65536,cubic,1,yes,"), csv.out());
    }

    @Test
    void aLinkAndReordering() {
        Run run = ok("netsim --bandwidth 100M --losses 0 --buffers auto --bytes 1M --reorder 1 --rtt 20");
        assertTrue(run.out().contains("100 Mbit/s, queue 244 KiB, 1 % delayed by up to 2 ms, seed 1"), run.out());
        assertTrue(run.out().contains("spurious"), run.out());
    }

    @Test
    void aTransferCanBeCaptured(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("one.pcapng");
        ok("netsim --bytes 20k --buffers 8k --losses 0 --pcap " + file);
        byte[] bytes = Files.readAllBytes(file);
        assertEquals(0x0a, bytes[0]);
        // Fifteen segments, twice, with their headers.
        assertTrue(bytes.length > 30 * 54, bytes.length + " bytes");
    }

    @Test
    void aTransferCanBeTraced(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("one.csv");
        ok("netsim --bytes 20k --buffers 8k --losses 0 --trace " + file);
        String events = Files.readString(file);
        assertTrue(events.startsWith("time_ns,connection,event,"), events);
        assertTrue(events.contains(",sent,"), events);
        assertEquals(1, events.lines().filter(l -> l.contains(",open,")).count());
        ok("netsim --bytes 20k --flows 3 --trace " + file);
        assertEquals(
                3,
                Files.readString(file).lines().filter(l -> l.contains(",open,")).count());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--rtt x",
                "--rtt 0",
                "--rtt 100,,200",
                "--rtt 1e3",
                "--losses 100",
                "--losses -1",
                "--losses a",
                "--losses 0,NaN",
                "--buffers 0",
                "--buffers 2G",
                "--buffers 64q",
                "--bytes 0",
                "--cc vegas",
                "--seed x",
                "--bandwidth 1",
                "--bandwidth fast",
                "--queue 64k",
                "--ecn",
                "--reorder-delay 5",
                "--rtt-spread 1..2",
                "--pcap x.pcapng",
                "--runs 0",
                "--runs 1001",
                "--runs 2 --buffers 1k --losses 1 --trace x.csv",
                "--flows 1 --runs 2",
                "--flows 0",
                "--flows 2000",
                "--flows 1 --rtt 5",
                "--flows 1 --rtt-spread 5",
                "--flows 1 --rtt-spread 9..5",
                "--flows 1 --buffers 1k,2k",
                "--flows 1 --losses 1,2",
                "--flows 1 --pcap x.pcapng",
                "--flows 1 --reorder 1",
                "--flows 1,2 --trace x.csv",
                "--trace x.csv",
                "extra"
            })
    void wrongUsageIsOneLineWithARemedy(String options) {
        Run run = Run.of(("netsim " + options).split(" ", -1));
        assertEquals(2, run.code(), run.out() + run.err());
        assertEquals("", run.out());
        assertTrue(run.err().matches("penstock: [^\\n]+: [^\\n]+\\n"), run.err());
    }

    @Test
    void valuesAreReadWithTheirUnits() {
        assertEquals(100_000_000, NetsimValues.rtt("100"));
        assertEquals(500_000, NetsimValues.rtt("0.5ms"));
        assertEquals(0.001, NetsimValues.percent("0.1"));
        assertEquals(0.3, NetsimValues.percent("30%"));
        assertEquals(65_536, NetsimValues.buffer("64k"));
        assertEquals(TransferSpec.AUTO, NetsimValues.buffer("auto"));
        assertEquals(200_000_000, NetsimValues.bandwidth("200M"));
        assertEquals(2_500_000_000L, NetsimValues.bandwidth("2.5G"));
        assertEquals(64, NetsimValues.flows("64"));
        assertEquals(50_000_000, NetsimValues.spread("50..150").min());
        assertEquals(150_000_000, NetsimValues.spread("50..150").max());
        assertThrows(IllegalArgumentException.class, () -> NetsimValues.spread("50-150"));
    }
}
