package dev.penstock.stack.tcp;

import dev.penstock.requirement.Requirement;
import org.junit.jupiter.api.Test;

/** RFC 8200, section 8.3: segments over IPv6. */
class Rfc8200SegmentSizeTest extends TcpFixture {
    Rfc8200SegmentSizeTest() {
        super("2001:db8::1", "2001:db8:1::7");
    }

    @Requirement("RFC8200:8.3-1")
    @Test
    void segmentsLeaveRoomFor40BytesOfHeader() {
        // 1500 - 40 - 20, whatever the peer would take.
        established(65_535, mss(9000));
        write(3000);
        expectData(ACK, 1, 1, 1440);
        expectData(ACK, 1441, 1, 1440);
        expectData(ACK | PSH, 2881, 1, 120);
        peer.acks(3001, 65_535);
    }
}
