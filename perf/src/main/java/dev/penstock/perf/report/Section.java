package dev.penstock.perf.report;

import java.util.ArrayList;
import java.util.List;

/** Figures that belong together, and what follows from them. Plain values, as they stand in the JSON file. */
public final class Section {
    /** For people. */
    public String title;
    /** What all of its figures have in common, in one line. */
    public String note = "";
    /** What was measured. */
    public List<Figure> figures = new ArrayList<>();
    /** What was compared. */
    public List<Ratio> ratios = new ArrayList<>();
    /** Pictures of it. */
    public List<Plot> plots = new ArrayList<>();
    /** What the reader ought to know of how it came about. */
    public List<String> remarks = new ArrayList<>();

    /** Without figures yet. */
    public Section(String title) {
        this.title = title;
    }
}
