package dev.penstock.conformance.requirements;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The commands of the requirement matrix on their own, for {@code conformance/requirement-matrix}. */
@Command(
        name = "requirement-matrix",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "What the RFCs ask of the stack, and the tests that hold it to it.",
        subcommands = {ReportCommand.class, CheckCommand.class, SyncCommand.class})
public final class RequirementCommands {
    private RequirementCommands() {}

    /** Runs one of them; the exit code is its own, or 2 when it was called wrongly. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new RequirementCommands())
                .setExecutionExceptionHandler((e, commandLine, parsed) -> {
                    commandLine.getErr().println("penstock: " + e.getMessage());
                    return 1;
                })
                .execute(args));
    }
}
