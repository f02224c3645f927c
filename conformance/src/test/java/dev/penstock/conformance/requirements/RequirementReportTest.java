package dev.penstock.conformance.requirements;

import static dev.penstock.conformance.requirements.SmallRepository.row;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands: sync fills in what the annotations say, report writes what is there, both answer whether all is well. */
class RequirementReportTest {
    private static final String LIST = "conformance/requirements/rfc1.tsv";

    @TempDir
    Path directory;

    private SmallRepository repository;

    @BeforeEach
    void start() throws IOException {
        repository = new SmallRepository(directory);
    }

    @Test
    void syncWritesTheColumnAndNothingElse() throws IOException {
        String good = repository.read(LIST);
        assertEquals(0, repository.run(new SyncCommand()));
        assertEquals(good, repository.read(LIST));
        repository.list(
                row("MUST-1", "MUST", "3.1", "Other, GoneTest#x", ""),
                row("MAY-2", "MAY", "B.1", "", "not done: too new."));
        assertEquals(0, repository.run(new SyncCommand()), repository.err.toString());
        assertEquals(good, repository.read(LIST));
        assertTrue(repository.out.toString().contains("1 RFCs, 2 rows: 1 held, 1 not done"), repository.out.toString());
    }

    @Test
    void syncLeavesFilesAloneThatItCannotRead() throws IOException {
        repository.list("MUST-1\tMUST\tlost");
        String bad = repository.read(LIST);
        assertEquals(1, repository.run(new SyncCommand()));
        assertEquals(bad, repository.read(LIST));
        assertTrue(repository.err.toString().contains("rfc1.tsv:2: has 3 columns"), repository.err.toString());
    }

    @Test
    void reportWritesBothFormatsWithLinks() throws IOException {
        assertEquals(0, repository.run(new ReportCommand()), repository.err.toString());
        String html = repository.read("conformance/target/requirements/requirements.html");
        assertTrue(html.contains("<a href=\"https://datatracker.ietf.org/doc/html/rfc1#section-3.1\">3.1</a>"), html);
        assertTrue(html.contains("https://datatracker.ietf.org/doc/html/rfc1#appendix-B.1"), html);
        assertTrue(html.contains("href=\"../../../a/src/test/java/p/PingTest.java#L3\""), html);
        assertTrue(html.contains("Answers &lt;pings&gt; | all."), html);
        assertTrue(html.contains("<span class=\"chip not-done\">not done</span></td><td>too new."), html);
        String markdown = repository.read("conformance/target/requirements/requirements.md");
        assertTrue(
                markdown.contains(
                        "| MUST-1 | MUST | [3.1](https://datatracker.ietf.org/doc/html/rfc1#section-3.1) | "
                                + "Answers &lt;pings> \\| all. | held | [`PingTest#pings`](../../../a/src/test/java/p/PingTest.java#L3) |"),
                markdown);
        assertTrue(markdown.contains("| all | 2 | 1 | 1 | 0 | 0 | 0 | 0 |"), markdown);
    }

    @Test
    void reportTakesAFormatADirectoryAndAUrl() throws IOException {
        Path out = directory.resolve("elsewhere/deep");
        assertEquals(
                0,
                repository.run(
                        new ReportCommand(),
                        "--format",
                        "html",
                        "--out",
                        out.toString(),
                        "--source-url",
                        "https://host/main"));
        assertTrue(repository
                .read("elsewhere/deep/requirements.html")
                .contains("href=\"https://host/main/a/src/test/java/p/PingTest.java#L3\""));
        assertFalse(out.resolve("requirements.md").toFile().exists());
        assertEquals(2, repository.run(new ReportCommand(), "--format", "pdf"));
    }

    @Test
    void faultsAreToldAndAnsweredWithOne() throws IOException {
        repository.tests("");
        assertEquals(1, repository.run(new CheckCommand()));
        assertTrue(repository.err.toString().contains("the requirement matrix has 1 fault, see above"));
        assertEquals(1, repository.run(new ReportCommand()));
        assertTrue(directory
                .resolve("conformance/target/requirements/requirements.md")
                .toFile()
                .exists());
    }
}
