package dev.penstock.perf.report;

/** Two figures of one run compared round by round. Plain values, as they stand in the JSON file. */
public final class Ratio {
    /** By which a baseline knows it again. */
    public String id;
    /** What is compared, for people. */
    public String title;
    /** One for each round. */
    public double[] rounds = {};
    /** What it is to reach, or absent. */
    public Target target;

    /** Of {@code a} to {@code b}. */
    public static Ratio of(String id, String title, Figure a, Figure b, Target target) {
        Ratio r = new Ratio();
        r.id = id;
        r.title = title;
        r.rounds = Stats.ratios(a.rounds, b.rounds);
        r.target = target;
        return r;
    }

    /** The median of the rounds. */
    public double median() {
        return Stats.median(rounds);
    }

    /** The least of the rounds. */
    public double min() {
        return Stats.min(rounds);
    }

    /** The greatest of the rounds. */
    public double max() {
        return Stats.max(rounds);
    }
}
