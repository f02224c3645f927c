package dev.penstock.conformance.packetdrill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Packets between a script and the wire: numbers mapped, options, segments joined, ICMP, UDP, families, captures. */
class WireTest extends EngineLab {
    private static final String WRITE = "+0 write(4, ..., 5000) = 5000\n";

    @Test
    void consecutiveSegmentsAreJoinedOrNot() {
        passes(ACCEPTED + WRITE + "+0 > P. 1:5001(5000) ack 1\n");
        passes(ACCEPTED + WRITE
                + "+0 > . 1:2001(2000) ack 1\n+0 > . 2001:3001(1000) ack 1\n+0 > P. 3001:5001(2000) ack 1\n");
        failsInLastLine("the length is 2000, not 1500", ACCEPTED + WRITE + "+0 > . 1:1501(1500) ack 1\n");
        failsInLastLine("the flags are ., not P.", ACCEPTED + WRITE + "+0 > P. 1:1001(1000) ack 1\n");
        Settings strict = new Settings(Profile.LINUX, null, false, true, -1, null);
        Outcome o = run(strict, ACCEPTED + WRITE + "+0 > P. 1:5001(5000) ack 1\n");
        assertEquals("0.100 . 1:1001(1000) ack 1 win 1050", o.actual());
    }

    @Test
    void pushCanBeLetGo() {
        Settings relaxed = new Settings(Profile.LINUX, null, true, false, -1, null);
        assertEquals(Outcome.pass(), run(relaxed, ACCEPTED + WRITE + "+0 > . 1:5001(5000) ack 1\n"));
        failsInLastLine("the flags are P., not .", ACCEPTED + WRITE + "+0 > . 1:5001(5000) ack 1\n");
    }

    /** Linux has it since 5.4: a script may have been written before. */
    @Test
    void pushWhereNoWriteEndsMayBeThereOrNot() {
        passes(ACCEPTED + WRITE + "+0 > P. 1:4001(4000) ack 1\n");
        passes(ACCEPTED + WRITE + "+0 > . 1:4001(4000) ack 1\n");
    }

    @Test
    void eachFieldCounts() {
        String ack = ACCEPTED + "+0 < P. 1:101(100) ack 1 win 1000\n+0 > ";
        passes(ack + ". 1:1(0) ack 101 win 1049\n");
        passes(ack + "[noecn] . 1:1(0) ack 101\n");
        failsInLastLine("the acknowledgment is 101, not 100", ack + ". 1:1(0) ack 100\n");
        failsInLastLine("it begins at 1, not at 2", ack + ". 2:2(0) ack 101\n");
        failsInLastLine("the flags are ., not F.", ack + "F. 1:1(0) ack 101\n");
        failsInLastLine("the window is 1049, not 1050", ack + ". 1:1(0) ack 101 win 1050\n");
        failsInLastLine("the ECN field is 0, not 2", ack + "[ect0] . 1:1(0) ack 101\n");
        failsInLastLine("the options are <>, not <nop,nop,eol,eol>", ack + ". 1:1(0) ack 101 <nop,nop>\n");
    }

    @Test
    void timestampsAreLearntAndEchoed() {
        String start =
                """
                0   socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
                +0  bind(3, ..., ...) = 0
                +0  listen(3, 1) = 0
                +0  < S 0:0(0) win 65535 <mss 1000,sackOK,TS val 700 ecr 0,nop,wscale 7>
                +0  > S. 0:0(0) ack 1 <mss 1460,sackOK,TS val 100 ecr 700,nop,wscale 8>
                +.1 < . 1:1(0) ack 1 win 1000 <nop,nop,TS val 800 ecr 100>
                +0  accept(3, ..., ...) = 4
                +0  %{ assert 99000 <= tcpi_rtt <= 101000, tcpi_rtt }%
                +0  write(4, ..., 988) = 988
                """;
        passes(start + "+0 > P. 1:989(988) ack 1 <nop,nop,TS val 42 ecr 800>\n");
        failsInLastLine(
                "the echoed timestamp is 800, not 801",
                start + "+0 > P. 1:989(988) ack 1 <nop,nop,TS val 1 ecr 801>\n");
        String ticks = "--tcp_ts_tick_usecs=1000\n";
        passes(ticks + start + "+0 > P. 1:989(988) ack 1 <nop,nop,TS val 200 ecr 800>\n");
        failsInLastLine(
                "the timestamp is 200, not 250",
                ticks + start + "+0 > P. 1:989(988) ack 1 <nop,nop,TS val 250 ecr 800>\n");
    }

    @Test
    void sackBlocksAreMappedBothWays() {
        passes(
                ACCEPTED
                        + """
                +0  < . 1001:2001(1000) ack 1 win 1000
                +0  > . 1:1(0) ack 1 <nop,nop,sack 1001:2001>
                +0  < . 1:1001(1000) ack 1 win 1000
                +0  > . 1:1(0) ack 2001
                +0  write(4, ..., 5000) = 5000
                +0  > P. 1:5001(5000) ack 2001
                +.1 < . 2001:2001(0) ack 1 win 1000 <sack 1001:4001,nop,nop>
                +0  > . 1:1001(1000) ack 2001
                """);
    }

    @Test
    void theRemoteInitialNumberMayBeAny() {
        passes(
                """
                0   socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
                +0  bind(3, ..., ...) = 0
                +0  listen(3, 1) = 0
                +0  < S 4294967295:4294967295(0) win 65535 <mss 1000>
                +0  > S. 1000:1000(0) ack 0 <...>
                +.1 < . 0:0(0) ack 1001 win 60000
                +0  accept(3, ..., ...) = 4
                +0  write(4, ..., 100) = 100
                +0  > P. 1001:1101(100) ack 0
                """);
    }

