package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.requirement.Requirement;
import org.junit.jupiter.api.Test;

/** RFC 9293, section 3.7.1: what is different over IPv6. */
class Rfc9293V6Test extends TcpFixture {
    Rfc9293V6Test() {
        super("2001:db8::1", "2001:db8:1::7");
    }

    @Test
    @Requirement("RFC9293:MUST-15.2")
    void withoutAnMssOptionSegmentsHave1220Bytes() {
        established(65_535);
        write(2000);
        expectData(ACK, 1, 1, 1220);
        expectData(ACK | PSH, 1221, 1, 780);
        peer.acks(2001, 65_535);
    }

    @Test
    @Requirement("RFC9293:SHLD-5.2")
    void everySynTellsTheMssOfTheInterface() {
        connecting();
        assertEquals(1440, expect(SYN, 0, 0).options.mss);
        peer.sends(SYN, 0, 0, 1000, 0, mss(1440));
        assertEquals(1440, expect(SYN | ACK, 0, 1).options.mss);
    }
}
