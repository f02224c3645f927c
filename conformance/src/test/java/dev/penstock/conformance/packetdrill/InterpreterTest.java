package dev.penstock.conformance.packetdrill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Time, order and blocking calls: what the interpreter itself does, with a real stack beneath. */
class InterpreterTest extends EngineLab {
    @Test
    void aServerFromItsSocketToItsEnd() {
        passes(
                ACCEPTED
                        + """
                +0  write(4, ..., 1000) = 1000
                +0  > P. 1:1001(1000) ack 1
                +.1 < P. 1:101(100) ack 1001 win 1000
                +0  > . 1001:1001(0) ack 101
                +0  read(4, ..., 1000) = 100
                +.1 close(4) = 0
                +0  > F. 1001:1001(0) ack 101
                +.1 < F. 101:101(0) ack 1002 win 1000
                +0  > . 1002:1002(0) ack 102
                """);
    }

    @Test
    void whatIsNotSentIsMissedAtTheEndOfItsTolerance() {
        failsInLastLine("nothing was sent until 0.104", ACCEPTED + "+0 > . 1:1(0) ack 1\n");
    }

    @Test
    void aPacketOfAnotherTimeIsToldWithBoth() {
        failsInLastLine(
                "was sent at 0.100, not at 0.150 (tolerance 0.006250)",
                ACCEPTED + "+0 write(4, ..., 1000) = 1000\n+.05 > P. 1:1001(1000) ack 1\n");
        Outcome late = linux(ACCEPTED + "+0 write(4, ..., 1000) = 1000\n+0 > P. 1:1001(1000) ack 1\n"
                + "+.1 > P. 1:1001(1000) ack 1\n");
        assertEquals("nothing was sent until 0.212500", late.message());
        assertEquals("0.400 P. 1:1001(1000) ack 1 win 1050", late.actual(), "it is told when it did come");
    }

    @ParameterizedTest
    @ValueSource(strings = {"+.3", "+.29", "+.27~+.28", "+.25~+.35", "*", "+.31~+.4"})
    void timesMayBeOffByAnEighthOrBeRanges(String time) {
        String script = ACCEPTED + "+0 write(4, ..., 1000) = 1000\n+0 > P. 1:1001(1000) ack 1\n" + time
                + " > P. 1:1001(1000) ack 1\n";
        passes(script);
    }

    @ParameterizedTest
    @ValueSource(strings = {"+.25", "+.35", "+.2~+.26", "+.35~+.4", "+0"})
    void butNotByMore(String time) {
        String script = ACCEPTED + "+0 write(4, ..., 1000) = 1000\n+0 > P. 1:1001(1000) ack 1\n" + time
                + " > P. 1:1001(1000) ack 1\n";
        assertEquals(Outcome.Status.FAIL, linux(script).status());
    }

    @Test
    void aToleranceThatIsSaidCounts() {
        String rest =
                ACCEPTED + "+0 write(4, ..., 1000) = 1000\n+0 > P. 1:1001(1000) ack 1\n+.2 > P. 1:1001(1000) ack 1\n";
        assertEquals(Outcome.Status.FAIL, linux(rest).status());
        passes("--tolerance_usecs=110000\n" + rest);
        assertEquals(
                Outcome.Status.FAIL, linux("--tolerance_usecs=90000\n" + rest).status());
    }

    @Test
    void timesGoOnFromWhatWasMeantAndForAnyTimeFromWhatWas() {
        passes(
                ACCEPTED
                        + """
                +0  write(4, ..., 1000) = 1000
                +0  > P. 1:1001(1000) ack 1
                *   > P. 1:1001(1000) ack 1
                +.3 > P. 1:1001(1000) ack 1
                """);
    }

    @Test
    void absoluteTimesCountFromTheFirst() {
        passes(
                ACCEPTED.replaceFirst("^0  ", "5  ")
                        + """
                5.2 write(4, ..., 1000) = 1000
                5.2 > P. 1:1001(1000) ack 1
                5.5 > P. 1:1001(1000) ack 1
                """);
        failsInLastLine("time 0.050 is before that of the step before", ACCEPTED + "0.05 close(4) = 0\n");
    }

