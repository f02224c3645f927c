package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** TCP_CONGESTION: the choice by name. */
class CongestionControlsTest extends TcpFixture {
    @Test
    void eachNameGivesItsOwn() {
        for (String name : CongestionControls.names()) {
            assertEquals(name, CongestionControls.create(name).name());
        }
        assertEquals("cubic", new TcpOptions().congestion);
    }

    @Test
    void anUnknownNameIsRefusedWithTheKnownOnes() {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> CongestionControls.check("vegas"));
        assertTrue(
                e.getMessage().contains("'vegas'") && e.getMessage().contains("cubic, reno, bbr, none"),
                e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> CongestionControls.check(null));
        TcpOptions wrong = new TcpOptions();
        wrong.congestion = "vegas";
        assertThrows(IllegalArgumentException.class, () -> tcp().connect(
                        0, 0, localPort, theirs.hi(), theirs.lo(), remotePort, wrong, app, nowNs));
        assertThrows(IllegalArgumentException.class, () -> tcp().listen(
                        0, 0, localPort, 8, wrong, (l, now) -> l.accept(app)));
        assertEquals(0, tcp.connections());
        assertEquals(0, ip.openPaths);
    }

    @Test
    void aConnectionUsesWhatWasChosen() {
        options.congestion = "none";
        established();
        assertEquals("none", connection.cc.name());
    }

    @Test
    void noneReactsToNothing() {
        CongestionControl none = CongestionControls.create("none");
        CcDriver d = new CcDriver(none, 1000);
        long window = none.cwnd();
        assertTrue(window > 1L << 32);
        d.ack(1000);
        d.congestion(CongestionControl.Cause.LOSS);
        none.onCongestion(CongestionControl.Cause.TIMEOUT, 1000, d.nowNs);
        none.onRestart(1L << 40, 1, d.nowNs);
        none.undo(d.nowNs);
        assertEquals(window, none.cwnd());
        assertEquals(window, none.ssthresh());
        assertEquals(Pacer.UNLIMITED, none.pacingRate(100 * MS));
        assertFalse(none.reducesProportionally());
    }
}