    @Test
    void urgentDataGoesBothWays() {
        passes(
                ACCEPTED
                        + """
                +0  send(4, ..., 10, MSG_OOB) = 10
                +0  > PU. 1:11(10) ack 1 urg 10
                +0  < PU. 1:11(10) ack 11 win 1000 urg 10
                +0  > . 11:11(0) ack 11
                """);
    }

    @Test
    void closedPortsAnswerByReset() {
        passes("0 < S 0:0(0) win 65535 <mss 1000>\n+0 > R. 0:0(0) ack 1\n");
        passes("0 < . 5:5(0) ack 77 win 65535\n+0 > R 77:77(0)\n");
    }

    @Test
    void icmpQuotesWhatWasSent() {
        passes(
                ACCEPTED
                        + """
                +0  write(4, ..., 2000) = 2000
                +0  > P. 1:2001(2000) ack 1
                +.01 < icmp unreachable frag_needed mtu 1000 [1:1001(1000)]
                +0  > . 1:961(960) ack 1
                +0  > . 961:1921(960) ack 1
                +0  > P. 1921:2001(80) ack 1
                """);
        // One for what is not in flight is a forgery (RFC 5927).
        failsInLastLine(
                "nothing was sent until 0.114",
                ACCEPTED
                        + """
                        +0  write(4, ..., 1000) = 1000
                        +0  > P. 1:1001(1000) ack 1
                        +.01 < icmp unreachable frag_needed mtu 600 [5001:6001(1000)]
                        +0  > . 1:561(560) ack 1
                        """);
    }

    @Test
    void ipv6AndItsTooBig() {
        passes(
                ("--ip_version=ipv6\n" + ACCEPTED)
                        + """
                +0  write(4, ..., 2000) = 2000
                +0  > P. 1:2001(2000) ack 1
                +.01 < icmpv6 packet_too_big mtu 1280 [1:1001(1000)]
                +.1 < . 1:1(0) ack 2001 win 1000
                """);
        Settings six = new Settings(Profile.LINUX, Settings.Family.IPV6, false, false, -1, null);
        assertEquals(Outcome.pass(), run(six, ACCEPTED + WRITE + "+0 > P. 1:5001(5000) ack 1\n"));
    }

    @Test
    void largePacketsComeInAsOne() {
        passes(
                ACCEPTED
                        + """
                +0  < . 1:20001(20000) ack 1 win 1000
                +0  > . 1:1(0) ack 20001
                +0  read(4, ..., 30000) = 20000
                """);
    }

    @Test
    void anMtuOfTheInterfaceIsAnnounced() {
        passes("--mtu=1000\n" + ACCEPTED.replace("<...>", "<mss 960,nop,nop,sackOK,nop,wscale 8>"));
        passes("`ifconfig tun0 mtu 1000`\n" + ACCEPTED.replace("<...>", "<mss 960,nop,nop,sackOK,nop,wscale 8>"));
    }

    @Test
    void bsdHasItsOwnOrderOfOptions() {
        Settings bsd = Settings.of(Profile.BSD);
        String syn = ACCEPTED.replace("<...>", "<mss 1460,nop,wscale 6,sackOK,eol,eol>");
        assertEquals(Outcome.pass(), run(bsd, syn));
        assertEquals(Outcome.Status.FAIL, linux(syn).status());
    }

    @Test
    void severalConnectionsAreToldApartByWhoListens() {
        passes(
                ACCEPTED
                        + """
                +0  socket(..., SOCK_STREAM, IPPROTO_TCP) = 5
                +0  fcntl(5, F_SETFL, O_RDWR|O_NONBLOCK) = 0
                +0  connect(5, ..., ...) = -1 EINPROGRESS (Operation now in progress)
                +0  > S 0:0(0) <...>
                +.1 < S. 0:0(0) ack 1 win 65535 <mss 1000>
                +0  > . 1:1(0) ack 1
                +0  write(5, ..., 100) = 100
                +0  > P. 1:101(100) ack 1
                """);
    }

    @Test
    void unknownOptionsSkipAndBadOnesFail() {
        assertEquals(Outcome.Status.SKIP, linux("--frobnicate=1\n" + ACCEPTED).status());
        Outcome bad = linux("--mtu=5\n" + ACCEPTED);
        assertEquals(Outcome.Status.FAIL, bad.status());
        assertEquals("--mtu takes a number from 68 to 65535, not 5", bad.message());
        assertEquals(Outcome.Status.FAIL, linux("--local_ip=999.1\n" + ACCEPTED).status());
    }

    @Test
    void addressesAndPortsAreThoseOfTheHead() {
        passes("--local_ip=10.1.0.1\n--remote_ip=198.51.100.9\n--gateway_ip=10.1.0.2\n--netmask_ip=255.255.0.0\n"
                + "--bind_port=99\n"
                + ACCEPTED);
    }

    @Test
    void aCaptureIsWrittenForEachScript(@TempDir Path dir) throws Exception {
        Settings s = new Settings(Profile.LINUX, null, false, false, -1, dir);
        assertEquals(Outcome.pass(), run(s, ACCEPTED + WRITE + "+0 > P. 1:5001(5000) ack 1\n"));
        Path file = dir.resolve("test.pcapng");
        byte[] bytes = Files.readAllBytes(file);
        assertTrue(bytes.length > 800, "" + bytes.length);
        assertEquals(0x0a, bytes[0]);
        Settings six = new Settings(Profile.LINUX, Settings.Family.IPV6, false, false, -1, dir);
        assertEquals(Outcome.pass(), run(six, ACCEPTED));
        assertTrue(Files.exists(dir.resolve("test-ipv6.pcapng")), "and does not take the other family's place");
    }
}
