package dev.penstock.conformance.packetdrill;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.conformance.packetdrill.script.Script;

/** Runs scripts that a test writes. */
abstract class EngineLab {
    /** A listener that has accepted one connection, descriptor 4; MSS 1000, window scale 7, no timestamps. */
    static final String ACCEPTED =
            """
            0   socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
            +0  bind(3, ..., ...) = 0
            +0  listen(3, 1) = 0
            +0  < S 0:0(0) win 65535 <mss 1000,sackOK,nop,nop,nop,wscale 7>
            +0  > S. 0:0(0) ack 1 <...>
            +.1 < . 1:1(0) ack 1 win 1000
            +0  accept(3, ..., ...) = 4
            """;

    static Outcome run(Settings settings, String text) {
        try {
            Script script = ScriptParser.parse("test.pkt", text, settings.profile());
            return new Engine().run(script, settings);
        } catch (ScriptException e) {
            return Outcome.fail(e.line(), e.getMessage(), null, null);
        } catch (SkipException e) {
            return Outcome.skip(e.line(), e.getMessage());
        }
    }

    static Outcome linux(String text) {
        return run(Settings.of(Profile.LINUX), text);
    }

    static void passes(String text) {
        assertEquals(Outcome.pass(), linux(text));
    }

    /** It fails in the last line, and says so. */
    static void failsInLastLine(String message, String text) {
        Outcome o = linux(text);
        assertEquals(Outcome.Status.FAIL, o.status(), () -> o.toString());
        assertEquals(text.lines().count(), o.line(), () -> o.toString());
        assertEquals(message, o.message(), () -> o.toString());
    }
}
