package dev.penstock.stack.dhcp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Getting a lease: RFC 2131, sections 3.1, 3.2 and 4.4.1 to 4.4.4. */
class Rfc2131Test {
    private static final long SECOND = ClientLab.SECOND;
    private static final int US = Messages.ip("192.0.2.7");
    private static final int SERVER = Messages.ip("192.0.2.1");

    @Test
    @Requirement("RFC2131:1")
    @Requirement("RFC2131:2")
    @Requirement("RFC2131:5")
    void discoverOfferRequestAckAndTheLeaseIsInUse() {
        ClientLab lab = ClientLab.started();
        Sent discover = lab.expect(1);
        assertTrue(discover.broadcast());
        assertEquals(0, discover.source());
        assertEquals(0, discover.ciaddr());
        assertEquals(ClientLab.MAC, discover.chaddr());
        assertEquals(0, discover.serverIdentifier());
        assertArrayEquals(
                Messages.bytes(1, 2, 0, 0, 0, 0, 7), discover.options().get(61));
        assertTrue(discover.bytes().length >= 300, "as BOOTP relays want it");
        lab.accept(discover.answer(2).lease("192.0.2.7"));
        Sent request = lab.expect(3);
        assertTrue(request.broadcast());
        assertEquals(0, request.ciaddr());
        assertEquals(US, request.requested());
        assertEquals(SERVER, request.serverIdentifier());
        assertEquals(discover.xid(), request.xid());
        assertEquals(discover.secs(), request.secs());
        assertArrayEquals(discover.options().get(55), request.options().get(55));
        assertNull(lab.applied);
        lab.accept(request.answer(5).lease("192.0.2.7"));
        assertEquals(DhcpState.BOUND, lab.client.state());
        assertEquals("192.0.2.7/24", lab.applied.address().toString());
        assertTrue(lab.probed, "ARP was asked");
        assertEquals(List.of("lease 192.0.2.7/24"), lab.told);
        assertEquals(request.atNs() + 3600 * SECOND, lab.client.leaseEndNs());
    }

