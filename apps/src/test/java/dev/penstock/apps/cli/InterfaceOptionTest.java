package dev.penstock.apps.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What {@code --interface} and {@code --vlan} understand. */
class InterfaceOptionTest {

    @Test
    void anInterfaceHasANameAndWhatFollowsIt() {
        InterfaceOption o = InterfaceOption.ofInterface(
                "pen1,addr=192.0.2.2/24,addr=2001:db8::2/64,gateway=192.0.2.1,metric=10,host-addr=192.0.2.1/24");
        assertEquals("pen1", o.name);
        assertEquals("[192.0.2.2/24, 2001:db8::2/64]", o.addresses.toString());
        assertEquals("[192.0.2.1]", o.gateways.toString());
        assertEquals("[192.0.2.1/24]", o.hostAddresses.toString());
        assertEquals(10, o.metric);
        assertNull(o.parent);
    }

    @Test
    void aVlanIsOnTheFirstInterfaceUnlessItSaysOtherwise() {
        InterfaceOption plain = InterfaceOption.ofVlan("100,addr=192.0.2.2/24");
        assertEquals("eth0.100", plain.name);
        assertEquals("eth0", plain.parent);
        assertEquals(100, plain.vlanId);
        InterfaceOption nested = InterfaceOption.ofVlan("pen1.200.7,addr=192.0.2.2/24");
        assertEquals("pen1.200", nested.parent);
        assertEquals(7, nested.vlanId);
        assertTrue(InterfaceOption.ofVlan("pen1.200,service").service);
    }

    @Test
    void mistakesAreNamedWithWhatWouldBeRight() {
        String said = assertThrows(IllegalArgumentException.class, () -> InterfaceOption.ofVlan("100,adr=192.0.2.2/24"))
                .getMessage();
        assertEquals("'adr=192.0.2.2/24' is none of: addr=CIDR, gateway=IP, metric=N, service", said);
        CliException far = assertThrows(
                CliException.class, () -> InterfaceOption.ofInterface("pen1,addr=192.0.2.2/24,gateway=198.51.100.1")
                        .check("--interface"));
        assertTrue(far.getMessage().contains("198.51.100.1 is in no network of --interface pen1"), far.getMessage());
    }
}
