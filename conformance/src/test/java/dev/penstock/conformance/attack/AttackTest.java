package dev.penstock.conformance.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each attack leaves a connection, its rate and new connections alone, is counted, and makes the victim nobody's amplifier. */
class AttackTest {
    private static final int FRAMES = 3_000;

    static Stream<Arguments> attacks() {
        return Stream.of(false, true)
                .flatMap(v6 -> Attacks.of(v6).stream().map(a -> Arguments.of(v6 ? "IPv6" : "IPv4", a.name(), v6, a)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("attacks")
    void isHeldOff(String family, String name, boolean v6, Attack attack) {
        try (AttackLab lab = new AttackLab(v6, 20261122)) {
            assertEquals("", AttackRun.fault(attack, lab.run(attack, FRAMES)), attack.about());
        }
    }
}
