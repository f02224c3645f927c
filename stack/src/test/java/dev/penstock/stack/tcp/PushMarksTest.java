package dev.penstock.stack.tcp;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** PSH at the end of each write, as Linux has it. */
class PushMarksTest extends TcpFixture {
    @BeforeEach
    void linux() {
        config.habits = TcpHabits.LINUX;
    }

    @Test
    void aCopyCarriesThePushOfItsWrite() {
        established(65_535, mss(1000));
        write(2000);
        write(1000);
        expectData(ACK, 1, 1, 1000);
        expectData(ACK | PSH, 1001, 1, 1000);
        expectData(ACK | PSH, 2001, 1, 1000);
        peer.acks(1001, 65_535);
        advance(1000);
        expectData(ACK | PSH, 1001, 1, 1000);
        peer.acks(3001, 65_535);
    }

    @Test
    void byDefaultOnlyTheEndOfWhatIsQueuedPushes() {
        config.habits = TcpHabits.PENSTOCK;
        established(65_535, mss(1000));
        write(2000);
        write(1000);
        drain();
        peer.acks(1001, 65_535);
        advance(1000);
        expectData(ACK, 1001, 1, 1000);
        peer.acks(3001, 65_535);
    }

    @Test
    void whatIsWrittenWhileMoreWaitsTakesThePushAlong() {
        config.initialWindowSegments = 1;
        established(65_535, mss(1000));
        write(1000);
        expectData(ACK | PSH, 1, 1, 1000);
        write(1500);
        write(500);
        expectNothing();
        peer.acks(1001, 65_535);
        expectData(ACK, 1001, 1, 1000);
        expectData(ACK | PSH, 2001, 1, 1000);
        peer.acks(3001, 65_535);
    }

    @Test
    void aLargeWritePushesAtTheEndOfEachPiece() {
        config.pacing = false;
        config.slowStartSegments = 0;
        established(20_000, mss(1000));
        write(50_000);
        // The window lets 10 segments go, then 20; what was written lies in buffers of 10, half of the window, whose
        // ends push
        // beyond that half. A piece of several segments that the device gets at once pushes at its end in any case.
        for (int i = 0; i < 10; i++) {
            expectData(i == 9 ? ACK | PSH : ACK, 1 + 1000 * i, 1, 1000);
        }
        peer.acks(10_001, 20_000);
        for (int i = 10; i < 30; i++) {
            expectData(i == 19 || i == 29 ? ACK | PSH : ACK, 1 + 1000 * i, 1, 1000);
        }
        peer.acks(30_001, 20_000);
        for (int i = 30; i < 50; i++) {
            expectData(i == 39 || i == 49 ? ACK | PSH : ACK, 1 + 1000 * i, 1, 1000);
        }
        peer.acks(50_001, 20_000);
    }

    @Test
    void thousandsOfWritesAreForgottenAsTheyAreAcknowledged() {
        established(65_535, mss(1000));
        options.noDelay = true;
        connection.options().noDelay = true;
        int seq = 1;
        for (int i = 0; i < 3000; i++) {
            write(10);
            expectData(ACK | PSH, seq, 1, 10);
            seq += 10;
            if (i % 100 == 99) {
                peer.acks(seq, 65_535);
            }
        }
    }
}