    @Test
    void anUnexpectedPacketFailsTheStepThatLooksNext() {
        Outcome o = linux(
                ACCEPTED
                        + """
                +0  write(4, ..., 1000) = 1000
                +0  < P. 1:101(100) ack 1 win 1000
                +0  > . 1001:1001(0) ack 101
                """);
        assertEquals(10, o.line());
        assertEquals("the flags are P., not .", o.message());
        assertEquals(". 1001:1001(0) ack 101", o.expected());
        assertEquals("0.100 P. 1:1001(1000) ack 1 win 1050", o.actual());
    }

    @Test
    void whatIsLeftAtTheEndWasLookedForByNobody() {
        passes(ACCEPTED + "+0 write(4, ..., 1000) = 1000\n");
    }

    @Test
    void aBlockingCallGoesOnBesideTheRest() {
        passes(ACCEPTED
                + """
                +0...0.3 read(4, ..., 1000) = 100
                +.1 < . 1:1(0) ack 1 win 900
                +.1 < P. 1:101(100) ack 1 win 1000
                +0  > . 1:1(0) ack 101
                """
                        .replace("+0...0.3", "+0...0.2"));
    }

    @Test
    void aBlockingCallThatReturnsTooEarlyOrNeverFailsInItsOwnLine() {
        Outcome early = linux(ACCEPTED + "+0...0.3 read(4, ..., 1000) = 100\n+.1 < P. 1:101(100) ack 1 win 1000\n");
        assertEquals(8, early.line());
        assertTrue(early.message().startsWith("the call returned at 0.200, not at 0.400"), early.message());
        Outcome never = linux(ACCEPTED + "+0...0.3 read(4, ..., 1000) = 100\n+.1 < . 1:1(0) ack 1 win 1000\n");
        assertEquals(8, never.line());
        assertTrue(never.message().startsWith("the call has not returned until 0.4"), never.message());
    }

    @Test
    void aCallThatBlocksWithoutBeingSaidToFails() {
        Outcome o = linux(ACCEPTED + "+0 read(4, ..., 1000) = 100\n");
        assertEquals(8, o.line());
        assertEquals("the call has not returned until 0.104", o.message());
    }

    @Test
    void aScriptThatNeverComesToAnEndIsGivenUp() throws Exception {
        String text = "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n* > S 0:0(0) <...>\n";
        Outcome o = linux(text);
        assertEquals(2, o.line());
        assertEquals("nothing was sent until 3600.000", o.message());
        Engine hurried = new Engine(ScriptProgram::new, 0);
        String busy = ACCEPTED + "+0 write(4, ..., 1000) = 1000\n" + "+1 < . 1:1(0) ack 1 win 1000\n".repeat(400);
        Outcome gone = hurried.run(ScriptParser.parse("busy", busy, Profile.LINUX), Settings.of(Profile.LINUX));
        assertTrue(gone.message().startsWith("the script ran for more than"), gone.message());
    }

    @Test
    void twoRunsAreTheSame() {
        String text = ACCEPTED + "+0 write(4, ..., 5000) = 5000\n+0 > . 1:1(0) ack 1\n";
        assertEquals(linux(text), linux(text));
    }

    @Test
    void codeBlocksLookAtTheStack() {
        passes(ACCEPTED + "+0 %{ assert tcpi_snd_cwnd == 10 }%\n");
        Outcome o = linux(ACCEPTED + "+0 %{ assert tcpi_snd_cwnd == 11 }%\n");
        assertEquals(Outcome.Status.FAIL, o.status());
        assertEquals(8, o.line());
    }

    @Test
    void anUnknownCommandSkips() {
        Outcome o = linux("`reboot`\n" + ACCEPTED);
        assertEquals(Outcome.Status.SKIP, o.status());
        assertEquals(1, o.line());
    }
}
