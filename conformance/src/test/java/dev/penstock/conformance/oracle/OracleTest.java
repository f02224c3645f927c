package dev.penstock.conformance.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.tap.NetNamespace;
import dev.penstock.tap.TapRequirement;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Penstock's sockets and Linux's come to the same; {@code conformance/oracle} compares more of them. */
class OracleTest {
    private static final int GENERATED = 20;

    @Test
    @Timeout(240)
    void penstockAndLinuxComeToTheSame() throws Exception {
        TapRequirement.check();
        if (NetNamespace.findCommand("ip") == null) {
            TapRequirement.refuse("needs the command ip");
        }
        StringBuilder told = new StringBuilder();
        Oracle oracle = new Oracle(line -> told.append(line).append('\n'));
        oracle.compareWithin(Scenario.fixed().stream().filter(s -> !s.isCut()).toList(), GENERATED, 1);
        assertEquals(30 - 5, Scenario.fixed().stream().filter(s -> !s.isCut()).count());
        assertEquals(List.of(), oracle.failures(), told::toString);
        assertTrue(oracle.played() > GENERATED, told::toString);
        assertTrue(oracle.allowed() > 0, "the allowed differences are there, or the comparison is blind");
    }

    @Test
    void aScenarioIsReadAsItIsWritten() {
        Scenario s = Scenario.parse("x", "subject listen 5, peer connect");
        assertEquals("[subject listen 5, peer connect]", s.actions().toString());
        assertEquals(Scenario.random(5), Scenario.random(5));
        assertNotEquals(Scenario.random(5).actions(), Scenario.random(6).actions());
        assertEquals(1, s.without(0).actions().size());
        assertThrows(IllegalArgumentException.class, () -> Scenario.parse("x", "nobody listen"));
        assertThrows(IllegalArgumentException.class, () -> Scenario.parse("x", "subject"));
    }

    @Test
    void errorsAreComparedByTheirNamesInErrno() {
        assertEquals("ECONNRESET", Player.name(new IOException("Connection reset by peer")));
        assertEquals("ECONNRESET", Player.name(new IOException("Connection reset")));
        assertEquals("EPIPE", Player.name(new IOException("Broken pipe")));
    }

    @Test
    void onlyWhatIsListedIsAllowed() {
        Scenario s = Scenario.parse("x", "subject listen 5, peer connect");
        assertNull(AllowedDifferences.reason(s, "subject write 1: EPIPE; x", "subject write 1: ECONNRESET; x"));
        String over = "subject close: ok; subject closed, peer ";
        assertNull(AllowedDifferences.reason(s, over + "gone", over + "LAST-ACK"));
        assertTrue(
                AllowedDifferences.reason(s, over + "gone", over + "TIME-WAIT").contains("RFC 1337"));
        assertNull(AllowedDifferences.reason(s, "subject read 1: 5 bytes; x", "subject read 1: 4 bytes; x"));
        assertTrue(AllowedDifferences.reason(
                        s, "subject read 1: 0 bytes, ECONNRESET; x", "subject read 1: 0 bytes, end; x")
                .startsWith("Linux tells"));
    }
}
