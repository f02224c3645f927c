package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a sender with Linux's habits does that the RFCs leave open; seen on Linux 6.18 by conformance/packetdrill-kernel. */
class LinuxSendingTest extends TcpFixture {
    @BeforeEach
    void linux() {
        config.habits = TcpHabits.LINUX;
    }

    @Test
    void aSmallerWindowIsBelievedOfANewerSegmentOnly() {
        established();
        peer.sends(ACK, 1, 1, 500, 0);
        assertEquals(65_535, info().sendWindow);
        peer.sends(ACK, 1, 1, 0, 0);
        assertEquals(0, info().sendWindow);
        peer.sends(ACK, 1, 1, 400, 0);
        assertEquals(400, info().sendWindow);
    }

    @Test
    void anotherSegmentThanTheLastMayNotShrinkTheWindowOfOthers() {
        config.habits = TcpHabits.PENSTOCK;
        established();
        peer.sends(ACK, 1, 1, 500, 0);
        assertEquals(500, info().sendWindow);
    }

    @Test
    void recordsEndSegments() {
        established();
        write(100);
        expectData(ACK | PSH, 1, 1, 100);
        // Nagle holds it.
        write(100);
        connection.endRecord();
        expectNothing();
        // It cannot grow any more, so it goes when something follows; what follows waits.
        write(50);
        expectData(ACK | PSH, 101, 1, 100);
        expectNothing();
        peer.sends(ACK, 1, 201, 65_535, 0);
        expectData(ACK | PSH, 201, 1, 50);
    }

    @Test
    void recordsEndCopiesToo() {
        established();
        connection.options().noDelay = true;
        write(100);
        expectData(ACK | PSH, 1, 1, 100);
        connection.endRecord();
        write(70);
        expectData(ACK | PSH, 101, 1, 70);
        advance(1_000);
        expectData(ACK | PSH, 1, 1, 100);
    }
}
