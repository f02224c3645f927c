package dev.penstock.apps.cli;

import dev.penstock.apps.trace.TracePlot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** What can be done with a trace of connections. */
@Command(
        name = "trace",
        mixinStandardHelpOptions = true,
        descriptionHeading = "%n",
        optionListHeading = "%nOptions:%n",
        commandListHeading = "%nVerbs:%n",
        synopsisSubcommandLabel = "VERB",
        description = {
            "Looks at traces of TCP connections, which up, nc and demo write with --trace FILE.",
            "A trace is CSV: a line for each segment, each change of the state, of cwnd and its like. Its header tells "
                    + "the units."
        },
        subcommands = TraceCommand.Plot.class)
final class TraceCommand implements Callable<Integer> {
    @ParentCommand
    private Main main;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "missing verb: plot");
    }

    /** Draws one. */
    @Command(
            name = "plot",
            mixinStandardHelpOptions = true,
            descriptionHeading = "%n",
            parameterListHeading = "%nParameters:%n",
            optionListHeading = "%nOptions:%n",
            description = {
                "Draws one connection of a trace as SVG: above, sequence numbers over time, with retransmissions, "
                        + "acknowledgments and the receive window; below, cwnd, ssthresh, pipe and srtt.",
                "Shaded are fast recovery and the time after a timeout."
            },
            footer = {
                "",
                "Exit code: 0 when it was drawn, 1 when the trace cannot be read, 2 wrong usage.",
                "",
                "Example:",
                "  penstock demo --in-memory --trace demo.csv",
                "  penstock trace plot demo.csv"
            })
    static final class Plot implements Callable<Integer> {
        @ParentCommand
        private TraceCommand parent;

        @Parameters(index = "0", paramLabel = "FILE", description = "The trace.")
        private Path file;

        @Option(
                names = {"-o", "--output"},
                paramLabel = "OUT",
                description = "The picture (default: FILE with .svg in place of .csv).")
        private Path output;

        @Option(
                names = {"-c", "--connection"},
                paramLabel = "N",
                description = "The number of the connection (default: the one with the most events).")
        private Integer connection;

        @Option(
                names = "--direction",
                paramLabel = "sent|received",
                defaultValue = "auto",
                description = "Which data to draw (default: the direction with more of it).")
        private TracePlot.Direction direction;

        @Override
        public Integer call() throws CliException {
            if (connection != null && connection < 1) {
                throw CliException.usage("--connection " + connection + " is out of range: the first one is 1");
            }
            Path svg = output != null ? output : beside(file);
            if (Files.exists(svg) && same(svg)) {
                throw CliException.usage("the picture would take the place of the trace " + file + ": give another -o");
            }
            try {
                String drawn = TracePlot.draw(file, svg, connection == null ? 0 : connection, direction);
                parent.main.console.line(drawn);
                parent.main.console.line("wrote " + svg);
                return Main.OK;
            } catch (NoSuchFileException e) {
                throw CliException.failed(e.getFile() + ": there is no such file or directory");
            } catch (IOException e) {
                throw CliException.failed(file + ": " + e.getMessage());
            }
        }

        private boolean same(Path svg) {
            try {
                return Files.exists(file) && Files.isSameFile(file, svg);
            } catch (IOException e) {
                return false;
            }
        }

        private static Path beside(Path file) {
            Path last = file.getFileName();
            String name = last == null ? "trace" : last.toString();
            return file.resolveSibling((name.endsWith(".csv") ? name.substring(0, name.length() - 4) : name) + ".svg");
        }
    }
}
