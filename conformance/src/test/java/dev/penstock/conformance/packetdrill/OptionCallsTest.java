package dev.penstock.conformance.packetdrill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;

/** getsockopt(2), setsockopt(2), ioctl(2), socket(7), tcp(7), ip(7). */
class OptionCallsTest {
    @Test
    void optionsAreKept() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.accepted();
            for (String option : new String[] {
                "IPPROTO_TCP, TCP_NODELAY, [1]", "SOL_TCP, TCP_CORK, [1]", "SOL_TCP, TCP_KEEPIDLE, [5]",
                "SOL_TCP, TCP_KEEPINTVL, [6]", "SOL_TCP, TCP_KEEPCNT, [7]", "SOL_TCP, TCP_USER_TIMEOUT, [3000]",
                "SOL_TCP, TCP_NOTSENT_LOWAT, [1234]", "SOL_SOCKET, SO_KEEPALIVE, [1]", "SOL_SOCKET, SO_RCVLOWAT, [9]",
                "SOL_SOCKET, SO_PRIORITY, [3]", "SOL_SOCKET, SO_MARK, [17]", "SOL_SOCKET, SO_OOBINLINE, [1]",
                "SOL_IP, IP_TTL, [33]", "SOL_SOCKET, SO_MAX_PACING_RATE, [12500]", "SOL_TCP, TCP_INQ, [1]"
            }) {
                lab.good("setsockopt(4, " + option + ", 4) = 0", "getsockopt(4, " + option + ", [4]) = 0");
            }
            lab.good("setsockopt(4, SOL_IP, IP_TOS, [0x13], 4) = 0", "getsockopt(4, SOL_IP, IP_TOS, [0x10], [4]) = 0");
            lab.good("setsockopt(4, SOL_TCP, TCP_CONGESTION, \"reno\", 4) = 0");
            lab.good("getsockopt(4, SOL_TCP, TCP_CONGESTION, \"reno\", [16]) = 0");
            assertEquals(
                    "getsockopt(): TCP_KEEPIDLE: expected 4, got 5",
                    lab.run("getsockopt(4, SOL_TCP, TCP_KEEPIDLE, [4], [4]) = 0"));
        }
    }

    @Test
    void valuesOutOfRangeAreInvalid() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.accepted();
            lab.good(
                    "setsockopt(4, SOL_TCP, TCP_KEEPIDLE, [0], 4) = -1 EINVAL (Invalid argument)",
                    "setsockopt(4, SOL_TCP, TCP_KEEPCNT, [128], 4) = -1 EINVAL (Invalid argument)",
                    "setsockopt(4, SOL_TCP, TCP_MAXSEG, [87], 4) = -1 EINVAL (Invalid argument)",
                    "setsockopt(4, SOL_IP, IP_TTL, [256], 4) = -1 EINVAL (Invalid argument)",
                    "setsockopt(4, SOL_SOCKET, SO_ERROR, [1], 4) = -1 ENOPROTOOPT (Protocol not available)",
                    "setsockopt(9, SOL_TCP, TCP_NODELAY, [1], 4) = -1 EBADF (Bad file descriptor)");
        }
    }

    @Test
    void whatIsMissingIsSaid() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.accepted();
            for (String call : new String[] {
                "setsockopt(4, SOL_TCP, TCP_FASTOPEN_CONNECT, [1], 4) = 0",
                "setsockopt(4, SOL_TCP, TCP_CONGESTION, \"bbr\", 3) = 0",
                "setsockopt(4, SOL_SOCKET, SO_TIMESTAMP, [1], 4) = 0",
                "setsockopt(4, SOL_TCP, TCP_UNHEARD_OF, [5], 4) = 0",
                "splice(4, NULL, 3, NULL, 10, 0) = 0",
                "setsockopt(4, SOL_IP, IP_MTU_DISCOVER, [IP_PMTUDISC_DONT], 4) = 0"
            }) {
                SkipException skip = assertThrows(SkipException.class, () -> lab.run(call), call);
                assertTrue(skip.getMessage().length() > 15, skip.getMessage());
            }
        }
    }

    @Test
    void optionsOfAListenerAreInherited() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.good(
                    "socket(..., SOCK_STREAM, IPPROTO_TCP) = 3",
                    "setsockopt(3, SOL_TCP, TCP_NODELAY, [1], 4) = 0",
                    "setsockopt(3, SOL_SOCKET, SO_RCVLOWAT, [7], 4) = 0",
                    "bind(3, ..., ...) = 0",
                    "listen(3, 1) = 0");
            lab.peerConnects();
            lab.good(
                    "accept4(3, ..., ..., SOCK_NONBLOCK) = 4",
                    "getsockopt(4, SOL_TCP, TCP_NODELAY, [1], [4]) = 0",
                    "getsockopt(4, SOL_SOCKET, SO_RCVLOWAT, [7], [4]) = 0",
                    "fcntl(4, F_GETFL) = 0x802 (flags O_RDWR|O_NONBLOCK)");
        }
    }

    @Test
    void queuesAreTold() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.accepted();
            lab.peerWrites(100);
            lab.good("ioctl(4, SIOCINQ, [100]) = 0", "read(4, ..., 60) = 60", "ioctl(4, FIONREAD, [40]) = 0");
            lab.other.transmit().delay(50_000_000);
            lab.good("write(4, ..., 700) = 700", "ioctl(4, SIOCOUTQ, [700]) = 0", "ioctl(4, SIOCOUTQNSD, [0]) = 0");
            lab.good("shutdown(4, SHUT_WR) = 0", "ioctl(4, SIOCOUTQ, [701]) = 0");
            lab.pass(200);
            lab.good("ioctl(4, SIOCOUTQ, [0]) = 0");
            lab.good("ioctl(3, SIOCOUTQ, [0]) = -1 EINVAL (Invalid argument)");
        }
    }

    @Test
    void infoIsToldInLinuxUnits() throws Exception {
        try (CallLab lab = new CallLab(Profile.LINUX)) {
            lab.accepted();
            lab.good(
                    "getsockopt(4, SOL_TCP, TCP_INFO, {tcpi_state=TCP_ESTABLISHED, tcpi_snd_mss=1448, tcpi_snd_cwnd=10,"
                            + " tcpi_snd_ssthresh=2147483647, tcpi_unacked=0, tcpi_rto=...}, [104]) = 0");
            assertEquals(
                    "getsockopt(): tcpi_snd_cwnd: expected 11, got 10",
                    lab.run("getsockopt(4, SOL_TCP, TCP_INFO, {tcpi_snd_cwnd=11}, ...) = 0"));
            assertEquals(BigInteger.TEN, lab.calls.info().get("tcpi_snd_cwnd"));
        }
    }
}
