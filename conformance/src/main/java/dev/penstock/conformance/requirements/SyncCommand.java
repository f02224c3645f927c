package dev.penstock.conformance.requirements;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes the column {@code test} of the lists, so that nobody has to. */
@Command(
        name = "sync",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        descriptionHeading = "%n",
        optionListHeading = "%nOptions:%n",
        description = {
            "Fills the column 'test' of conformance/requirements/*.tsv from @Requirement in the test sources of all "
                    + "modules; all other columns stay. Then checks, as 'check' does."
        },
        footer = {"", "Exit code: 0 when rows and tests agree, 1 when something is left for you to do."})
public final class SyncCommand implements Callable<Integer> {
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
        List<TestMethod> tests = TestSources.scan(repository);
        PrintWriter out = spec.commandLine().getOut();
        if (!matrix.problems().isEmpty()) {
            out.println("nothing written: the files have faults that writing would hide");
            out.flush();
            return CheckCommand.tell(matrix.problems(), spec.commandLine().getErr());
        }
        Matrix synced = MatrixCheck.synced(matrix, tests);
        for (int i = 0; i < matrix.lists().size(); i++) {
            RequirementList list = synced.lists().get(i);
            if (!list.rows().equals(matrix.lists().get(i).rows())) {
                Matrix.write(list);
                out.println("wrote " + list.file());
            }
        }
        out.println(CheckCommand.summary(synced));
        out.flush();
        return CheckCommand.tell(
                MatrixCheck.run(synced, tests), spec.commandLine().getErr());
    }
}
