package dev.penstock.perf.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Curves in one picture. Plain values, as they stand in the JSON file. */
public final class Plot {
    /** How an axis is divided. */
    public enum Scale {
        LINEAR,
        LOGARITHMIC,
        /** Percentiles: 0, 90, 99, 99.9 at equal distances. */
        PERCENTILE
    }

    /** Above the picture. */
    public String title;
    /** At the axis. */
    public String xLabel;
    /** At the axis. */
    public String yLabel;
    /** Of the x axis. */
    public Scale xScale = Scale.LINEAR;
    /** Of the y axis. */
    public Scale yScale = Scale.LINEAR;
    /** The curves by their names. */
    public Map<String, List<Point>> curves = new LinkedHashMap<>();

    /** Without curves yet. */
    public Plot(String title, String xLabel, Scale xScale, String yLabel, Scale yScale) {
        this.title = title;
        this.xLabel = xLabel;
        this.xScale = xScale;
        this.yLabel = yLabel;
        this.yScale = yScale;
    }

    /** Adds a point to the curve of that name. */
    public void add(String curve, double x, double y) {
        curves.computeIfAbsent(curve, k -> new ArrayList<>()).add(new Point(x, y));
    }
}
