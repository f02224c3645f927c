package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.Script;
import dev.penstock.conformance.packetdrill.script.Step;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Holds the reader of scripts to its promise; for fuzzing. */
public final class ScriptProbe {
    private ScriptProbe() {}

    /**
     * Reads {@code contents} for every profile. It must be a script, be refused for a reason that names a line, or be skipped for a
     * reason; and what was read must be read again as the same when it was printed.
     *
     * @throws IllegalStateException if not
     */
    public static void probe(byte[] contents) {
        for (Profile profile : Profile.values()) {
            probe(contents, profile);
        }
    }

    private static void probe(byte[] contents, Profile profile) {
        try {
            Script script = ScriptParser.parse("fuzzed", contents, profile);
            // Names that a script defines are gone from its tree, but their definitions are not.
            if (script.options().stream().noneMatch(o -> o.name().equals("define"))) {
                again(script, profile);
            }
        } catch (ScriptException e) {
            long lines =
                    new String(contents, StandardCharsets.ISO_8859_1).lines().count();
            if (e.line() < 0 || e.line() > lines + 1) {
                throw new IllegalStateException("line " + e.line() + " of " + lines, e);
            }
            checkReason(e.getMessage());
        } catch (SkipException e) {
            checkReason(e.getMessage());
        }
    }

    private static void checkReason(String reason) {
        if (reason == null || reason.isBlank() || reason.indexOf('\n') >= 0) {
            throw new IllegalStateException("not a reason: " + reason);
        }
    }

    private static void again(Script script, Profile profile) {
        String printed = ScriptPrinter.script(script);
        List<Step> steps;
        try {
            steps = ScriptParser.parse("printed", printed, profile).steps();
        } catch (SkipException e) {
            // Words that stand for something foreign are looked for in the text: printed with brackets they can be
            // others.
            checkReason(e.getMessage());
            return;
        } catch (ScriptException e) {
            throw new IllegalStateException("what was read is not read again when it is printed:\n" + printed, e);
        }
        boolean same = steps.size() == script.steps().size();
        for (int i = 0; same && i < steps.size(); i++) {
            Step a = script.steps().get(i);
            Step b = steps.get(i);
            same = a.time().equals(b.time()) && a.event().equals(b.event());
        }
        if (!same) {
            throw new IllegalStateException("printed, it is read as something else:\n" + printed);
        }
    }
}
