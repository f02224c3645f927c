package dev.penstock.perf.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One thing that was measured, round by round, and under which conditions. Plain values, as they stand in the JSON file. */
public final class Figure {
    /** By which a baseline knows it again: words joined by dots. */
    public String id;
    /** For people. */
    public String title;
    /** Of the values. */
    public String unit;
    /** Whether more is better. */
    public boolean higherIsBetter;
    /** What it depends on: mode, processors, offloads, congestion control. */
    public Map<String, String> conditions = new LinkedHashMap<>();
    /** A value of each round. */
    public double[] rounds = {};
    /** How long it took until the values were steady, in words. */
    public String warmUp = "";
    /** Bytes of garbage for each unit of work, median; absent if it was not counted. */
    public Double allocation;
    /** The unit of work of {@link #allocation}. */
    public String allocationPer;
    /** Latencies by percentile, of all rounds together; the unit is the figure's. */
    public List<Point> percentiles = new ArrayList<>();
    /** The 99th percentile of each round, where the figure is a latency. */
    public double[] p99 = {};
    /** What it is to reach, or absent. */
    public Target target;

    /** The median of the rounds. */
    public double median() {
        return Stats.median(rounds);
    }

    /** The latencies of the rounds at a percentile, of which only the 99th is kept. */
    public double[] tail(double percentile) {
        if (percentile != 99) {
            throw new IllegalArgumentException("only the 99th percentile is kept round by round: " + percentile);
        }
        return p99;
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
