package dev.penstock.conformance.packetdrill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is not the language is refused with its line; what is not supported is named. */
class ScriptErrorsTest {
    private static ScriptException error(String text) {
        return assertThrows(ScriptException.class, () -> ScriptParser.parse("bad", text, Profile.LINUX), text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            value = {
                "0 < S 0:0(0 ack 1                      ! found 'ack', expected ')' after the number of bytes",
                "0 < S 1:5(3)                           ! the sequence numbers 1:5 are not 3 bytes apart",
                "0 < Q 0:0(0)                           ! found 'Q', expected TCP flags of FSRPUEWA",
                "0 < . 0:0(0) win 65536                 ! the window is 65536, expected 0 to 65535",
                "0 < . 0:0(0) ack 4294967296            ! the acknowledgment number is 4294967296, expected 0 to",
                "0 < . 0:0(0) win 1 win 2               ! found 'win', expected ack, win, urg",
                "0 < . 0:0(0) <...>                     ! <...> means any options",
                "0 < [ect01] . 0:0(0)                   ! ect01 means either",
                "0 < . 0:0(0) <mss>                     ! found '>', expected the MSS, a number",
                "0 < . 0:0(0) <mss 1 mss 2>             ! found 'mss', expected ',' or '>' after a TCP option",
                "0 < . 0:0(0) <sack 1:2 3:4 5:6 7:8 9:10 11:12> ! the TCP options take more than the 40 bytes",
                "0 < . 0:0(0) <FO 123>                  ! found '123', expected pairs of hexadecimal digits",
                "0 < icmp                               ! found the end of the file, expected the type of the ICMP",
                "0 < .9 0:0(0)                          ! found '.9', expected '.' and the ACE field, 0 to 7",
                "+0 read(3, ..., 1000)                  ! found the end of the file, expected '=' and the result",
                "+0 read(3, ..., 1000 = 1               ! found '=', expected ',' or ')'",
                "+0 read(3 4) = 0                       ! found '4', expected ',' or ')'",
                "+0 f() = -1 EAGAIN (not                ! the note after the error's name has no ')'",
                "+0 f(1=2) = 0                          ! found '=', expected ',' or ')'",
                "+0 f({1=2}) = 0                        ! found '=', expected the name of a member before it",
                "* f() = 0                              ! a time that may vary (*, a~b): expected a packet going out",
                "1~2 < . 0:0(0)                         ! a time that may vary",
                "2~1 > . 0:0(0)                         ! the range of times is backwards",
                "1...0.5 f() = 0                        ! the call returns before it begins",
                "0 hello                                ! found the end of the file, expected '(' after the system",
                "soon < . 0:0(0)                        ! found 'soon', expected the time of an event",
                "--mtu=1500                             ! the script has no events",
                "0 f(\"                                 ! what begins with \" never ends",
                "0 `ls                                  ! what begins with ` never ends",
                "0 %{ assert                            ! the code block never ends",
                "/* 0 f() = 0                           ! the comment never ends",
                "--define=x                             ! expected --define=NAME=VALUE",
                "99999999999 f() = 0                    ! the time 99999999999 is more than",
                "0 f(99999999999999999999) = 0          ! the number 99999999999999999999 does not fit into 64 bits",
                "0 f('ab') = 0                          ! expected one character in ''"
            })
    void nonsenseIsNamed(String text, String message) {
        ScriptException e = error("\n" + text);
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    @Test
    void theLineIsNamed() {
        assertEquals(3, error("0 f() = 0\n// two\n1 < S 0:0(1)\n").line());
        assertEquals(4, error("0 f(1,\n\n2\n3) = 0\n").line());
        assertEquals(1, error("#ifdef FreeBSD\n0 f() = 0\n").line());
        assertEquals(2, error("0 f() = 0\n#endif\n").line());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 < sctp: INIT[flgs=0]                 | SCTP",
                "0 < udplite(8, 8)                      | UDP-Lite",
                "0 > ipv4 192.0.2.1 > 192.0.2.2: gre: . 1:1(0) | encapsulation in IPv4",
                "0 < gre: . 1:1(0)                      | GRE",
                "0 < mpls (label 1, tc 0, ttl 1): . 1:1(0) | MPLS",
                "0 < . 1:1(0) ack 1/udp(9899 > 9899) | encapsulation in UDP",
                "0 < [sctp(1)] icmp unreachable         | SCTP",
                "0 > S 0:0(0) <TS val 1! ecr 0>         | an absolute timestamp (!) of our own",
                "0 < S 0:0(0) <mss 1,mp_capable 1 2> | the TCP option 'mp_capable'"
            })
    void foreignThingsAreSkippedByName(String text, String what) {
        SkipException e = assertThrows(SkipException.class, () -> ScriptParser.parse("x", "\n" + text, Profile.BSD));
        assertEquals(what + " is not supported", e.getMessage());
        assertEquals(2, e.line());
    }

    @Test
    void nestingLengthAndCountsAreLimited() {
        assertTrue(error("0 f(" + "[".repeat(100_000)).getMessage().contains("levels of nesting"));
        assertTrue(error("0 f(" + "-(".repeat(100_000)).getMessage().contains("levels of nesting"));
        assertTrue(error("0 f(" + "~".repeat(100_000)).getMessage().contains("levels of nesting"));
        assertTrue(error("0 f(" + "a=".repeat(100_000)).getMessage().contains("levels of nesting"));
        assertTrue(error("0 f(" + "1,".repeat(100_000)).getMessage().contains("a list of more than"));
        assertTrue(error("0 f(" + "1|".repeat(100_000)).getMessage().contains("operators in a row"));
        assertTrue(error("0 f() = " + "1|".repeat(100_000)).getMessage().contains("operators in a row"));
        assertTrue(error("0 f() = 0\n".repeat(50_000)).getMessage().contains("more than 20000 events"));
        assertTrue(error("--a\n".repeat(5_000)).getMessage().contains("option lines"));
        assertTrue(error("1".repeat(100_000) + " f() = 0").getMessage().contains("digits"));
        assertTrue(error(" ".repeat(2_000_000)).getMessage().contains("bytes long"));
        assertTrue(error("#ifdef Linux\n".repeat(50)).getMessage().contains("more than 16"));
    }
}
