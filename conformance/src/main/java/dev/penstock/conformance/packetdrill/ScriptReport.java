package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.ScriptBatch.Job;
import java.io.PrintWriter;

/** Writes what became of scripts: a line, or a JSON object, for each, and a last one for all. */
final class ScriptReport {
    /** Exit codes. */
    static final int ALL_PASSED = 0;

    static final int SOME_FAILED = 1;
    static final int SOME_SKIPPED = 3;

    private final PrintWriter out;
    private final boolean json;
    private int passed;
    private int failed;
    private int skipped;

    ScriptReport(PrintWriter out, boolean json) {
        this.out = out;
        this.json = json;
    }

    void tell(Job job, Outcome outcome) {
        switch (outcome.status()) {
            case PASS -> passed++;
            case FAIL -> failed++;
            case SKIP -> skipped++;
        }
        if (json) {
            object(job, outcome);
        } else {
            lines(job, outcome);
        }
        out.flush();
    }

    private void lines(Job job, Outcome outcome) {
        String label = job.label() == null ? "" : " (" + job.label() + ")";
        String line = outcome.line() > 0 ? ":" + outcome.line() : "";
        switch (outcome.status()) {
            case PASS -> out.println("PASS " + job.name() + label);
            case SKIP -> {
                String where = outcome.line() > 0 ? " (line " + outcome.line() + ")" : "";
                out.println("SKIP " + job.name() + label + ": " + oneLine(outcome.message()) + where);
            }
            case FAIL -> {
                out.println("FAIL " + job.name() + line + label + ": " + oneLine(outcome.message()));
                part("expected", outcome.expected());
                part("actual", outcome.actual());
            }
        }
    }

    private void part(String name, String text) {
        if (text == null) {
            return;
        }
        String head = "    " + String.format("%-9s ", name + ":");
        for (String line : text.strip().split("\\s*\\R\\s*", -1)) {
            out.println(head + line);
            head = " ".repeat(head.length());
        }
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", " ");
    }

    /** @return the exit code */
    int finish() {
        if (json) {
            out.println("{\"passed\":" + passed + ",\"failed\":" + failed + ",\"skipped\":" + skipped + "}");
        } else {
            out.println(passed + " passed, " + failed + " failed, " + skipped + " skipped");
        }
        out.flush();
        return failed > 0 ? SOME_FAILED : skipped > 0 ? SOME_SKIPPED : ALL_PASSED;
    }

    private void object(Job job, Outcome outcome) {
        StringBuilder text = new StringBuilder("{\"script\":").append(quoted(job.name()));
        if (job.label() != null) {
            text.append(",\"family\":").append(quoted(job.label()));
        }
        text.append(",\"result\":\"").append(outcome.status()).append('"');
        if (outcome.line() > 0) {
            text.append(",\"line\":").append(outcome.line());
        }
        member(text, "message", outcome.message().isEmpty() ? null : outcome.message());
        member(text, "expected", outcome.expected());
        member(text, "actual", outcome.actual());
        out.println(text.append('}'));
    }

    private static void member(StringBuilder text, String name, String value) {
        if (value != null) {
            text.append(",\"").append(name).append("\":").append(quoted(value));
        }
    }

    /** RFC 8259, section 7. */
    static String quoted(String value) {
        StringBuilder text = new StringBuilder("\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < 0x20 || c >= 0x7f && c < 0xa0 || Character.isSurrogate(c)) {
                text.append(String.format("\\u%04x", (int) c));
            } else {
                text.append(c);
            }
        }
        return text.append('"').toString();
    }
}