    @Test
    @Requirement("RFC2131:3")
    @Requirement("RFC2131:4")
    void unansweredDiscoversAreRepeatedEverSlowerAndForEver() {
        ClientLab lab = ClientLab.started();
        List<Sent> all = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            all.add(lab.expect(1));
        }
        long[] waits = {4, 8, 16, 32, 64, 64, 64, 64};
        boolean random = false;
        for (int i = 0; i < waits.length; i++) {
            double wait = (all.get(i + 1).atNs() - all.get(i).atNs()) / 1e9;
            assertEquals((double) waits[i], wait, 1.0, "wait " + i);
            random |= Math.abs(wait - waits[i]) > 0.05;
            assertEquals(all.get(0).xid(), all.get(i).xid());
            long since = (all.get(i).atNs() - 1000 * SECOND) / SECOND;
            assertTrue(Math.abs(since - all.get(i).secs()) <= 1, "secs of message " + i);
        }
        assertTrue(random, "the waits are randomised");
        assertFalse(all.get(0).asksForBroadcast());
        assertTrue(all.get(2).asksForBroadcast(), "should unicast not come through");
    }

    @Test
    @Requirement("RFC2131:6")
    void aRequestThatNobodyAnswersIsRepeatedThenAllBeginsAnew() {
        ClientLab lab = ClientLab.started();
        Sent discover = lab.expect(1);
        lab.accept(discover.answer(2).lease("192.0.2.7"));
        for (int i = 0; i < 4; i++) {
            assertEquals(SERVER, lab.expect(3).serverIdentifier());
        }
        Sent again = lab.expect(1);
        assertEquals(60, (again.atNs() - discover.atNs()) / 1e9, 4);
        assertNotEquals(discover.xid(), again.xid());
    }

    @Test
    @Requirement("RFC2131:7")
    void messagesOfOthersAreNotTaken() {
        ClientLab lab = ClientLab.started();
        Sent discover = lab.expect(1);
        Reply otherTransaction = discover.answer(2).lease("192.0.2.7");
        otherTransaction.xid++;
        assertEquals(DropReason.DHCP_UNMATCHED, lab.receive(otherTransaction.build()));
        Reply otherStation = discover.answer(2).lease("192.0.2.7");
        otherStation.chaddr++;
        assertEquals(DropReason.DHCP_UNMATCHED, lab.receive(otherStation.build()));
        Reply otherClient = discover.answer(2).lease("192.0.2.7").with(61, 1, 2, 3);
        assertEquals(DropReason.DHCP_UNMATCHED, lab.receive(otherClient.build()), "RFC 6842");
        Reply request = discover.answer(2).lease("192.0.2.7");
        request.op = 1;
        assertEquals(DropReason.DHCP_BAD_HEADER, lab.receive(request.build()));
        Reply tooEarly = discover.answer(5).lease("192.0.2.7");
        assertEquals(DropReason.DHCP_UNEXPECTED, lab.receive(tooEarly.build()));
        lab.accept(discover.answer(2).lease("192.0.2.7").with(61, 1, 2, 0, 0, 0, 0, 7));
        Sent sent = lab.expect(3);
        Reply otherServer = sent.answer(5).lease("192.0.2.7").with(54, 192, 0, 2, 99);
        assertEquals(DropReason.DHCP_UNMATCHED, lab.receive(otherServer.build()));
        Reply otherAddress = sent.answer(5).lease("192.0.2.8");
        assertEquals(DropReason.DHCP_BAD_LEASE, lab.receive(otherAddress.build()));
        assertEquals(DhcpState.REQUESTING, lab.client.state());
    }

    @Test
    @Requirement("RFC2131:8")
    void ofSeveralOffersTheOneThatWasHadBeforeIsTakenElseTheLongest() {
        ClientLab lab = ClientLab.started(c -> c.offerWaitNs = 2 * SECOND);
        Sent discover = lab.expect(1);
        lab.accept(discover.answer(2).lease("192.0.2.7"));
        lab.accept(discover.answer(2).lease("192.0.2.8").with(54, 192, 0, 2, 2).with(51, Messages.be32(7200)));
        lab.accept(discover.answer(2).lease("192.0.2.9").with(54, 192, 0, 2, 3));
        Sent request = lab.expect(3);
        assertEquals(discover.atNs() + 2 * SECOND, request.atNs());
        assertEquals(Messages.ip("192.0.2.8"), request.requested());
    }

    @Test
    void offersBeyondEightAreNotKept() {
        ClientLab lab = ClientLab.started(c -> c.offerWaitNs = 2 * SECOND);
        Sent discover = lab.expect(1);
        for (int i = 0; i < 8; i++) {
            lab.accept(discover.answer(2).lease("192.0.2." + (7 + i)));
        }
        byte[] ninth = discover.answer(2).lease("192.0.2.99").build();
        assertEquals(DropReason.DHCP_OFFER_LIMIT, lab.receive(ninth));
    }

    @Test
    @Requirement("RFC2131:9")
    void aRefusalRestartsAtOnceThenEverSlower() {
        ClientLab lab = ClientLab.started();
        long last = 0;
        double[] waits = {0, 1, 2, 4, 8, 16, 32, 64, 64};
        for (int i = 0; i < waits.length; i++) {
            Sent discover = lab.expect(1);
            if (i > 0) {
                assertEquals(waits[i - 1], (discover.atNs() - last) / 1e9, 1e-9, "refusal " + i);
            }
            lab.accept(discover.answer(2).lease("192.0.2.7"));
            Sent request = lab.expect(3);
            lab.accept(request.answer(6).with(54, 192, 0, 2, 1));
            last = lab.now;
        }
        assertEquals(waits.length, lab.count(StackCounter.DHCP_NAKS_IN));
    }

    @Test
    @Requirement("RFC2131:10")
    void anAddressThatAnotherHasIsDeclinedAndTenSecondsPass() {
        ClientLab lab = ClientLab.started();
        lab.free = false;
        lab.accept(lab.expect(1).answer(2).lease("192.0.2.7"));
        lab.accept(lab.expect(3).answer(5).lease("192.0.2.7"));
        Sent decline = lab.expect(4);
        assertTrue(decline.broadcast());
        assertEquals(US, decline.requested());
        assertEquals(SERVER, decline.serverIdentifier());
        assertEquals(0, decline.ciaddr());
        assertArrayEquals(Messages.bytes(1, 2, 0, 0, 0, 0, 7), decline.options().get(61));
        assertFalse(decline.options().containsKey(55), "table 5: MUST NOT");
        assertNull(lab.applied);
        Sent discover = lab.expect(1);
        assertEquals(10.0, (discover.atNs() - decline.atNs()) / 1e9, 1e-9);
        assertEquals(0, discover.requested(), "not the one that another has");
    }

    @Test
    void afterTenConflictsAMinutePasses() {
        ClientLab lab = ClientLab.started();
        lab.free = false;
        for (int i = 1; i <= 11; i++) {
            lab.accept(lab.expect(1).answer(2).lease("192.0.2.7"));
            lab.accept(lab.expect(3).answer(5).lease("192.0.2.7"));
            Sent decline = lab.expect(4);
            assertEquals(DhcpState.WAITING, lab.client.state());
            long wait = lab.client.atNs() - decline.atNs();
            assertEquals(i < 10 ? 10 : 60, wait / SECOND, "conflict " + i);
        }
    }

    @Test
    @Requirement("RFC2131:11")
    void aConflictLaterEndsTheLease() {
        ClientLab lab = ClientLab.bound();
        lab.advance(100 * SECOND);
        lab.client.onConflict(lab.now);
        assertEquals(US, lab.expect(4).requested());
        assertEquals(List.of("lost 192.0.2.7/24 CONFLICT"), lab.told);
        assertNull(lab.applied);
    }

    @Test
    @Requirement("RFC2131:12")
    @Requirement("RFC2131:13")
    void afterARestartTheOldAddressIsConfirmedInTwoMessages() {
        DhcpLease before = ClientLab.bound().applied;
        ClientLab lab = ClientLab.started(c -> c.previousLease = DhcpLease.parse(before.toText()));
        Sent request = lab.expect(3);
        assertEquals(US, request.requested());
        assertEquals(0, request.ciaddr());
        assertEquals(0, request.serverIdentifier());
        assertTrue(request.broadcast());
        lab.accept(request.answer(5).lease("192.0.2.7"));
        assertEquals(DhcpState.BOUND, lab.client.state());
    }

    @Test
    @Requirement("RFC2131:14")
    void anOldAddressThatIsRefusedOrUnconfirmedIsGivenUp() {
        DhcpLease before = ClientLab.bound().applied;
        ClientLab refused = ClientLab.started(c -> c.previousLease = before);
        refused.accept(refused.expect(3).answer(6).with(54, 192, 0, 2, 1));
        assertEquals(0, refused.expect(1).requested());
        ClientLab silent = ClientLab.started(c -> c.previousLease = before);
        silent.expect(3);
        silent.expect(3);
        assertEquals(US, silent.expect(1).requested(), "still preferred");
        assertNull(silent.applied);
    }

    @Test
    @Requirement("RFC2131:15")
    void whenTheLinkComesBackTheLeaseIsConfirmedAndUsedMeanwhile() {
        ClientLab lab = ClientLab.bound();
        lab.up = false;
        lab.client.onLinkDown(lab.now);
        lab.advance(30 * SECOND);
        assertEquals(DhcpState.LINK_DOWN, lab.client.state());
        lab.up = true;
        lab.client.onLinkUp(lab.now);
        Sent request = lab.expect(3);
        assertEquals(US, request.requested());
        assertEquals(0, request.ciaddr());
        assertEquals("192.0.2.7/24", lab.applied.address().toString());
        lab.accept(request.answer(5).lease("192.0.2.7"));
        assertEquals(List.of("renewed 192.0.2.7/24"), lab.told);
        assertEquals(request.atNs() + 3600 * SECOND, lab.client.leaseEndNs());
    }

    @Test
    void withoutAnAnswerTheLeaseIsUsedForAsLongAsItLasts() {
        ClientLab lab = ClientLab.bound();
        long end = lab.client.leaseEndNs();
        lab.client.onLinkDown(lab.now);
        lab.advance(SECOND);
        lab.client.onLinkUp(lab.now);
        lab.expect(3);
        lab.expect(3);
        lab.advance(20 * SECOND);
        assertEquals(DhcpState.BOUND, lab.client.state());
        assertEquals(end, lab.client.leaseEndNs());
    }

    @Test
    void onAnotherNetworkTheLeaseIsRefusedAndAnotherOneGot() {
        ClientLab lab = ClientLab.bound();
        lab.client.onLinkDown(lab.now);
        lab.client.onLinkUp(lab.now);
        lab.accept(lab.expect(3).answer(6).with(54, 198, 51, 100, 1));
        assertEquals(List.of("lost 192.0.2.7/24 REFUSED"), lab.told);
        assertNull(lab.applied);
        lab.accept(lab.expect(1).answer(2).lease("198.51.100.9"));
        lab.accept(lab.expect(3).answer(5).lease("198.51.100.9"));
        assertEquals("198.51.100.9/24", lab.applied.address().toString());
    }

    @Test
    void aLeaseRunsOutWhileTheLinkIsDown() {
        ClientLab lab = ClientLab.bound();
        lab.client.onLinkDown(lab.now);
        lab.advance(3601 * SECOND);
        assertEquals(List.of("lost 192.0.2.7/24 EXPIRED"), lab.told);
        assertEquals(DhcpState.LINK_DOWN, lab.client.state());
        lab.client.onLinkUp(lab.now);
        assertEquals(US, lab.expect(1).requested());
    }

    @Test
    @Requirement("RFC2131:16")
    void aReleaseGoesToTheServerAloneFromTheAddressItself() {
        ClientLab lab = ClientLab.bound();
        lab.wayKnown = false;
        assertFalse(lab.client.release(lab.now), "the server's MAC address must be found first");
        lab.wayKnown = true;
        assertTrue(lab.client.release(lab.now));
        Sent release = lab.expect(7);
        assertFalse(release.broadcast());
        assertEquals(US, release.source());
        assertEquals(SERVER, release.server());
        assertEquals(US, release.ciaddr());
        assertEquals(SERVER, release.serverIdentifier());
        assertEquals(0, release.requested(), "table 5: MUST NOT");
        lab.client.stop(lab.now);
        assertEquals(List.of("lost 192.0.2.7/24 RELEASED"), lab.told);
        assertEquals(DhcpState.STOPPED, lab.client.state());
        assertFalse(lab.client.isScheduled());
        ClientLab keeps = ClientLab.bound(c -> c.releaseOnClose = false, r -> {});
        assertTrue(keeps.client.release(keeps.now));
        assertTrue(keeps.sent.isEmpty());
    }

    @Test
    void rapidCommitTakesTwoMessagesIfTheServerDoesItToo() {
        ClientLab lab = ClientLab.started(c -> c.rapidCommit = true);
        Sent discover = lab.expect(1);
        assertEquals(0, discover.options().get(80).length);
        byte[] plain = discover.answer(5).lease("192.0.2.7").build();
        assertEquals(DropReason.DHCP_UNEXPECTED, lab.receive(plain), "RFC 4039: MUST have the option");
        lab.accept(discover.answer(5).lease("192.0.2.7").with(80));
        assertEquals(DhcpState.BOUND, lab.client.state());
        ClientLab four = ClientLab.started();
        assertFalse(four.expect(1).options().containsKey(80));
    }

    @Test
    void whereTheServerPrefersIpv6AloneIpv4IsDoneWithout() {
        ClientLab lab = ClientLab.started(c -> c.ipv6OnlyPreferred = true);
        Sent discover = lab.expect(1);
        lab.accept(discover.answer(2).lease("0.0.0.0").with(108, Messages.be32(600)));
        assertEquals(DhcpState.WAITING, lab.client.state());
        Sent next = lab.expect(1);
        assertEquals(600.0, (next.atNs() - discover.atNs()) / 1e9, 1e-9);
        lab.accept(next.answer(2).lease("0.0.0.0").with(108, Messages.be32(1)));
        assertEquals(300.0, (lab.expect(1).atNs() - next.atNs()) / 1e9, 1e-9, "RFC 8925: MIN_V6ONLY_WAIT");
        ClientLab plain = ClientLab.started();
        Sent asked = plain.expect(1);
        byte[] list = asked.options().get(55);
        assertFalse(new String(list, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf(108) >= 0);
        plain.accept(asked.answer(2).lease("192.0.2.7").with(108, Messages.be32(600)));
        plain.expect(3);
    }
}
