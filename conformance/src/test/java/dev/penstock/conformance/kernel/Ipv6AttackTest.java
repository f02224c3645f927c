package dev.penstock.conformance.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.conformance.kernel.Ipv6AttackRun.Verdict;
import dev.penstock.tap.TapRequirement;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A second each of some tools of thc-ipv6; {@code conformance/ipv6-attacks} runs them all. */
class Ipv6AttackTest {
    @Test
    @Timeout(90)
    void aConnectionOutlivesFloodsOfNeighbourDiscoveryAndFragments(@TempDir Path root) throws Exception {
        TapRequirement.check();
        KernelPeers.requireCommands("curl", "timeout", "atk6-flood_router26", "atk6-flood_advertise6", "atk6-denial6");
        try (Ipv6AttackRun run = new Ipv6AttackRun(root)) {
            for (String line : List.of(
                    "flood_router26 pen0",
                    "flood_advertise6 pen0 " + Ipv6AttackTool.STACK,
                    "denial6 pen0 " + Ipv6AttackTool.STACK + " 2")) {
                Verdict verdict = run.attack(Ipv6AttackTool.thc(1, line));
                assertEquals(List.of(), verdict.failures(), verdict::toString);
                // Not those of the connection alone: the tool did send.
                assertTrue(verdict.frames() > verdict.turns() * 4 + 1000, verdict::toString);
                assertTrue(!verdict.drops().equals("-"), verdict::toString);
            }
            assertEquals(List.of(), run.end());
        }
    }

    @Test
    @Timeout(60)
    void whoeverClaimsEachAddressThatIsVerifiedGetsItAndIsTold() throws Exception {
        TapRequirement.check();
        KernelPeers.requireCommands("timeout", "atk6-dos-new-ip6");
        Verdict verdict = AttackedStart.run();
        assertEquals(List.of(), verdict.failures(), verdict::toString);
    }
}
