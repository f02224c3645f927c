package dev.penstock.conformance.requirements;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The build step: the lists of {@code conformance/requirements} and the tests of all modules agree. */
class RequirementMatrixTest {
    @Test
    void eachRowHasATestOrAReasonAndEachRequirementARow() throws IOException {
        Path root = Repository.find(null);
        List<String> problems = MatrixCheck.run(Matrix.read(root), TestSources.scan(root));
        assertTrue(
                problems.isEmpty(),
                () -> "the requirement matrix has " + problems.size() + " faults:\n" + String.join("\n", problems));
    }

    @Test
    void theListsOfTheRfcsThemselvesAreComplete() throws IOException {
        // Here and not only in lists.properties, lest a row be lost together with its count.
        Map<String, Map<String, Integer>> own = Map.of(
                "RFC9293", Map.of("MUST", 69, "SHLD", 31, "MAY", 18, "REC", 1),
                "RFC1122", Map.of("LL", 15, "IP", 155, "UDP", 19));
        Map<String, Integer> rows = Map.of("RFC9293", 126, "RFC1122", 189);
        int found = 0;
        for (RequirementList list : Matrix.read(Repository.find(null)).lists()) {
            if (rows.containsKey(list.name())) {
                assertEquals(rows.get(list.name()), list.rows().size(), list.name());
                assertEquals(own.get(list.name()), list.expectedIds(), list.name());
                found++;
            }
        }
        assertEquals(rows.size(), found);
    }
}
