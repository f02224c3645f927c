package dev.penstock.conformance.oracle;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Calls in their order, each made when the one before has had its effect.
 *
 * @param name for people, and for choosing it
 */
record Scenario(String name, List<Action> actions) {
    private static final int MOST_ACTIONS = 9;
    private static final int MOST_BYTES = 3_000;

    /** The network is cut in it: it needs one of its own kind. */
    boolean isCut() {
        return has(Side.SUBJECT, Verb.CUT) || has(Side.PEER, Verb.CUT);
    }

    /** Whether {@code side} makes such a call. */
    boolean has(Side side, Verb verb) {
        return actions.stream().anyMatch(a -> a.side() == side && a.verb() == verb);
    }

    /** Without the {@code i}-th call. */
    Scenario without(int i) {
        List<Action> fewer = new ArrayList<>(actions);
        fewer.remove(i);
        return new Scenario(name, fewer);
    }

    /** {@code "subject listen 5, peer connect, ..."}, as {@link Action#toString} writes them. */
    static Scenario parse(String name, String text) {
        List<Action> actions = new ArrayList<>();
        for (String call : text.split(",", -1)) {
            String[] words = call.strip().split(" +", -1);
            if (words.length < 2 || words.length > 3) {
                throw new IllegalArgumentException("a call is 'SIDE VERB [AMOUNT]': '" + call.strip() + "'");
            }
            actions.add(new Action(
                    Side.valueOf(words[0].toUpperCase(Locale.ROOT)),
                    Verb.valueOf(words[1].toUpperCase(Locale.ROOT)),
                    words.length == 3 ? Integer.parseInt(words[2]) : 0));
        }
        return new Scenario(name, actions);
    }

    /** What {@code seed} decides: mostly a connection and what may be done to it, at times one that does not come to be. */
    static Scenario random(long seed) {
        Random random = new Random(seed * 0x9E37_79B9_7F4A_7C15L);
        List<Action> actions = new ArrayList<>();
        Side opener = random.nextBoolean() ? Side.SUBJECT : Side.PEER;
        Side other = opener.other();
        if (random.nextInt(12) != 0) {
            actions.add(new Action(other, Verb.LISTEN, 1 + random.nextInt(8)));
        }
        actions.add(new Action(opener, Verb.CONNECT, 0));
        if (random.nextInt(10) == 0) {
            actions.add(new Action(opener, Verb.WRITE, 1 + random.nextInt(MOST_BYTES)));
            if (random.nextBoolean()) {
                actions.add(new Action(other, Verb.STOP_LISTENING, 0));
            }
        }
        actions.add(new Action(other, Verb.ACCEPT, 0));
        int calls = 2 + random.nextInt(MOST_ACTIONS - 1);
        for (int i = 0; i < calls; i++) {
            actions.add(any(random));
        }
        return new Scenario("seed " + seed, actions);
    }

    private static Action any(Random random) {
        Side side = random.nextBoolean() ? Side.SUBJECT : Side.PEER;
        int bytes = 1 + random.nextInt(MOST_BYTES);
        return switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4 -> new Action(side, Verb.WRITE, bytes);
            case 5, 6, 7, 8 -> new Action(side, Verb.READ, bytes);
            case 9 -> new Action(side, Verb.URGENT, 0);
            case 10 -> new Action(side, Verb.NO_DELAY, random.nextInt(2));
            case 11 -> new Action(side, Verb.KEEP_ALIVE, random.nextInt(2));
            case 12 -> new Action(side, Verb.RECEIVE_BUFFER, 8_192 + bytes);
            case 13 -> new Action(side, Verb.SEND_BUFFER, 16_384 + bytes);
            case 14, 15 -> new Action(side, Verb.SHUTDOWN_OUTPUT, 0);
            case 16 -> new Action(side, Verb.SHUTDOWN_INPUT, 0);
            case 17, 18 -> new Action(side, Verb.CLOSE, 0);
            default -> new Action(side, Verb.ABORT, 0);
        };
    }

    /** What a generator would take long to come upon: {@code scenarios.txt}. */
    static List<Scenario> fixed() throws IOException {
        List<Scenario> all = new ArrayList<>();
        try (InputStream in = Scenario.class.getResourceAsStream("scenarios.txt")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                int colon = line.indexOf(':');
                if (!line.startsWith("#") && colon > 0) {
                    all.add(parse(line.substring(0, colon), line.substring(colon + 1)));
                }
            }
        }
        return all;
    }
}
