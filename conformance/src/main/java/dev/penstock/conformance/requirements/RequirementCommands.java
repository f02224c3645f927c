package dev.penstock.conformance.requirements;

import dev.penstock.apps.cli.Verb;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code penstock conformance}: the commands of the requirement matrix. */
@Command(
        name = "conformance",
        mixinStandardHelpOptions = true,
        descriptionHeading = "%n",
        optionListHeading = "%nOptions:%n",
        commandListHeading = "%nVerbs:%n",
        synopsisSubcommandLabel = "VERB",
        description = "What the RFCs ask of the stack, and the tests that hold it to it.",
        subcommands = {ReportCommand.class, CheckCommand.class, SyncCommand.class})
public final class RequirementCommands implements Verb {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "missing verb: report, check or sync");
    }
}
