package dev.penstock.perf.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The JSON form of a report. */
public final class ReportFile {
    private static final long LARGEST = 64 << 20;

    private ReportFile() {}

    /** The report as JSON, with a line feed at the end. */
    public static String toJson(Report report) {
        Gson gson = new GsonBuilder()
                .setPrettyPrinting()
                .disableHtmlEscaping()
                .serializeSpecialFloatingPointValues()
                .create();
        return gson.toJson(report) + "\n";
    }

    /**
     * Reads a report.
     *
     * @throws IOException in one line: the file is not there, is none of ours, or of another version
     */
    public static Report read(Path file) throws IOException {
        Report report;
        try {
            if (Files.size(file) > LARGEST) {
                throw notOurs(file);
            }
            report = new Gson().fromJson(Files.readString(file), Report.class);
        } catch (NoSuchFileException e) {
            throw new IOException("there is no baseline " + file + ": write one with --json", e);
        } catch (JsonParseException | MalformedInputException e) {
            IOException wrong = notOurs(file);
            wrong.initCause(e);
            throw wrong;
        }
        if (report == null
                || report.sections == null
                || report.sections.isEmpty()
                || report.version != Report.VERSION) {
            throw notOurs(file);
        }
        for (Section s : report.sections) {
            if (s == null || s.figures == null || s.ratios == null) {
                throw notOurs(file);
            }
        }
        return report;
    }

    private static IOException notOurs(Path file) {
        return new IOException(file + " is not a report of 'penstock bench --json' of version " + Report.VERSION
                + ": write a new one with --json");
    }
}
