package dev.penstock.conformance.requirements;

import static dev.penstock.conformance.requirements.SmallRepository.row;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each way in which lists and tests can disagree is found, and the message says where and what to do. */
class MatrixCheckTest {
    @TempDir
    Path directory;

    private SmallRepository repository;

    @BeforeEach
    void start() throws IOException {
        repository = new SmallRepository(directory);
        assertEquals(List.of(), repository.problems());
    }

    private void finds(String... parts) throws IOException {
        List<String> problems = repository.problems();
        for (String part : parts) {
            assertTrue(problems.stream().anyMatch(p -> p.contains(part)), part + " in " + problems);
        }
        assertEquals(parts.length, problems.size(), problems.toString());
    }

    @Test
    void aRowWithNeitherTestNorReason() throws IOException {
        repository.list(row("MUST-1", "MUST", "3.1", "PingTest#pings", ""), row("MAY-2", "MAY", "B.1", "", ""));
        finds("conformance/requirements/rfc1.tsv:3: MAY-2 has neither a test nor a reason: write a test");
    }

    @Test
    void aTestThatNamesNoRow() throws IOException {
        repository.tests("@Requirement({\"RFC1:MUST-1\", \"RFC1:MUST-9\"}) @Test void pings() {}");
        finds("a/src/test/java/p/PingTest.java:3: PingTest#pings names RFC1:MUST-9, which is no row");
    }

    @Test
    void aRowThatNamesATestThatIsNotThereOrDoesNotCarryItsId() throws IOException {
        repository.list(
                row("MUST-1", "MUST", "3.1", "PingTest#pings, PingTest#pongs", ""),
                row("MAY-2", "MAY", "B.1", "GoneTest", ""));
        repository.tests("@Requirement(\"RFC1:MUST-1\") @Test void pings() {} @Test void pongs() {}");
        finds(
                "rfc1.tsv:2: MUST-1 names the test PingTest#pongs, which is not there or does not carry this id",
                "rfc1.tsv:3: MAY-2 names the test GoneTest, which is not there");
    }

    @Test
    void anAnnotationThatTheRowDoesNotKnow() throws IOException {
        repository.tests("@Requirement(\"RFC1:MUST-1\") @Test void pings() {}"
                + "@Requirement(\"RFC1:MUST-1\") @Test void again() {}");
        finds("MUST-1 does not name PingTest#again, which carries its id: run './penstock conformance sync'");
    }

    @Test
    void idsThatRepeat() throws IOException {
        repository.list(
                row("MUST-1", "MUST", "3.1", "PingTest#pings", ""), row("MUST-1", "MUST", "3.2", "PingTest#pings", ""));
        finds("rfc1.tsv:3: MUST-1 is the id of line 2, too");
    }

    @Test
    void countsThatDiffer() throws IOException {
        repository.properties(
                "rfc1.source = appendix A", "rfc1.rows = 3", "rfc1.ids = MUST=2, MAY=1", "rfc1.levels = MUST=1");
        finds(
                "rfc1.tsv: has 2 rows, not the 3 of appendix A",
                "rfc1.tsv: different ids MUST: 1, not the 2 of appendix A",
                "rfc1.tsv: rows of level MAY: 1, not the 0 of appendix A");
    }

    @Test
    void oneIdListedSeveralTimesCountsOnce() throws IOException {
        repository.list(
                row("MUST-1.1", "MUST", "3.1", "PingTest#pings", ""),
                row("MUST-1.2", "MUST NOT", "3.1", "", "not applicable: never."));
        repository.properties("rfc1.rows = 2", "rfc1.ids = MUST=1", "rfc1.levels = MUST=1, MUST NOT=1");
        repository.tests("@Requirement(\"RFC1:MUST-1\") @Test void pings() {}");
        finds(
                "names RFC1:MUST-1, which is no row of conformance/requirements: it is listed several times, say which: "
                        + "RFC1:MUST-1.1, RFC1:MUST-1.2",
                "MUST-1.1 names the test PingTest#pings, which is not there or does not carry");
    }

    @Test
    void reasonsOfNoKindOrBesideATest() throws IOException {
        repository.list(
                row("MUST-1", "MUST", "3.1", "PingTest#pings", "not done: or is it?"),
                row("MAY-2", "MAY", "B.1", "", "later"));
        finds(
                "MUST-1 has both tests and a reason",
                "MAY-2 has a reason that does not begin with what kind it is: write \"not done: ...\"");
    }

    @Test
    void annotationsThatHoldNothing() throws IOException {
        repository.tests("@Requirement(\"RFC1:MUST-1\") void pings() {}");
        finds("PingTest#pings carries @Requirement, but is no test");
        repository.tests("@Requirement(\"RFC1:MUST-1\") @Test @Disabled void pings() {}");
        finds("PingTest#pings carries @Requirement, but is @Disabled");
        repository.tests("@Requirement(\"RFC1:MUST-1\") @Test void pings() {} @Requirement(ID) @Test void b() {}");
        finds("PingTest#b carries @Requirement, but has a @Requirement that is no string literal: write it out");
        repository.tests("@Requirement({\"RFC1:MUST-1\", \"RFC1:MUST-1\"}) @Test void pings() {}");
        finds("names RFC1:MUST-1 twice");
    }

    @Test
    void filesOfTheWrongForm() throws IOException {
        repository.list("MUST-1\tMUST", row("MAY-2", "PERHAPS", "B.1", "", "not done: a"), row("", "MAY", "1", "", ""));
        finds(
                "rfc1.tsv:2: has 2 columns, not 6",
                "rfc1.tsv:3: the level is \"PERHAPS\": one of MUST, MUST NOT, SHOULD, SHOULD NOT, RECOMMENDED, MAY",
                "rfc1.tsv:4: column id is empty",
                "names RFC1:MUST-1, which is no row",
                "has 0 rows");
        repository.properties("rfc2.rows = 1", "rfc1.ids = MUST");
        repository.list(row("MUST-1", "MUST", "1", "PingTest#pings", ""));
        finds(
                "says nothing about rfc1.tsv: add rfc1.rows",
                "rfc1.ids has \"MUST\"",
                "speaks of rfc2, but there is no rfc2.tsv");
    }

    @Test
    void annotationsOnClassesNestedOnesAndSeveral() throws IOException {
        repository.list(
                row("MUST-1", "MUST", "1", "PingTest, PingTest.Inner#deep", ""),
                row("MAY-2", "MAY", "1", "", "not done: a"));
        repository.write(
                "b/src/test/java/q/PingTest.java",
                """
                package q;
                @Requirement("RFC1:MUST-1") @dev.penstock.requirement.Requirement(value = "RFC1:MAY-2")
                class PingTest {
                  @Nested class Inner { @Property @Requirement("RFC1:MUST-1") void deep() {} }
                }
                """);
        repository.tests("");
        finds("MAY-2 does not name PingTest,", "MAY-2 has both tests and a reason");
        // Of two classes with one name the package is said, too.
        repository.tests("@Requirement(\"RFC1:MUST-1\") @Test void pings() {}");
        assertEquals(1, repository.run(new SyncCommand()));
        assertTrue(
                repository
                        .read("conformance/requirements/rfc1.tsv")
                        .contains("\tPingTest.Inner#deep, p.PingTest#pings, q.PingTest\t"),
                repository.read("conformance/requirements/rfc1.tsv"));
    }
}
