package dev.penstock.apps.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Help, wrong usage, exit codes: all that needs no stack. */
class CommandLineTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            demo   | --size --in-memory --pcap --native --trace
            up     | --tap --addr --interface --vlan --host-addr --gateway --mtu --mac --http-root --echo --discard --chargen --pcap --trace
            ping   | --tap --addr -c= -i= -s= -W= -t= -n ADDRESS
            arping | --tap --addr -c= -w= -D ADDRESS
            nc     | --tap --addr -l -u -w= -N PORT --trace
            trace  | plot
            netsim | --rtt --bytes --runs --buffers --losses --cc --seed --csv --flows --bandwidth --queue --rtt-spread --reorder
            """)
    void everyVerbExplainsItself(String verb, String options) {
        Run run = Run.of(verb, "--help");
        assertEquals(0, run.code());
        assertEquals("", run.err());
        assertTrue(run.out().startsWith("Usage: penstock " + verb), run.out());
        for (String option : options.split(" ", -1)) {
            assertTrue(run.out().contains(option), option + " in " + run.out());
        }
        run.out().lines().forEach(line -> assertTrue(line.length() <= 100, line));
    }

    @Test
    void theProgramExplainsItself() {
        Run bare = Run.of();
        assertEquals(0, bare.code());
        for (String verb : new String[] {"demo", "up", "ping", "arping", "nc", "netsim", "trace"}) {
            assertTrue(bare.out().contains("\n  " + verb + " "), verb);
        }
        assertEquals(bare.out(), Run.of("--help").out());
        Run version = Run.of("--version");
        assertEquals(0, version.code());
        assertTrue(version.out().startsWith("penstock "), version.out());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "frobnicate",
                "--bogus",
                "up",
                "up --addr",
                "up --addr 192.0.2.2",
                "up --addr 300.0.2.2/24",
                "up --addr 192.0.2.2/33",
                "up --addr 224.0.0.1/24",
                "up --addr 192.0.2.2/24 --host-addr 192.0.2.2/24",
                "up --addr 192.0.2.2/24 --gateway 10.0.0.1",
                "up --addr 192.0.2.2/24 --gateway 2001:db8::1",
                "up --addr 2001:db8::2/64 --gateway 2001:db8:1::1",
                "up --addr 2001:db8::2/64 --gateway fe80::1 --gateway fe80::2",
                "up --addr 2001:db8::2/64 --mtu 1279",
                "up --addr ff02::2/64",
                "up --addr 192.0.2.2/24 --mtu x",
                "up --addr 192.0.2.2/24 --mac 01:00:00:00:00:00",
                "up --addr 192.0.2.2/24 --native c",
                "up --addr 192.0.2.2/24 --http-root /no/such/directory",
                "up --addr 192.0.2.2/24 extra",
                "up --interface pen1,addr=192.0.2.2",
                "up --interface 1,addr=192.0.2.2/24",
                "up --interface pen1,adr=192.0.2.2/24",
                "up --interface pen1,metric=-1",
                "up --interface pen1,gateway=192.0.2.1",
                "up --interface pen1",
                "up --vlan 0,addr=192.0.2.2/24",
                "up --vlan 4095,addr=192.0.2.2/24",
                "up --vlan eth0.x,addr=192.0.2.2/24",
                "up --vlan 100,host-addr=192.0.2.1/24",
                "up --vlan 100,addr=192.0.2.2/24,gateway=198.51.100.1",
                "ping --addr 192.0.2.2/24",
                "ping --addr 192.0.2.2/24 example.org",
                "ping --addr 192.0.2.2/24 -s 70000 192.0.2.1",
                "ping --addr 192.0.2.2/24 -i 0 192.0.2.1",
                "ping --addr 192.0.2.2/24 -i NaN 192.0.2.1",
                "ping --addr 192.0.2.2/24 -t 0 192.0.2.1",
                "ping --addr 192.0.2.2/24 -c -1 192.0.2.1",
                "ping --addr 192.0.2.2/24 -M want 192.0.2.1",
                "arping --addr 192.0.2.2/24 -w -1 192.0.2.1",
                "arping --addr 192.0.2.2/24 ::1",
                "nc --addr 192.0.2.2/24 80",
                "nc --addr 192.0.2.2/24 -l --join 239.1.2.3 5000",
                "nc --addr 192.0.2.2/24 -u --join 239.1.2.3 192.0.2.1 5000",
                "nc --addr 192.0.2.2/24 -u -l --join 192.0.2.7 5000",
                "nc --addr 192.0.2.2/24 -u -l --join group 5000",
                "nc --addr 192.0.2.2/24 -u -l --join 239.1.2.3@239.1.2.4 5000",
                "nc --addr 192.0.2.2/24 -u -l --join 239.1.2.3@2001:db8::1 5000",
                "nc --addr 192.0.2.2/24 -u -M 256 192.0.2.1 5000",
                "nc --addr 192.0.2.2/24 -M 5 192.0.2.1 5000",
                "nc --addr 192.0.2.2/24 192.0.2.1 0",
                "nc --addr 192.0.2.2/24 192.0.2.1 65536",
                "nc --addr 192.0.2.2/24 example.org 80",
                "nc --addr 192.0.2.2/24 -w NaN 192.0.2.1 80",
                "nc --addr 192.0.2.2/24 1 2 3",
                "trace",
                "trace plot",
                "trace plot x.csv -c 0",
                "trace plot x.csv -c x",
                "trace plot x.csv --direction up",
                "demo --size 0",
                "demo --size 10X",
                "demo --in-memory --pcap x.pcapng"
            })
    void wrongUsageIsOneLineWithARemedy(String line) {
        Run run = Run.of(line.split(" ", -1));
        assertEquals(2, run.code(), run.err());
        assertEquals("", run.out());
        assertTrue(run.err().matches("penstock: [^\\n]+: [^\\n]+\\n"), run.err());
    }

    @Test
    void aCaptureThatCannotBeWrittenIsAFailureWithARemedy(@TempDir Path directory) {
        Run run = Run.of("up", "--addr", "192.0.2.2/24", "--pcap", directory + "/none/x.pcapng");
        assertEquals(1, run.code());
        assertTrue(run.err().matches("penstock: cannot write the capture [^\\n]+\\n"), run.err());
    }

    @Test
    void aTraceOfTheDemoBecomesAPicture(@TempDir Path directory) throws Exception {
        Path csv = directory.resolve("demo.csv");
        assertEquals(
                0,
                Run.of("demo", "--in-memory", "--size", "300K", "--trace", csv.toString())
                        .code());
        Run run = Run.of("trace", "plot", csv.toString());
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().startsWith("TCP connection 1: 192.0.2.2:80 → 192.0.2.1:"), run.out());
        assertTrue(run.out().endsWith("wrote " + directory.resolve("demo.svg") + "\n"), run.out());
        assertTrue(Files.readString(directory.resolve("demo.svg")).contains("<svg"), "a picture");
        Run other = Run.of("trace", "plot", csv.toString(), "-o", csv.toString());
        assertEquals(2, other.code(), "the trace would be overwritten");
        assertTrue(Run.of("trace", "plot", "--help").out().contains("--connection"), "help");
    }

    @Test
    void whatIsNoTraceIsAFailureWithTheLine(@TempDir Path directory) throws Exception {
        Run missing = Run.of("trace", "plot", directory + "/none.csv");
        assertEquals(1, missing.code());
        assertTrue(missing.err().matches("penstock: [^\\n]+: there is no such file[^\\n]*\\n"), missing.err());
        Path file = directory.resolve("x.csv");
        Files.writeString(file, "a,b\n");
        Run run = Run.of("trace", "plot", file.toString());
        assertEquals(1, run.code());
        assertTrue(
                run.err().matches("penstock: [^\\n]+x.csv: line 1: not a trace of connections[^\\n]+\\n"), run.err());
        assertFalse(Files.exists(directory.resolve("x.svg")));
        Run target = Run.of("demo", "--in-memory", "--size", "1K", "--trace", directory + "/none/x.csv");
        assertEquals(1, target.code());
        assertTrue(target.err().matches("penstock: cannot write the trace [^\\n]+\\n"), target.err());
    }

    @Test
    void aBadInterfaceNameIsToldByTheDriver() {
        Run run = Run.of("up", "--addr", "192.0.2.2/24", "--tap", "a-name-that-is-too-long");
        assertEquals(1, run.code());
        assertTrue(run.err().matches("penstock: [^\\n]+too long[^\\n]+\\n"), run.err());
    }

    @Test
    void theDemoNeedsNoPrivilege() throws Exception {
        Run run = Run.of("demo", "--in-memory", "--size", "3M");
        assertEquals(0, run.code(), run.out() + run.err());
        assertEquals("", run.err());
        assertTrue(run.out().contains("in memory"), run.out());
        assertTrue(run.out().contains("10 sent, 10 received, RTT min/avg/max "), run.out());
        assertTrue(run.out().contains("3,145,728 bytes in "), run.out());
        assertTrue(run.out().contains("... equal"), run.out());
        // What goes into a pipe has no control characters.
        assertTrue(run.out().matches("[^\\p{Cntrl}\\n]*(\\n[^\\p{Cntrl}\\n]*)*"), run.out());
    }

    @Test
    void theDemosFilesAreGoneInTheEnd() throws Exception {
        Path root;
        try (DemoFile file = DemoFile.create(3_000_000)) {
            root = file.root();
            assertEquals(3_000_000, Files.size(root.resolve(DemoFile.NAME)));
            Files.copy(root.resolve(DemoFile.NAME), file.fetched());
            assertEquals(3_000_000, file.fetchedSize());
            assertEquals(file.sha256(), file.fetchedSha256());
            Files.write(file.fetched(), new byte[] {1});
            assertNotEquals(file.sha256(), file.fetchedSha256());
        }
        assertFalse(Files.exists(root.getParent()));
    }

    @Test
    void aTransferIsComparedByItsHash() {
        Run run = Run.onTerminal("demo", "--in-memory", "--size", "1000");
        assertEquals(0, run.code(), run.out() + run.err());
        assertTrue(run.out().contains("1,000 bytes in "), run.out());
    }
}
