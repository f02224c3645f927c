package dev.penstock.stack.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SwitchTest {
    private static final long SECOND = 1_000_000_000;

    private final SimulatedNetwork net = SimulatedNetwork.seeded(5);

    @AfterEach
    void nothingLeaks() {
        net.close();
        net.assertNoLeaks();
    }

    @Test
    void whatIsMeantForOneHostReachesNoOther() {
        SimulatedHost a = net.host("a", "192.0.2.1/24");
        SimulatedHost b = net.host("b", "192.0.2.2/24");
        SimulatedHost c = net.host("c", "192.0.2.3/24");
        net.run(5 * SECOND);
        Streams warm = Streams.start(a, b, 1000);
        assertTrue(net.runUntil(warm::isDone, 10 * SECOND));
        long before = c.receive().count(LinkEvent.OFFERED);
        long forwarded = net.lan().forwarded();
        Streams s = Streams.toClosedPort(a, b);
        assertTrue(net.runUntil(() -> s.over, 10 * SECOND));
        assertEquals(before, c.receive().count(LinkEvent.OFFERED));
        assertTrue(net.lan().forwarded() > forwarded);
    }

    @Test
    void hostsOfTwoSwitchesTalkThroughTheirLinkAndItsDelay() {
        SimulatedSwitch other = net.newSwitch("other");
        SimulatedLink trunk = net.lan().join(other, 1500).delay(10_000_000);
        SimulatedHost a = net.host("a", "192.0.2.1/24");
        SimulatedHost b = net.newHost("b").address("192.0.2.2/24").plugInto(other);
        net.run(5 * SECOND);
        long began = net.nowNs();
        Streams s = Streams.start(a, b, 1000);
        assertTrue(net.runUntil(() -> s.connected, 10 * SECOND));
        // Address resolution, SYN and SYN-ACK.
        assertEquals(40, (net.nowNs() - began) / 1_000_000);
        assertTrue(trunk.aToB().count(LinkEvent.DELIVERED) > 0);
    }

    @Test
    void switchesAreNotJoinedInCircles() {
        SimulatedSwitch one = net.newSwitch("one");
        SimulatedSwitch two = net.newSwitch("two");
        net.lan().join(one, 1500);
        one.join(two, 1500);
        assertThrows(IllegalArgumentException.class, () -> two.join(net.lan(), 1500));
        assertThrows(IllegalArgumentException.class, () -> one.join(one, 1500));
    }
}
