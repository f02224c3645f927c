package dev.penstock.conformance.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.conformance.kernel.KernelLink.Ran;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.tap.TapRequirement;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** nmap finds what is open and what is closed, and its odd packets do no harm. */
class ScanTest {
    @Test
    @Timeout(180)
    void nmapFindsTheOpenPortsAndDoesNoHarm(@TempDir Path directory) throws Exception {
        TapRequirement.check();
        KernelPeers.requireCommands("nmap", "curl");
        Path file = directory.resolve("file");
        String sha256 = KernelPeers.randomFile(file, 1 << 20, 3);
        try (KernelLink link = new KernelLink.Setup().httpRoot(directory).open()) {
            String ports = "T:1-100,8080,U:7,9,19,53,123";
            Ran ran = link.run(
                    120,
                    "nmap",
                    "-n",
                    "-sS",
                    "-sU",
                    "-O",
                    "-T4",
                    "--max-retries",
                    "2",
                    "--host-timeout",
                    "100s",
                    "-p",
                    ports,
                    KernelLink.STACK);
            assertTrue(ran.isOk(), ran::toString);
            for (String open : List.of("7/tcp", "9/tcp", "19/tcp", "80/tcp")) {
                assertTrue(ran.output().matches("(?s).*\n" + open + " +open .*"), () -> open + " in " + ran);
            }
            assertTrue(ran.output().matches("(?s).*Not shown: [0-9]+ closed tcp ports.*"), ran::toString);
            // UDP services that answer whatever comes.
            assertTrue(ran.output().matches("(?s).*\n(7|19)/udp +open .*"), ran::toString);

            Path fetched = directory.resolve("fetched");
            Ran curl = link.run(30, "curl", "-sS", "--fail", "-o", fetched.toString(), "http://10.9.0.2/file");
            assertTrue(curl.isOk(), curl::toString);
            assertEquals(sha256, KernelPeers.sha256(fetched));
            assertEquals(List.of(), link.unfinished(20));
            link.stop();
            assertEquals(List.of(), link.faults());
            assertEquals(0, link.stack().counters().get(StackCounter.SHARD_FAULTS));
            assertEquals("", link.stack().leaks());
        }
    }
}
