package dev.penstock.conformance.packetdrill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.conformance.packetdrill.script.Script;
import dev.penstock.conformance.packetdrill.script.Step;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What is printed is read again as the same tree, and nothing that is read ends in anything but an answer. */
class ScriptRoundTripTest {
    @Property(tries = 1_000)
    void whatIsPrintedIsReadAgain(@ForAll long seed) throws Exception {
        Script tree = new ScriptTrees(new Random(seed)).script();
        String text = ScriptPrinter.script(tree);
        Script read = ScriptParser.parse("random", text, Profile.LINUX);
        assertEquals(tree.options().size(), read.options().size(), text);
        for (int i = 0; i < tree.options().size(); i++) {
            assertEquals(tree.options().get(i).name(), read.options().get(i).name());
            assertEquals(tree.options().get(i).value(), read.options().get(i).value());
        }
        assertEquals(tree.steps().size(), read.steps().size(), text);
        for (int i = 0; i < tree.steps().size(); i++) {
            Step wanted = tree.steps().get(i);
            Step found = read.steps().get(i);
            assertEquals(wanted.time(), found.time(), text);
            assertEquals(wanted.event(), found.event(), text);
        }
    }

    @Property(tries = 1_000)
    void damagedScriptsEndInAnAnswer(@ForAll long seed) {
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder(ScriptPrinter.script(new ScriptTrees(random).script()));
        for (int i = random.nextInt(4); i >= 0; i--) {
            damage(text, random);
        }
        assertAnswers(text.toString());
    }

    @Property(tries = 300)
    void anyBytesEndInAnAnswer(@ForAll byte[] bytes) {
        assertAnswers(new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1));
    }

    private static void assertAnswers(String text) {
        try {
            assertTrue(ScriptParser.parse("bad", text, Profile.BSD).steps().size() > 0);
        } catch (ScriptException e) {
            assertTrue(e.line() >= 0 && e.line() <= text.lines().count() + 1, () -> e.line() + " of\n" + text);
            assertTrue(!e.getMessage().isEmpty() && e.getMessage().indexOf('\n') < 0, e.getMessage());
        } catch (SkipException e) {
            assertTrue(e.getMessage().contains("not supported"), e.getMessage());
        }
    }

    private static void damage(StringBuilder text, Random random) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(4)) {
            case 0 -> text.deleteCharAt(at);
            case 1 -> text.insert(at, "<>(){}[]\"'`%:.,+-*~=|#/\\0x".charAt(random.nextInt(26)));
            case 2 -> text.setCharAt(at, (char) random.nextInt(256));
            default -> text.insert(at, text.substring(at, Math.min(text.length(), at + random.nextInt(20))));
        }
        if (text.length() == 0) {
            text.append(' ');
        }
    }
}
