package dev.penstock.conformance.requirements;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes the requirement matrix as pages to read. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        descriptionHeading = "%n",
        optionListHeading = "%nOptions:%n",
        description = {
            "Writes the requirement matrix: what the RFCs ask, and the tests that hold the stack to it.",
            "",
            "The rows come from conformance/requirements/*.tsv, the tests from @Requirement in the test sources of all "
                    + "modules. The HTML page needs no other file and no network."
        },
        footer = {
            "",
            "Examples:",
            "  penstock conformance report",
            "  penstock conformance report --format html --out /tmp/matrix",
            "",
            "Exit code: 0 when rows and tests agree, 1 when not (the report is written all the same)."
        })
public final class ReportCommand implements Callable<Integer> {
    /** What can be written. */
    enum Format {
        MARKDOWN("requirements.md"),
        HTML("requirements.html");

        private final String file;

        Format(String file) {
            this.file = file;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "markdown (requirements.md) or html (requirements.html). Default: both.")
    private Format format;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where to write, made if missing. Default: target/requirements of the sources' conformance "
                    + "directory.")
    private Path out;

    @Option(
            names = "--source-url",
            paramLabel = "URL",
            description = "What links to tests begin with, as https://host/project/blob/main. Default: relative links.")
    private String sourceUrl;

    @Option(
            names = "--root",
            paramLabel = "DIR",
            description = "The sources' directory. Default: found above the working directory, or the program.")
    private Path root;

    @Override
    public Integer call() throws IOException {
        Path repository = Repository.find(root);
        Matrix matrix = Matrix.read(repository);
        List<TestMethod> tests = TestSources.scan(repository);
        List<String> problems = MatrixCheck.run(matrix, tests);
        Path directory = out != null ? out : repository.resolve("conformance/target/requirements");
        ReportLinks links = new ReportLinks(tests, sourceUrl, repository, directory);
        Files.createDirectories(directory);
        PrintWriter print = spec.commandLine().getOut();
        for (Format each : format == null ? List.of(Format.values()) : List.of(format)) {
            String text = each == Format.HTML ? HtmlReport.write(matrix, links) : MarkdownReport.write(matrix, links);
            Path file = directory.resolve(each.file);
            Files.writeString(file, text, StandardCharsets.UTF_8);
            print.println("wrote " + file);
        }
        print.println(CheckCommand.summary(matrix));
        print.flush();
        return CheckCommand.tell(problems, spec.commandLine().getErr());
    }
}
