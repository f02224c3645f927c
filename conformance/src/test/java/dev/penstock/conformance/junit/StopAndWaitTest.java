package dev.penstock.conformance.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.sim.SimulatedHost;
import dev.penstock.stack.sim.SimulatedNetwork;
import java.util.List;

/** The example of README.md: a user's own protocol on the simulated network. */
class StopAndWaitTest {
    private static final List<String> LINES = List.of("To be, or not to be,", "that is", "the question:", "Whether");

    @SimulatedNetworkTest(seeds = 100, twice = true)
    void everyLineArrivesOnceAndInOrder(SimulatedNetwork net) {
        SimulatedHost alice = net.host("alice", "192.0.2.1/24");
        SimulatedHost bob = net.host("bob", "192.0.2.2/24");
        alice.link().loss(0.2).delay(20_000_000);
        bob.transmit().duplicate(0.1).corrupt(0.05);
        net.after(300_000_000, () -> net.partition(alice));
        net.after(5_000_000_000L, net::heal);
        StopAndWait sender = new StopAndWait(alice, bob);
        StopAndWait receiver = new StopAndWait(bob, alice);
        sender.send(LINES);
        assertTrue(net.runUntil(sender::isDone, 60_000_000_000L));
        assertEquals(LINES, receiver.received());
    }
}
