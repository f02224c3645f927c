package dev.penstock.conformance.properties;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Scenarios as text, from seeds, and made smaller. */
class ScenarioTest {

    @Test
    void theTextOfEveryScenarioReadsAsTheSame() {
        for (long seed = 1; seed <= 300; seed++) {
            Scenario scenario = Scenario.of(seed);
            assertEquals(scenario, Scenario.parse(scenario.toString()));
        }
    }

    @Test
    void aSeedDecidesAll() {
        assertEquals(Scenario.of(77), Scenario.of(77));
        assertNotEquals(Scenario.of(77).actions(), Scenario.of(78).actions());
    }

    @Test
    void whatIsWrongInATextIsNamed() {
        assertEquals("line 2: no such action: conect", error("seed 1\nconect slot=0"));
        assertEquals("line 1: connect has no argument port", error("connect port"));
        assertEquals("line 1: connect has no argument prt=7", error("connect prt=7"));
        assertEquals("line 1: port is 1 .. 65535: 0", error("connect port=0"));
        assertEquals("line 1: on is one of [yes, no]: maybe", error("partition on=maybe"));
        assertEquals("line 1: bytes is a number: many", error("write bytes=many"));
    }

    private static String error(String text) {
        return assertThrows(IllegalArgumentException.class, () -> Scenario.parse(text))
                .getMessage();
    }

    @Test
    void aFailureShrinksToWhatMatters() {
        Scenario large = Scenario.of(5);
        List<Action> actions = new java.util.ArrayList<>(large.actions());
        actions.add(7, Action.parse("write end=c1 bytes=31_415"));
        actions.add(actions.size(), Action.parse("abort end=a1"));
        Scenario small = new Shrinker(
                        s -> s.toString().contains("abort end=a1")
                                && s.actions().stream()
                                        .anyMatch(a -> a.kind == Kind.WRITE && a.intArg(0) == 2 && a.arg(1) >= 1000),
                        3000)
                .shrink(large.with(actions));
        assertEquals(2, small.actions().size(), small::toString);
        assertTrue(small.actions().get(0).arg(1) < 2000, small::toString);
        assertEquals("abort end=a1", small.actions().get(1).toString());
    }

    @Test
    void runsOfOneSeedAreTheSameToTheByte() {
        Run first = Run.once(Scenario.of(4));
        Run second = Run.once(Scenario.of(4));
        assertEquals(first.digest(), second.digest());
        assertEquals(first.coverage().counts(), second.coverage().counts());
        assertNotEquals(first.digest(), Run.once(Scenario.of(5)).digest());
    }
}
