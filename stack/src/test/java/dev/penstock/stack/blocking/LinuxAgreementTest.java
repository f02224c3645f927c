package dev.penstock.stack.blocking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What {@code conformance/oracle} found: calls that came to something else than with Linux. */
class LinuxAgreementTest {
    private final StackPair pair = new StackPair();

    @AfterEach
    void close() {
        pair.close();
    }

    private TcpSocket[] connected() throws Exception {
        try (TcpListener listener = pair.server.listen(0)) {
            TcpSocket client = pair.client.connect(StackPair.SERVER, listener.getLocalPort());
            return new TcpSocket[] {client, listener.accept()};
        }
    }

    /** What a writer is told, whose first writes may come before the reset. */
    private static String failureOfWriting(TcpSocket socket) {
        return assertThrows(IOException.class, () -> {
                    while (true) {
                        socket.write(new byte[1]);
                    }
                })
                .getMessage();
    }

    @Test
    void aWriterIsToldOfAResetOnceAndOfABrokenPipeAfterThat() throws Exception {
        TcpSocket[] s = connected();
        s[0].abort();
        assertEquals("Connection reset", failureOfWriting(s[1]));
        assertEquals("Broken pipe", failureOfWriting(s[1]));
        s[1].close();
    }

    @Test
    void aWriterWhosePeerHadClosedInOrderGetsABrokenPipe() throws Exception {
        TcpSocket[] s = connected();
        s[0].shutdownOutput();
        assertEquals(-1, s[1].read(new byte[1]));
        s[0].abort();
        assertEquals("Broken pipe", failureOfWriting(s[1]));
        assertEquals(-1, s[1].read(new byte[1]), "the stream was complete");
        s[1].close();
    }

    @Test
    void theBacklogCountsAllThatWaitWhereverTheyDo() throws Exception {
        try (TcpListener listener = pair.server.listen(StackPair.SERVER, 80, 2)) {
            TcpSocket[] waiting = new TcpSocket[2];
            for (int i = 0; i < waiting.length; i++) {
                waiting[i] = pair.client.connect(StackPair.SERVER, 80, 5_000);
                // The server has seen the end of the handshake when it has acknowledged a byte.
                waiting[i].write(new byte[1]);
                while (waiting[i].info().bytesAcked < 1) {
                    Thread.onSpinWait();
                }
            }
            assertThrows(SocketTimeoutException.class, () -> pair.client.connect(StackPair.SERVER, 80, 200));
            listener.accept().close();
            pair.client.connect(StackPair.SERVER, 80, 5_000).close();
            for (TcpSocket socket : waiting) {
                socket.close();
            }
        }
    }
}
