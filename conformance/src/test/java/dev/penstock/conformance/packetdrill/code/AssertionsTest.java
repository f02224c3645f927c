package dev.penstock.conformance.packetdrill.code;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.conformance.packetdrill.ScriptException;
import dev.penstock.conformance.packetdrill.SkipException;
import dev.penstock.stack.tcp.TcpInfo;
import dev.penstock.stack.tcp.TcpState;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Code blocks: what holds, what does not and how it is told, what is skipped. */
class AssertionsTest {
    private final TcpInfo info = new TcpInfo();

    AssertionsTest() {
        info.state = TcpState.ESTABLISHED;
        info.sendMss = 1000;
        info.cwnd = 10_400;
        info.ssthresh = 7_000;
        info.bytesInFlight = 3_001;
        info.srttNs = 123_456_789;
        info.recovery = TcpInfo.Recovery.RECOVERY;
        info.sack = true;
        info.timestamps = true;
        info.sendWindowScale = 7;
    }

    private String run(String code) throws Exception {
        return new Assertions(false).run(code, 10, InfoNames.linux(info));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "assert tcpi_snd_cwnd == 10",
                "assert tcpi_snd_cwnd == 10, tcpi_snd_cwnd",
                "assert tcpi_snd_ssthresh == 7; assert tcpi_unacked == 4",
                "assert 100 * 1000 < tcpi_rtt <= 123456",
                "assert not (1 < 2 < 2)",
                "assert tcpi_ca_state == TCP_CA_Recovery and tcpi_state == TCP_ESTABLISHED",
                "assert tcpi_options == TCPI_OPT_SACK | TCPI_OPT_TIMESTAMPS | TCPI_OPT_WSCALE",
                "assert (tcpi_options & TCPI_OPT_ECN) == 0",
                "assert 7 // 2 == 3 and -7 // 2 == -4 and -7 % 3 == 2 and 7 / 2 == 3.5",
                "assert 2 ** 10 == 1 << 10 and 2 ** -1 == .5 and -2 ** 2 == -4 and 2 ** 3 ** 2 == 512",
                "assert 0x10 + 0b11 + 0o7 == 26 and 1e3 == 1000 and 5 ^ 1 == 4 and ~0 == -1",
                "assert (1 if tcpi_unacked > 3 else 2) == 1",
                "assert abs(-3) == max(1, 3) == min([3, 4]) == int(3.9) == int('3') == len('abc') == len([1, 2, 3])",
                "assert float(3) / 2 == 1.5 and round(2.5) == 2 and round(7) == 7 and sum([1, 2]) == 3",
                "assert 2 in (1, 2) and 3 not in [1, 2] and 'b' in 'abc' and not 0 and True and None is None",
                "assert 'a%d %s' % (1, 'x') == 'a1 x' and '%05.1f|%-3d|%x' % (2.25, 1, 255) == '002.2|1  |ff'",
                "a = b = 3; a += 1; a *= 2; assert (a, b) == (8, 3)",
                "if tcpi_snd_cwnd > 5: x = 1\nelse: x = 2\nassert x == 1",
                "if 0:\n  assert 0\nelif 1 > 2:\n  assert 0\nelse:\n  if 1:\n    y = 5\n  assert y == 5\nassert y == 5",
                "t = 0\nfor i in range(4):\n  if i == 2: continue\n  t += i\nassert t == 4",
                "n = 0\nwhile True:\n  n += 1\n  if n == 7: break\nassert n == 7",
                "print(tcpi_rtt); print 'cwnd', tcpi_snd_cwnd\nprint\npass",
                "# nothing\n\n   \n",
                "assert (1 ==\n  1)  # over two lines\nassert 1 == \\\n 1",
                "\n    assert 1\n    assert 2\n",
                "assert 1\n       assert 2\n       assert 3",
                "assert 18446744073709551615 == tcpi_pacing_rate == 2**64-1",
                "assert 10L == 10 and 1 or 1 / 0"
            })
    void thisHolds(String code) throws Exception {
        assertNull(run(code), code);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            quoteCharacter = '~',
            value = {
                "assert tcpi_snd_cwnd == 9 ! assert tcpi_snd_cwnd == 9: 10 == 9 does not hold (tcpi_snd_cwnd = 10)",
                "a = 3; assert 1 < a < 3, 'a is %d' % a ! assert 1 < a < 3: 1 < 3 < 3 does not hold (a = 3): a is 3",
                "assert False ! assert False does not hold",
                "assert tcpi_ca_state == TCP_CA_Open ! assert tcpi_ca_state == TCP_CA_Open: 3 == 0 does not hold (tcpi_ca_state = 3)",
                "assert 0, no_such_name ! assert 0 does not hold",
                "assert 1 // 0 ! division by zero",
                "assert 'a' < 1 ! 'a' and 1 have no order",
                "assert [1][2] ! there is no element 2 of 1",
                "x = 2 ** 100000 ! 2 ** 100000 is too large",
                "x = 1 << 100000 ! a shift by 100000, expected 0 to 4096",
                "x = int('abc') ! 'abc' is no number",
                "x = '%d' % 'a' ! 'a' is no integer",
                "for i in range(10 ** 9): pass ! a range of more than 10000 numbers"
            })
    void thisDoesNot(String code, String message) throws Exception {
        assertEquals(message, run(code));
    }

    @Test
    void theLineWithinTheBlockIsNamed() throws Exception {
        assertEquals("division by zero (line 12)", run("x = 1\n\ny = x / 0"));
    }

    @Test
    void variablesLiveOnAndInfoIsOfTheMoment() throws Exception {
        Assertions all = new Assertions(false);
        assertNull(all.run("before = tcpi_snd_cwnd", 1, InfoNames.linux(info)));
        info.cwnd = 20_000;
        assertNull(all.run("assert tcpi_snd_cwnd == 2 * before, before", 2, InfoNames.linux(info)));
        assertEquals(10L, all.variable("before"));
        assertThrows(SkipException.class, () -> all.run("assert tcpi_snd_cwnd", 3, null));
    }

    @Test
    void bsdHasNamesAndUnitsOfItsOwn() throws Exception {
        Assertions bsd = new Assertions(true);
        assertNull(bsd.run("assert tcpi_snd_cwnd == 10400 and tcpi_snd_ssthresh == 7000", 1, InfoNames.bsd(info)));
        assertNull(bsd.run("assert tcpi_state == TCPS_ESTABLISHED == 4", 1, InfoNames.bsd(info)));
        info.ssthresh = -1;
        assertNull(bsd.run("assert tcpi_snd_ssthresh == 1073725440", 1, InfoNames.bsd(info)));
        assertNull(run("assert tcpi_snd_ssthresh == 0x7fffffff"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            quoteCharacter = '~',
            value = {
                "import os ! code with 'import' is not supported",
                "assert tcpi_nonsense ! the TCP_INFO field tcpi_nonsense in code is not supported",
                "assert bbr_bw > 1 ! the name bbr_bw in code is not supported",
                "open('x') ! the function open in code is not supported",
                "x.y = 1 ! code with attributes (a.b) is not supported",
                "x = {} ! code with dictionaries and sets is not supported",
                "x = [i for i in (1, 2)] ! code with arguments by name or comprehensions is not supported",
                "x = lambda: 1 ! found 'lambda', expected a value"
            })
    void morePythonIsSkipped(String code, String reason) {
        Exception e = assertThrows(Exception.class, () -> run(code));
        assertEquals(reason, e.getMessage());
    }

    @Test
    void whatIsNoPythonIsRefusedWithItsLine() {
        assertEquals(
                11,
                assertThrows(ScriptException.class, () -> run("x = 1\nassert =="))
                        .line());
        assertEquals(
                10, assertThrows(ScriptException.class, () -> run("assert (1")).line());
        assertEquals(
                11,
                assertThrows(ScriptException.class, () -> run("if 1:\nassert 1"))
                        .line());
        assertEquals(
                10,
                assertThrows(ScriptException.class, () -> run("assert 'abc")).line());
        assertTrue(assertThrows(ScriptException.class, () -> run("assert " + "(".repeat(5000)))
                .getMessage()
                .contains("levels of nesting"));
        assertTrue(assertThrows(ScriptException.class, () -> run("x = " + "-".repeat(50_000) + "1"))
                .getMessage()
                .contains("levels of nesting"));
        assertTrue(assertThrows(ScriptException.class, () -> run("x=1;".repeat(16_000) + "x = 1;".repeat(2000)))
                .getMessage()
                .contains("more than"));
    }

    @Test
    void aLoopThatRunsAwayEnds() {
        SkipException e = assertThrows(SkipException.class, () -> run("while 1: pass"));
        assertTrue(e.getMessage().contains("steps"), e.getMessage());
    }

    @Property(tries = 500)
    void anythingEndsInAnAnswer(@ForAll byte[] bytes, @ForAll int seed) {
        String code = new String(bytes, StandardCharsets.ISO_8859_1);
        String[] words = {
            "assert", "tcpi_rtt", "==", "(", ")", "if", ":", "\n", "  ", "1", "**", "'", "for", "in", "[", "%"
        };
        java.util.Random random = new java.util.Random(seed);
        StringBuilder mixed = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            mixed.append(words[random.nextInt(words.length)]).append(' ');
        }
        for (String text : new String[] {code, mixed.toString()}) {
            try {
                String result = run(text);
                assertTrue(result == null || !result.isEmpty());
            } catch (SkipException | ScriptException e) {
                assertTrue(!e.getMessage().isEmpty());
            } catch (Exception e) {
                throw new AssertionError(text, e);
            }
        }
    }
}
