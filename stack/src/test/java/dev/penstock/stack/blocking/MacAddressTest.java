package dev.penstock.stack.blocking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link StackBuilder#mac}. */
@Timeout(30)
final class MacAddressTest {
    /** Each has the address it was given instead of its device's: the other one learns it, and sends to it. */
    @Test
    void theStackHasTheAddressThatItWasGiven() throws Exception {
        String[] next = {"02:00:00:00:0a:01", "02:00:00:00:0a:02"};
        int[] i = {0};
        try (StackPair pair = new StackPair(b -> b.mac(next[i[0]++]));
                UdpSocket a = pair.client.udpSocket();
                UdpSocket b = pair.server.udpSocket(5000)) {
            assertEquals(0x02_00_00_00_0a_01L, pair.client.macAddress());
            assertEquals(0x02_00_00_00_0a_02L, pair.server.macAddress());
            assertNotEquals(pair.client.macAddress(), pair.wire.a().macAddress());
            b.setSoTimeout(10_000);
            a.send(new byte[3], 0, 3, Endpoint.of(StackPair.SERVER, 5000));
            assertEquals(3, b.receive(new byte[10]).length());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"01:00:5e:00:00:01", "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00", "02:00:00:00:00", "x"})
    void refusesWhatNoStationHas(String address) {
        assertThrows(
                IllegalArgumentException.class, () -> PenstockStack.builder().mac(address));
    }
}
