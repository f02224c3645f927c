package dev.penstock.conformance.packetdrill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The many names of read and write, their flags, and UDP. */
class TransferCallsTest {
    @Test
    void flagsOfReceivers() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.accepted();
            lab.peerWrites(100);
            lab.good(
                    "recv(4, ..., 60, MSG_PEEK) = 60",
                    "recv(4, ..., 200, MSG_PEEK) = 100",
                    "recv(4, ..., 30, MSG_TRUNC) = 30",
                    "recvfrom(4, ..., 20, 0, ..., ...) = 20",
                    "readv(4, [{..., 10}, {..., 15}], 2) = 25",
                    "recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 100}], msg_flags=0}, 0) = 25",
                    "recv(4, ..., 1, MSG_DONTWAIT) = -1 EAGAIN (Resource temporarily unavailable)");
            SystemCalls.Call all = lab.begin("recv(4, ..., 50, MSG_WAITALL) = 50");
            lab.peerWrites(49);
            assertFalse(all.done());
            lab.peerWrites(2);
            assertTrue(all.done());
            assertNull(all.mismatch());
            lab.good("read(4, ..., 50) = 1");
        }
    }

    @Test
    void waitAllReturnsWhatThereIsAtTheEnd() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.accepted();
            SystemCalls.Call all = lab.begin("recv(4, ..., 50, MSG_WAITALL) = 20");
            lab.peerWrites(20);
            assertFalse(all.done());
            lab.peerCloses();
            assertTrue(all.done());
            assertNull(all.mismatch());
        }
    }

    @Test
    void sendersOfAllNames() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.accepted();
            lab.good(
                    "write(4, ..., 1) = 1",
                    "send(4, ..., 2, MSG_NOSIGNAL) = 2",
                    "sendto(4, ..., 4, 0, ..., ...) = 4",
                    "writev(4, [{..., 8}, {..., 16}], 2) = 24",
                    "sendmsg(4, {msg_name(...)=..., msg_iov(2)=[{..., 32}, {..., 64}], msg_flags=0}, 0) = 96",
                    "send(4, ..., 128, MSG_OOB) = 128");
            lab.pass(300);
            assertEquals(255, lab.peerReceived);
            assertEquals(255, lab.peer.urgentMark());
        }
    }

    @Test
    void moreToComeHoldsTheTail() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.accepted();
            lab.good("send(4, ..., 100, MSG_MORE) = 100");
            lab.pass(100);
            assertEquals(0, lab.peerReceived);
            lab.good("send(4, ..., 50, 0) = 50");
            lab.pass(50);
            assertEquals(150, lab.peerReceived);
            lab.good("send(4, ..., 100, MSG_MORE) = 100");
            lab.pass(250);
            assertEquals(250, lab.peerReceived, "no longer than 200 ms");
        }
    }

    @Test
    void theUrgentByteIsOutOfLine() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.accepted();
            lab.good("recv(4, ..., 1, MSG_OOB) = -1 EINVAL (Invalid argument)");
            lab.peer.markUrgent(lab.peer.sendQueue().tailPosition() + 50, lab.net.nowNs());
            lab.peerWrites(100);
            lab.good(
                    "poll([{fd=4, events=POLLPRI, revents=POLLPRI}], 1, 0) = 1",
                    "ioctl(4, SIOCINQ, [49]) = 0",
                    "ioctl(4, SIOCATMARK, [0]) = 0",
                    "read(4, ..., 1000) = 49",
                    "ioctl(4, SIOCATMARK, [1]) = 0",
                    "recv(4, ..., 1, MSG_OOB) = 1",
                    "recv(4, ..., 1, MSG_OOB) = -1 EINVAL (Invalid argument)",
                    "read(4, ..., 1000) = 50",
                    "ioctl(4, SIOCATMARK, [0]) = 0");
        }
    }

    @Test
    void theUrgentByteStaysInLineIfAsked() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.accepted();
            lab.good("setsockopt(4, SOL_SOCKET, SO_OOBINLINE, [1], 4) = 0");
            lab.peer.markUrgent(lab.peer.sendQueue().tailPosition() + 50, lab.net.nowNs());
            lab.peerWrites(100);
            lab.good("read(4, ..., 1000) = 49", "ioctl(4, SIOCATMARK, [1]) = 0", "read(4, ..., 1000) = 51");
        }
    }

    @Test
    void timeoutsEndCalls() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.accepted();
            lab.good("setsockopt(4, SOL_SOCKET, SO_RCVTIMEO, {tv_sec=0, tv_usec=300000}, 16) = 0");
            SystemCalls.Call read = lab.begin("read(4, ..., 10) = -1 EAGAIN (Resource temporarily unavailable)");
            lab.pass(299);
            assertFalse(read.done());
            lab.pass(2);
            assertTrue(read.done());
            assertNull(read.mismatch());
        }
    }

    @Test
    void datagrams() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.good(
                    "socket(..., SOCK_DGRAM, IPPROTO_UDP) = 3",
                    "bind(3, ..., ...) = 0",
                    "recvfrom(3, ..., 10, MSG_DONTWAIT, ..., ...) = -1 EAGAIN (Resource temporarily unavailable)",
                    "write(3, ..., 10) = -1 EDESTADDRREQ (Destination address required)",
                    "sendto(3, ..., 70000, 0, ..., ...) = -1 EMSGSIZE (Message too long)",
                    "connect(3, ..., ...) = 0",
                    "write(3, ..., 10) = 10");
            lab.pass(50);
            lab.good("getsockopt(3, SOL_SOCKET, SO_ERROR, [ECONNREFUSED], [4]) = 0");
        }
    }
}
