package dev.penstock.conformance.requirements;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says whether requirements and tests agree; the build asks the same. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        descriptionHeading = "%n",
        optionListHeading = "%nOptions:%n",
        description = {
            "Checks that each row of conformance/requirements/*.tsv has a test or a reason, and each @Requirement a row.",
            "'mvn verify' does the same."
        },
        footer = {"", "Exit code: 0 when they agree, 1 when not."})
public final class CheckCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--root",
            paramLabel = "DIR",
            description = "The sources' directory. Default: found above the working directory, or the program.")
    private Path root;

    @Override
    public Integer call() throws IOException {
        Path repository = Repository.find(root);
        Matrix matrix = Matrix.read(repository);
        List<String> problems = MatrixCheck.run(matrix, TestSources.scan(repository));
        spec.commandLine().getOut().println(summary(matrix));
        spec.commandLine().getOut().flush();
        return tell(problems, spec.commandLine().getErr());
    }

    static String summary(Matrix matrix) {
        return matrix.lists().size() + " RFCs, "
                + matrix.lists().stream().mapToLong(l -> l.count(null, null)).sum() + " rows: "
                + Arrays.stream(Status.values())
                        .map(s -> matrix.lists().stream()
                                        .mapToLong(l -> l.count(null, s))
                                        .sum() + " " + s.text())
                        .collect(Collectors.joining(", "));
    }

    /** Prints the problems and answers the exit code. */
    static int tell(List<String> problems, PrintWriter err) {
        problems.forEach(err::println);
        if (!problems.isEmpty()) {
            err.println("penstock: the requirement matrix has " + problems.size()
                    + (problems.size() == 1 ? " fault" : " faults") + ", see above");
        }
        err.flush();
        return problems.isEmpty() ? 0 : 1;
    }
}
