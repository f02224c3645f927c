package dev.penstock.perf.bench;

import dev.penstock.apps.cli.Verb;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code penstock bench}: what the stack is worth beside the kernel and beside the floor of the device, in one run. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        descriptionHeading = "%n",
        optionListHeading = "%nOptions:%n",
        commandListHeading = "%nMeasurements:%n",
        synopsisSubcommandLabel = "MEASUREMENT",
        subcommands = {
            LatencyCommand.class,
            BulkCommand.class,
            ConnectionsCommand.class,
            IdleCommand.class,
            PacketsCommand.class,
            SegmentCommand.class,
            ImpairmentCommand.class,
            AllCommand.class
        },
        description = {
            "Measures the stack, and in the same run, round by round in turn, what it is to be compared with: kernel to "
                    + "kernel over veth with the same client and the same options, and the raw floor of the device, a loop "
                    + "that does the least work. All of it inside network namespaces that are made for it and removed.",
            "",
            "Each figure is the median of the rounds with their range, with the conditions it depends on; each target "
                    + "of the project is shown beside its figure."
        },
        footer = {
            "",
            "Examples:",
            "  sudo penstock bench bulk --direction in --streams 1",
            "  sudo penstock bench latency --mode spin",
            "  penstock bench latency --device memory",
            "  sudo penstock bench all --html bench.html --json bench.json",
            "",
            "'penstock bench MEASUREMENT --help' tells more about each."
        })
public final class BenchVerb implements Verb {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(
                spec.commandLine(),
                "say what is to be measured: "
                        + String.join(", ", spec.subcommands().keySet()));
    }
}
