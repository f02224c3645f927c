package dev.penstock.conformance.oracle;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Plays scenarios twice, once with Penstock and once with Linux as the subject, over the same kind of network and against the same
 * peer, and compares what each call came to, the bytes, and the states after it.
 */
public final class Oracle {
    private static final int FIRST_PORT = 20_000;
    private static final int PATIENCE = 3;
    private static final int PATIENT = 12;
    private static final int MOST_TRIES_TO_SHRINK = 8;
    private static final int AT_ONCE = 24;

    private final Consumer<String> out;
    private final Lab.Conditions conditions;
    private final List<String> failures = new ArrayList<>();
    private int played;
    private int allowed;

    /** @param out takes a line for each difference */
    public Oracle(Consumer<String> out) {
        this(out, false, 0);
    }

    /**
     * Over another network.
     *
     * @param out takes a line for each difference
     * @param ipv6 over IPv6
     * @param loss which share of the frames is lost, 0 .. 1
     */
    public Oracle(Consumer<String> out, boolean ipv6, double loss) {
        this.out = out;
        this.conditions = new Lab.Conditions(ipv6, loss);
    }

    /** How many scenarios were compared. */
    public int played() {
        return played;
    }

    /** How many differences were of those that are allowed. */
    public int allowed() {
        return allowed;
    }

    /** A description of each scenario in which the two differ. */
    public List<String> failures() {
        return failures;
    }

    /**
     * {@code oracle [--family 4|6] [--loss PERCENT] [--seed S] [--scenarios N] [--only 'CALL, CALL ...']}. Exit code 0 when all
     * agree.
     */
    public static void main(String[] args) throws Exception {
        long seed = 1;
        int scenarios = 200;
        String only = null;
        boolean ipv6 = false;
        double loss = 0;
        for (int i = 0; i + 1 < args.length; i += 2) {
            switch (args[i]) {
                case "--seed" -> seed = Long.parseLong(args[i + 1]);
                case "--scenarios" -> scenarios = Integer.parseInt(args[i + 1]);
                case "--only" -> only = args[i + 1];
                case "--family" -> ipv6 = args[i + 1].equals("6");
                case "--loss" -> loss = Double.parseDouble(args[i + 1]) / 100;
                default -> {
                    System.err.println("usage: oracle [--family 4|6] [--loss PERCENT] [--seed S] [--scenarios N]"
                            + " [--only 'CALL, CALL ...']");
                    System.exit(2);
                }
            }
        }
        Oracle oracle = new Oracle(System.out::println, ipv6, loss);
        long began = System.nanoTime();
        if (only != null) {
            oracle.show(Scenario.parse("only", only));
        } else {
            oracle.compareFixed();
            oracle.compareRandom(seed, scenarios);
        }
        System.out.printf(
                "%d scenarios, %d differ, %d allowed differences, %.0f s%n",
                oracle.played(), oracle.failures().size(), oracle.allowed(), (System.nanoTime() - began) / 1e9);
        System.exit(oracle.failures().isEmpty() ? 0 : 1);
    }

    /** Those that were written by hand. */
    public void compareFixed() throws Exception {
        List<Scenario> all = Scenario.fixed();
        compare(all.stream().filter(s -> !s.isCut()).toList());
        compare(all.stream().filter(Scenario::isCut).toList());
    }

    /** Generated ones, of {@code n} seeds. */
    public void compareRandom(long firstSeed, int n) throws Exception {
        for (int done = 0; done < n; done += AT_ONCE) {
            List<Scenario> some = new ArrayList<>();
            for (int i = done; i < Math.min(n, done + AT_ONCE); i++) {
                some.add(Scenario.random(firstSeed + i));
            }
            compare(some);
        }
    }

    /** These and {@code n} generated ones, all at once: a bounded time, whatever their number. */
    void compareWithin(List<Scenario> some, int n, long firstSeed) throws Exception {
        List<Scenario> all = new ArrayList<>(some);
        for (int i = 0; i < n; i++) {
            all.add(Scenario.random(firstSeed + i));
        }
        compare(all);
    }

