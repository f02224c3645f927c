package dev.penstock.stack.dhcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.dhcp.Messages.Reply;
import dev.penstock.stack.dhcp.Messages.Sent;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Keeping a lease: RFC 2131, section 4.4.5. */
class Rfc2131RenewalTest {
    private static final long SECOND = ClientLab.SECOND;
    private static final int US = Messages.ip("192.0.2.7");
    private static final int SERVER = Messages.ip("192.0.2.1");

    private static double sinceRequest(ClientLab lab, Sent message) {
        return (message.atNs() - (lab.client.leaseEndNs() - 3600 * SECOND)) / 1e9;
    }

    @Test
    @Requirement("RFC2131:17")
    @Requirement("RFC2131:18")
    void atHalfTimeTheServerAloneIsAskedFromTheAddress() {
        ClientLab lab = ClientLab.bound();
        Sent request = lab.expect(3);
        assertEquals(DhcpState.RENEWING, lab.client.state());
        assertEquals(1800 * 0.975, sinceRequest(lab, request), 1800 * 0.0251);
        assertFalse(request.broadcast());
        assertEquals(US, request.source());
        assertEquals(SERVER, request.server());
        assertEquals(US, request.ciaddr());
        assertEquals(0, request.requested(), "table 4: MUST NOT");
        assertEquals(0, request.serverIdentifier(), "table 4: MUST NOT");
        lab.accept(request.answer(5).lease("192.0.2.7"));
        assertEquals(List.of("renewed 192.0.2.7/24"), lab.told);
        assertEquals(request.atNs() + 3600 * SECOND, lab.client.leaseEndNs());
    }

    @Test
    @Requirement("RFC2131:19")
    @Requirement("RFC2131:20")
    void withoutAnAnswerAllServersAreAskedThenTheLeaseEnds() {
        ClientLab lab = ClientLab.bound();
        long end = lab.client.leaseEndNs();
        Sent last = lab.expect(3);
        double t2 = 3150;
        while (!last.broadcast()) {
            Sent next = lab.expect(3);
            double wait = (next.atNs() - last.atNs()) / 1e9;
            double rest = t2 - sinceRequest(lab, last);
            if (!next.broadcast()) {
                assertEquals(Math.max(60, rest / 2), wait, rest * 0.05 + 1, "half of the remaining time");
            }
            assertNotEquals(last.xid(), next.xid(), "it is known when the lease that is granted begins");
            last = next;
        }
        assertEquals(DhcpState.REBINDING, lab.client.state());
        assertEquals(t2, sinceRequest(lab, last), 1350 * 0.051);
        assertEquals(US, last.source());
        assertEquals(US, last.ciaddr());
        while (lab.sent.isEmpty() || lab.sent.peek().type() == 3) {
            lab.sent.clear();
            lab.advance(SECOND);
        }
        assertEquals(List.of("lost 192.0.2.7/24 EXPIRED"), lab.told);
        assertNull(lab.applied, "the address is not used for a moment longer");
        Sent discover = lab.expect(1);
        assertEquals(end, discover.atNs());
        assertEquals(US, discover.requested());
        assertEquals(1, lab.count(StackCounter.DHCP_LEASES_EXPIRED));
    }

    @Test
    @Requirement("RFC2131:21")
    void anyServerMayProlongTheLeaseOnceItsOwnIsSilent() {
        ClientLab lab = ClientLab.bound();
        Sent request = lab.expect(3);
        byte[] other =
                request.answer(5).lease("192.0.2.7").with(54, 192, 0, 2, 2).build();
        assertEquals(DropReason.DHCP_UNMATCHED, lab.receive(other), "not yet");
        while (!request.broadcast()) {
            request = lab.expect(3);
        }
        lab.accept(request.answer(5).lease("192.0.2.7").with(54, 192, 0, 2, 2));
        Sent renewal = lab.expect(3);
        assertEquals(Messages.ip("192.0.2.2"), renewal.server());
    }

