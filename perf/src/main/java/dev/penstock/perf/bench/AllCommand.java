package dev.penstock.perf.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** All measurements, with the options that the table of targets asks for. */
@Command(
        name = "all",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        descriptionHeading = "%n",
        optionListHeading = "%nOptions:%n",
        description = {
            "All measurements in one run, as the table of targets in perf/README.md has them. With --device memory those that "
                    + "need no TAP device. About ten minutes; --rounds 5 --seconds 0.2 for a quick look."
        })
final class AllCommand extends Measurement {
    private record Part(Supplier<Measurement> measurement, boolean needsTap, String... arguments) {}

    private static final List<Part> PARTS = List.of(
            new Part(SegmentCommand::new, false),
            new Part(LatencyCommand::new, false, "--device", "memory"),
            new Part(BulkCommand::new, false, "--device", "memory", "--streams", "1", "--offload", "both"),
            new Part(ConnectionsCommand::new, false, "--device", "memory"),
            new Part(LatencyCommand::new, true, "--mode", "spin"),
            new Part(LatencyCommand::new, true, "--mode", "spin", "--rate", "20000"),
            new Part(LatencyCommand::new, true, "--mode", "hybrid,blocking"),
            new Part(LatencyCommand::new, true, "--mode", "hybrid", "--cpus", "one"),
            new Part(BulkCommand::new, true, "--streams", "1,4"),
            new Part(BulkCommand::new, true, "--streams", "1", "--offload", "off", "--api", "callback"),
            new Part(ConnectionsCommand::new, true),
            new Part(PacketsCommand::new, true),
            new Part(ImpairmentCommand::new, true),
            new Part(IdleCommand::new, false));

    @Override
    void check() {
        // Each part checks its own.
    }

    @Override
    void measure(BenchRun run) throws Exception {
        for (Part part : PARTS) {
            if (part.needsTap() && inMemory()) {
                continue;
            }
            Measurement m = part.measurement().get();
            List<String> arguments = new ArrayList<>(options.common());
            arguments.addAll(List.of(part.arguments()));
            new CommandLine(m)
                    .setCaseInsensitiveEnumValuesAllowed(true)
                    .setOverwrittenOptionsAllowed(true)
                    .parseArgs(arguments.toArray(String[]::new));
            m.check();
            m.measure(run);
        }
    }
}