    /** One scenario, with all that happens. */
    private void show(Scenario scenario) throws Exception {
        List<String> penstock = play(List.of(scenario), true, PATIENT).get(0);
        List<String> linux = play(List.of(scenario), false, PATIENT).get(0);
        played++;
        String difference = difference(scenario, penstock, linux);
        out.accept("Penstock:\n  " + String.join("\n  ", penstock) + "\nLinux:\n  " + String.join("\n  ", linux));
        if (difference != null) {
            failures.add(difference);
        }
    }

    private void compare(List<Scenario> scenarios) throws Exception {
        List<List<String>> penstock = play(scenarios, true, PATIENCE);
        List<List<String>> linux = play(scenarios, false, PATIENCE);
        for (int i = 0; i < scenarios.size(); i++) {
            played++;
            if (difference(scenarios.get(i), penstock.get(i), linux.get(i)) != null) {
                again(scenarios.get(i));
            }
        }
    }

    /** With more time for everything: what two runs of one kernel would differ in, too, is no difference. */
    private void again(Scenario scenario) throws Exception {
        String difference = patiently(scenario);
        if (difference == null) {
            return;
        }
        Scenario least = scenario;
        int tries = 0;
        for (int i = least.actions().size() - 1; i >= 0 && tries < MOST_TRIES_TO_SHRINK; i--) {
            Scenario fewer = least.without(i);
            tries++;
            String other = patiently(fewer);
            if (other != null) {
                least = fewer;
                difference = other;
            }
        }
        String calls =
                String.join(", ", least.actions().stream().map(Action::toString).toList());
        String failure = scenario.name() + ": " + difference + "\n      conformance/oracle --only '" + calls + "'";
        failures.add(failure);
        out.accept("FAIL  " + failure);
    }

    private String patiently(Scenario scenario) throws Exception {
        List<String> penstock = play(List.of(scenario), true, PATIENT).get(0);
        List<String> linux = play(List.of(scenario), false, PATIENT).get(0);
        return difference(scenario, penstock, linux);
    }

    /** The first line that differs without a reason, or null. */
    private String difference(Scenario scenario, List<String> penstock, List<String> linux) {
        for (int i = 0; i < Math.max(penstock.size(), linux.size()); i++) {
            String a = i < penstock.size() ? penstock.get(i) : "nothing";
            String b = i < linux.size() ? linux.get(i) : "nothing";
            if (!a.equals(b)) {
                if (AllowedDifferences.reason(scenario, a, b) == null) {
                    return "Penstock '" + a + "', Linux '" + b + "'";
                }
                allowed++;
                // What follows from it is different, too.
                return null;
            }
        }
        return null;
    }

    /** Plays all of them at once, in one network. */
    private List<List<String>> play(List<Scenario> scenarios, boolean penstock, int patience) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(Math.max(1, scenarios.size()));
        try (Lab lab = new Lab(penstock, conditions, scenarios.hashCode())) {
            int cutters = (int) scenarios.stream().filter(Scenario::isCut).count();
            CountDownLatch cuts = new CountDownLatch(cutters);
            List<Callable<List<String>>> players = new ArrayList<>();
            for (int i = 0; i < scenarios.size(); i++) {
                players.add(new Player(lab, scenarios.get(i), FIRST_PORT + i, patience, cuts));
            }
            List<List<String>> transcripts = new ArrayList<>();
            for (Future<List<String>> f : threads.invokeAll(players, 180, TimeUnit.SECONDS)) {
                transcripts.add(f.get());
            }
            if (!lab.faults().isEmpty()) {
                throw new IllegalStateException(
                        "a fault of the stack", lab.faults().get(0));
            }
            return transcripts;
        } finally {
            threads.shutdownNow();
        }
    }
}