    @Test
    @Requirement("RFC2131:22")
    void aRefusedRenewalEndsTheLeaseAtOnce() {
        ClientLab lab = ClientLab.bound();
        lab.accept(lab.expect(3).answer(6).with(54, 192, 0, 2, 1));
        assertEquals(List.of("lost 192.0.2.7/24 REFUSED"), lab.told);
        assertNull(lab.applied);
        assertEquals(0, lab.expect(1).requested());
    }

    @Test
    @Requirement("RFC2131:23")
    void aLeaseForEverIsNeverRenewed() {
        ClientLab lab = ClientLab.bound(c -> {}, r -> r.with(51, Messages.be32(-1)));
        assertTrue(lab.applied.isInfinite());
        assertFalse(lab.client.isScheduled());
        lab.advance(400L * 86_400 * SECOND);
        assertTrue(lab.sent.isEmpty());
        assertEquals(DhcpState.BOUND, lab.client.state());
    }

    @Test
    @Requirement("RFC2131:24")
    void theServersOwnTimesAreKeptIfTheyMakeSense() {
        ClientLab lab =
                ClientLab.bound(c -> {}, r -> r.with(58, Messages.be32(100)).with(59, Messages.be32(200)));
        assertEquals(100, sinceRequest(lab, lab.expect(3)), 5.1);
        Sent rebinding = lab.expect(3);
        while (!rebinding.broadcast()) {
            rebinding = lab.expect(3);
        }
        assertEquals(200, sinceRequest(lab, rebinding), 5.1);
        ClientLab wrong =
                ClientLab.bound(c -> {}, r -> r.with(58, Messages.be32(5000)).with(59, Messages.be32(4000)));
        assertEquals(1800, wrong.applied.renewSeconds());
        assertEquals(3150, wrong.applied.rebindSeconds());
    }

    @Test
    void leasesOfSecondsAreRenewedInTime() {
        for (int seconds : new int[] {1, 2, 3, 5, 10, 60}) {
            ClientLab lab = ClientLab.bound(c -> {}, r -> r.with(51, Messages.be32(seconds)));
            for (int i = 0; i < 50; i++) {
                Sent request = lab.expect(3);
                assertTrue(request.atNs() < lab.client.leaseEndNs(), "lease of " + seconds);
                lab.accept(request.answer(5).lease("192.0.2.7").with(51, Messages.be32(seconds)));
            }
            assertFalse(lab.told.contains("lost 192.0.2.7/24 EXPIRED"));
        }
    }

    @Test
    void twoMinutesAllowMoreThanTwoAttempts() {
        ClientLab lab = ClientLab.bound(c -> {}, r -> r.with(51, Messages.be32(120)));
        int attempts = 0;
        while (lab.expectAny().type() == 3) {
            attempts++;
        }
        assertTrue(attempts >= 5, attempts + " attempts");
    }

    @Test
    void aRenewalMayChangeEverythingButTheAddress() {
        ClientLab lab = ClientLab.bound(c -> {}, r -> r.with(3, 192, 0, 2, 1));
        Sent request = lab.expect(3);
        byte[] moved = request.answer(5).lease("192.0.2.8").build();
        assertEquals(DropReason.DHCP_BAD_LEASE, lab.receive(moved));
        lab.accept(request.answer(5).lease("192.0.2.7").with(3, 192, 0, 2, 254).with(6, 192, 0, 2, 53));
        assertEquals("192.0.2.254", lab.applied.routers().get(0).toString());
        assertEquals("192.0.2.53", lab.applied.nameServers().get(0).toString());
        Reply wider = lab.expect(3).answer(5).lease("192.0.2.7").with(1, 255, 255, 0, 0);
        lab.accept(wider);
        assertEquals("192.0.2.7/16", lab.applied.address().toString());
        assertEquals(List.of("renewed 192.0.2.7/24", "lost 192.0.2.7/24 REPLACED", "lease 192.0.2.7/16"), lab.told);
    }
}
