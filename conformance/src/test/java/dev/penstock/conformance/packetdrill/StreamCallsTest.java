package dev.penstock.conformance.packetdrill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.tcp.TcpError;
import org.junit.jupiter.api.Test;

/** Streams as tcp(7), connect(2), recv(2), send(2) and shutdown(2) of Linux describe them, and where the BSDs differ. */
class StreamCallsTest {
    @Test
    void acceptsReadsWritesAndCloses() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.accepted();
            lab.peerWrites(1000);
            lab.good("read(4, ..., 600) = 600", "read(4, ..., 600) = 400", "write(4, ..., 5000) = 5000");
            lab.pass(50);
            assertEquals(5000, lab.peerReceived);
            lab.peerCloses();
            lab.good("read(4, ..., 10) = 0", "write(4, ..., 10) = 10", "close(4) = 0", "close(3) = 0");
            lab.good("close(4) = -1 EBADF (Bad file descriptor)");
            assertEquals("close(): expected 0, got -1 EBADF", lab.run("close(4) = 0"));
        }
    }

    @Test
    void saysWhatDiffers() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.accepted();
            lab.peerWrites(1000);
            assertEquals("read(): expected 999, got 1000", lab.run("read(4, ..., 2000) = 999"));
            assertEquals(
                    "recv(): expected -1 EPIPE, got -1 EAGAIN", lab.run("recv(4, ..., 10, MSG_DONTWAIT) = -1 EPIPE"));
            assertEquals("it blocks", lab.run("read(4, ..., 10) = 10"));
        }
    }

    @Test
    void blockingReadReturnsWithTheData() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.accepted();
            SystemCalls.Call read = lab.begin("read(4, ..., 100) = 30");
            assertFalse(read.done());
            lab.pass(1000);
            assertFalse(read.done());
            long before = lab.nowNs();
            lab.peerWrites(30);
            assertTrue(read.done());
            assertNull(read.mismatch());
            assertTrue(read.doneNs() >= before && read.doneNs() < lab.nowNs(), "it returns when the data is there");
        }
    }

    @Test
    void blockingWriteReturnsWhenAllIsQueued() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.accepted();
            lab.good("setsockopt(4, SOL_SOCKET, SO_SNDBUF, [20000], 4) = 0");
            lab.good("getsockopt(4, SOL_SOCKET, SO_SNDBUF, [40000], [4]) = 0");
            lab.peerReads = false;
            SystemCalls.Call write = lab.begin("write(4, ..., 400000) = 400000");
            lab.pass(2000);
            assertFalse(write.done());
            lab.peerReads = true;
            lab.peerReads();
            lab.pass(2000);
            assertTrue(write.done());
            assertNull(write.mismatch());
        }
    }

    @Test
    void nonBlockingCallsSayAgain() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.accepted();
            lab.good(
                    "fcntl(4, F_GETFL) = 0x2 (flags O_RDWR)",
                    "fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0",
                    "fcntl(4, F_GETFL) = 0x802 (flags O_RDWR|O_NONBLOCK)",
                    "read(4, ..., 1) = -1 EAGAIN (Resource temporarily unavailable)",
                    "fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0",
                    "accept(3, ..., ...) = -1 EAGAIN (Resource temporarily unavailable)");
            lab.other.transmit().delay(100_000_000);
            lab.good(
                    "setsockopt(4, SOL_SOCKET, SO_SNDBUF, [20000], 4) = 0",
                    "write(4, ..., 400000) = 79640",
                    "write(4, ..., 400000) = -1 EAGAIN (Resource temporarily unavailable)");
        }
    }

    @Test
    void tellsAResetOnce() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.accepted();
            lab.peerWrites(10);
            lab.peerResets();
            lab.good(
                    "read(4, ..., 100) = 10",
                    "read(4, ..., 100) = -1 ECONNRESET (Connection reset by peer)",
                    "read(4, ..., 100) = 0",
                    "write(4, ..., 100) = -1 EPIPE (Broken pipe)",
                    "getsockopt(4, SOL_SOCKET, SO_ERROR, [0], [4]) = 0");
        }
    }

    @Test
    void soErrorTakesTheErrorAway() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.accepted();
            lab.peerResets();
            lab.good(
                    "getsockopt(4, SOL_SOCKET, SO_ERROR, [ECONNRESET], [4]) = 0",
                    "getsockopt(4, SOL_SOCKET, SO_ERROR, [0], [4]) = 0",
                    "read(4, ..., 100) = 0");
        }
    }

    @Test
    void resetInCloseWaitIsForWritersOnly() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.accepted();
            lab.peerCloses();
            lab.peerResets();
            lab.good(
                    "read(4, ..., 100) = 0",
                    "write(4, ..., 100) = -1 EPIPE (Broken pipe)",
                    "getsockopt(4, SOL_SOCKET, SO_ERROR, [0], [4]) = 0");
        }
    }

    @Test
    void closeWithUnreadDataResets() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.accepted();
            lab.peerWrites(10);
            lab.good("close(4) = 0");
            lab.pass(50);
            assertEquals(TcpError.CONNECTION_RESET, lab.peerError);
        }
    }

    @Test
    void lingerOfZeroResets() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.accepted();
            lab.good(
                    "setsockopt(4, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, 8) = 0",
                    "getsockopt(4, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, [8]) = 0",
                    "close(4) = 0");
            lab.pass(50);
            assertEquals(TcpError.CONNECTION_RESET, lab.peerError);
        }
    }

    @Test
    void lingeringCloseWaitsForTheAcknowledgment() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.accepted();
            lab.good("setsockopt(4, SOL_SOCKET, SO_LINGER, {onoff=1, linger=5}, 8) = 0");
            lab.other.transmit().delay(100_000_000);
            SystemCalls.Call close = lab.begin("close(4) = 0");
            lab.pass(50);
            assertFalse(close.done());
            lab.pass(100);
            assertTrue(close.done());
            assertNull(close.mismatch());
            lab.other.transmit().delay(0);
        }
    }

    @Test
    void connects() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.peerListens();
            lab.good("socket(..., SOCK_STREAM, IPPROTO_TCP) = 3");
            SystemCalls.Call connect = lab.begin("connect(3, ..., ...) = 0");
            lab.pass(50);
            assertTrue(connect.done());
            assertNull(connect.mismatch());
            lab.good("connect(3, ..., ...) = -1 EISCONN (Transport endpoint is already connected)");
            lab.peerWrites(5);
            lab.good("read(3, ..., 10) = 5");
        }
    }

    @Test
    void connectsWithoutBlocking() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.peerListens();
            lab.other.transmit().delay(10_000_000);
            lab.good(
                    "socket(..., SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_TCP) = 3",
                    "connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)",
                    "connect(3, ..., ...) = -1 EALREADY (Operation already in progress)",
                    "write(3, ..., 10) = -1 EAGAIN (Resource temporarily unavailable)",
                    "read(3, ..., 10) = -1 EAGAIN (Resource temporarily unavailable)");
            lab.pass(100);
            lab.good(
                    "poll([{fd=3, events=POLLIN|POLLOUT, revents=POLLOUT}], 1, 0) = 1",
                    "getsockopt(3, SOL_SOCKET, SO_ERROR, [0], [4]) = 0",
                    "connect(3, ..., ...) = 0",
                    "connect(3, ..., ...) = -1 EISCONN (Transport endpoint is already connected)");
            lab.other.transmit().delay(0);
        }
    }

    @Test
    void bsdSaysConnectedAtOnce() throws Exception {
        try (CallLab lab = new CallLab(Profile.BSD)) {
            lab.peerListens();
            lab.good("socket(..., SOCK_STREAM, IPPROTO_TCP) = 3", "fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0");
            lab.good("write(3, ..., 10) = -1 ENOTCONN (Socket is not connected)");
            lab.good("connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)");
            lab.pass(100);
            lab.good("connect(3, ..., ...) = -1 EISCONN (Socket is already connected)");
        }
    }

    @Test
    void connectIsRefused() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.good("socket(..., SOCK_STREAM, IPPROTO_TCP) = 3");
            SystemCalls.Call connect = lab.begin("connect(3, ..., ...) = -1 ECONNREFUSED (Connection refused)");
            lab.pass(50);
            assertTrue(connect.done());
            assertNull(connect.mismatch());
        }
    }

    @Test
    void refusalIsTheSocketsError() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.other.transmit().delay(10_000_000);
            lab.good("socket(..., SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_TCP) = 3");
            lab.good("connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)");
            lab.pass(50);
            lab.good(
                    "poll([{fd=3, events=POLLIN|POLLOUT, revents=POLLIN|POLLOUT|POLLERR|POLLHUP}], 1, 0) = 1",
                    "getsockopt(3, SOL_SOCKET, SO_ERROR, [ECONNREFUSED], [4]) = 0",
                    "connect(3, ..., ...) = -1 ECONNABORTED (Software caused connection abort)");
        }
    }

    @Test
    void unconnectedSocketsSaySo() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.good(
                    "socket(..., SOCK_STREAM, IPPROTO_TCP) = 3",
                    "read(3, ..., 10) = -1 ENOTCONN (Transport endpoint is not connected)",
                    "write(3, ..., 10) = -1 EPIPE (Broken pipe)",
                    "shutdown(3, SHUT_WR) = -1 ENOTCONN (Transport endpoint is not connected)",
                    "accept(3, ..., ...) = -1 EINVAL (Invalid argument)",
                    "poll([{fd=3, events=POLLIN|POLLOUT, revents=POLLOUT|POLLHUP}], 1, 0) = 1",
                    "listen(3, 1) = 0",
                    "read(3, ..., 10) = -1 ENOTCONN (Transport endpoint is not connected)",
                    "connect(3, ..., ...) = -1 EISCONN (Transport endpoint is already connected)",
                    "poll([{fd=3, events=POLLIN|POLLOUT, revents=0}], 1, 0) = 0");
        }
    }

    @Test
    void shutdownEndsOneDirection() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.accepted();
            lab.good("shutdown(4, SHUT_WR) = 0", "write(4, ..., 1) = -1 EPIPE (Broken pipe)");
            lab.pass(50);
            lab.peerWrites(100);
            lab.good("read(4, ..., 1000) = 100", "shutdown(4, SHUT_RD) = 0", "read(4, ..., 1000) = 0");
            lab.good("shutdown(4, 7) = -1 EINVAL (Invalid argument)");
            lab.peerWrites(100);
            assertEquals(TcpError.CONNECTION_RESET, lab.peerError, "data for nobody: RFC 1122, 4.2.2.13");
        }
    }

    @Test
    void portsAreTakenOnce() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.good(
                    "socket(..., SOCK_STREAM, IPPROTO_TCP) = 3",
                    "bind(3, ..., ...) = 0",
                    "bind(3, ..., ...) = -1 EINVAL (Invalid argument)",
                    "listen(3, 1) = 0",
                    "socket(..., SOCK_STREAM, IPPROTO_TCP) = 4",
                    "bind(4, ..., ...) = -1 EADDRINUSE (Address already in use)",
                    "close(3) = 0",
                    "bind(4, ..., ...) = 0");
        }
    }

    @Test
    void aCopyThatTheScriptDidNotExpectHarmsNothing() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.accepted();
            assertEquals("dup(): expected -1 EBADF, got a new descriptor", lab.run("dup(4) = -1 EBADF (Bad file)"));
            assertEquals(
                    "dup(): descriptor 3 is in use already; the script has to close it first", lab.run("dup(4) = 3"));
            lab.peerWrites(10);
            lab.good("dup(4) = 9", "close(4) = 0", "read(9, ..., 100) = 10", "close(9) = 0");
        }
    }
}
