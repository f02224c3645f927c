package dev.penstock.conformance.requirements;

import java.util.List;

/**
 * One requirement.
 *
 * @param id such as {@code MUST-12}; where an RFC lists one id several times, {@code MUST-15.1} and {@code MUST-15.2}
 * @param level as the RFC's own table says
 * @param section of the RFC
 * @param text the requirement, in our own words
 * @param tests {@code Class#method} or {@code Class}
 * @param reason why there is no test; empty when there is one
 * @param line in the file, from 1
 */
record Row(String id, Level level, String section, String text, List<String> tests, String reason, int line) {
    Row {
        tests = List.copyOf(tests);
    }

    Row withTests(List<String> other) {
        return new Row(id, level, section, text, other, reason, line);
    }

    Status status() {
        if (!tests.isEmpty()) {
            return Status.HELD;
        }
        Status status = Status.ofReason(reason);
        return status == null ? Status.OPEN : status;
    }

    /** What stands before the number: MUST of {@code MUST-15.2}, 3.5 of {@code 3.5-7}. */
    String family() {
        int dash = id.lastIndexOf('-');
        return dash < 0 ? id : id.substring(0, dash);
    }

    /** The RFC's own id: MUST-15 of {@code MUST-15.2}. */
    String base() {
        int dash = id.lastIndexOf('-');
        int dot = id.indexOf('.', dash + 1);
        return dot < 0 || dash < 0 ? id : id.substring(0, dot);
    }
}
