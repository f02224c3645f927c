package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Buffers smaller than a segment, or a few of them: no delayed acknowledgment may halt the sender. */
class SmallBufferTest {
    private static final long RTT_MS = 100;

    private static double rate(int buffer, boolean timestamps, boolean noDelay) {
        TcpConfig config = new TcpConfig();
        config.defaults.sendBuffer = buffer;
        config.defaults.receiveBuffer = buffer;
        config.timestamps = timestamps;
        config.defaults.noDelay = noDelay;
        TcpPair net = new TcpPair(1, config, config);
        net.delayNs = RTT_MS / 2 * TcpPair.MS;
        TransferApp client = new TransferApp(1L << 30, 0, 1);
        TransferApp server = new TransferApp(0, 1L << 30, 2);
        net.b.tcp.listen(0, 0, 80, 8, config.defaults, (l, now) -> l.accept(server));
        net.a.tcp.connect(0, 0, 0, net.b.address.hi(), net.b.address.lo(), 80, config.defaults, client, net.nowNs);
        net.runExactly(1_000 * TcpPair.MS);
        long before = server.received;
        net.runExactly(20_000 * TcpPair.MS);
        return (server.received - before) / 20.0;
    }

    @ParameterizedTest
    @CsvSource({"128", "256", "512", "1024", "2048", "4096"})
    void aBufferIsCarriedInEachRoundTrip(int buffer) {
        double ideal = buffer * 1000.0 / RTT_MS;
        for (int i = 0; i < 4; i++) {
            boolean timestamps = (i & 1) != 0;
            boolean noDelay = (i & 2) != 0;
            double rate = rate(buffer, timestamps, noDelay);
            assertTrue(
                    rate >= 0.98 * ideal,
                    () -> rate + " of " + ideal + " bytes/s, timestamps " + timestamps + ", no delay " + noDelay);
        }
    }
}
