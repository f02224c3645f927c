package dev.penstock.conformance.requirements;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** From a name in the column {@code test} to the line of its source, as seen from the report. */
final class ReportLinks {
    private final Map<String, TestMethod> byName = new HashMap<>();
    private final String prefix;

    /**
     * @param sources a URL that the repository's paths are appended to, or null for links relative to {@code from}
     * @param from the directory of the report
     */
    ReportLinks(List<TestMethod> tests, String sources, Path root, Path from) {
        Set<String> ambiguous = MatrixCheck.ambiguous(tests);
        tests.forEach(test -> byName.put(MatrixCheck.columnName(test, ambiguous), test));
        if (sources != null) {
            prefix = sources.endsWith("/") ? sources : sources + "/";
        } else {
            Path relative = from.toAbsolutePath()
                    .normalize()
                    .relativize(root.toAbsolutePath().normalize());
            prefix = relative.toString().isEmpty() ? "" : relative.toString().replace('\\', '/') + "/";
        }
    }

    /** Empty for a test that is not there. */
    String to(String test) {
        TestMethod method = byName.get(test);
        return method == null ? "" : prefix + method.file() + "#L" + method.line();
    }
}
