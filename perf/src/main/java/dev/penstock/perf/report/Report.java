package dev.penstock.perf.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All that one run of the harness found out. Plain values, as they stand in the JSON file. */
public final class Report {
    /** Of the JSON form; a file of another version is refused. */
    public static final int VERSION = 1;

    /** {@link #VERSION} of who wrote it. */
    public int version = VERSION;
    /** The command line. */
    public String command = "";
    /** When, in ISO 8601. */
    public String time = "";
    /** Machine, kernel, JDK. */
    public Map<String, String> environment = new LinkedHashMap<>();
    /** In the order in which they were measured. */
    public List<Section> sections = new ArrayList<>();
}
