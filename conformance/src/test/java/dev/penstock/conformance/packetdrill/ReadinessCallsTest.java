package dev.penstock.conformance.packetdrill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** poll(2) and epoll(7). */
class ReadinessCallsTest {
    private static final String NONE = "epoll_wait(5, {events=EPOLLIN, fd=4}, 1, 0) = 0";
    private static final String IN = "epoll_wait(5, {events=EPOLLIN, fd=4}, 1, 0) = 1";

    @Test
    void pollTellsWhatIsPossible() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.accepted();
            lab.good("poll([{fd=4, events=POLLIN|POLLOUT|POLLRDHUP, revents=POLLOUT}], 1, 0) = 1");
            lab.peerWrites(1);
            lab.good("poll([{fd=4, events=POLLIN|POLLRDHUP, revents=POLLIN}], 1, 0) = 1");
            lab.peerCloses();
            lab.good("poll([{fd=4, events=POLLIN|POLLRDHUP, revents=POLLIN|POLLRDHUP}], 1, 0) = 1");
            lab.good("poll([{fd=9, events=POLLIN, revents=POLLNVAL}, {fd=3, events=POLLIN, revents=0}], 2, 0) = 1");
            assertEquals(
                    "poll(): revents: expected POLLOUT, got POLLIN",
                    lab.run("poll([{fd=4, events=POLLIN, revents=POLLOUT}], 1, 0) = 1"));
        }
    }

    @Test
    void pollWaits() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.accepted();
            SystemCalls.Call data = lab.begin("poll([{fd=4, events=POLLIN, revents=POLLIN}], 1, -1) = 1");
            SystemCalls.Call time = lab.begin("poll([{fd=3, events=POLLIN, revents=0}], 1, 200) = 0");
            assertFalse(data.done() || time.done());
            lab.peerWrites(1);
            assertTrue(data.done() && !time.done());
            assertNull(data.mismatch());
            lab.pass(150);
            assertTrue(time.done());
            assertNull(time.mismatch());
            assertEquals(0, (time.doneNs() - data.doneNs()) / 1_000_000_000L);
        }
    }

    @Test
    void levelTriggeredTellsAgain() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.accepted();
            lab.good("epoll_create(1) = 5", "epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLIN, fd=4}) = 0", NONE);
            lab.peerWrites(10);
            lab.good(IN, IN, "read(4, ..., 100) = 10", NONE);
            lab.good("epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLIN, fd=4}) = -1 EEXIST (File exists)");
            lab.good("epoll_ctl(5, EPOLL_CTL_DEL, 4, NULL) = 0");
            lab.good("epoll_ctl(5, EPOLL_CTL_MOD, 4, {events=EPOLLIN, fd=4}) = -1 ENOENT (No such file or directory)");
        }
    }

    @Test
    void edgeTriggeredTellsOnceForEachArrival() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.accepted();
            lab.good(
                    "epoll_create1(0) = 5", "epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLIN|EPOLLET, fd=4}) = 0", NONE);
            lab.peerWrites(10);
            lab.good(IN, NONE, "read(4, ..., 5) = 5", NONE);
            lab.peerWrites(10);
            lab.good(IN, NONE);
        }
    }

    @Test
    void oneShotIsDisabledOnceItWasTold() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.accepted();
            lab.good("epoll_create(1) = 5", "epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLIN|EPOLLONESHOT, fd=4}) = 0");
            lab.peerWrites(10);
            lab.good(IN, NONE);
            lab.peerWrites(10);
            lab.good(NONE, "epoll_ctl(5, EPOLL_CTL_MOD, 4, {events=EPOLLIN, fd=4}) = 0", IN);
        }
    }

    @Test
    void waitingEpollIsWoken() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.accepted();
            lab.good("epoll_create(1) = 5", "epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLIN, fd=4}) = 0");
            SystemCalls.Call late = lab.begin("epoll_wait(5, {events=EPOLLIN, fd=4}, 1, 20) = 0");
            lab.pass(30);
            assertTrue(late.done());
            assertNull(late.mismatch());
            SystemCalls.Call wait = lab.begin("epoll_wait(5, {events=EPOLLIN|EPOLLRDHUP, fd=4}, 1, -1) = 1");
            lab.peerCloses();
            assertTrue(wait.done());
            assertEquals("epoll_wait(): events: expected POLLIN|POLLRDHUP, got POLLIN", wait.mismatch());
        }
    }
}
