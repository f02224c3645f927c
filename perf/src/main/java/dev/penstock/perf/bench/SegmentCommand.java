package dev.penstock.perf.bench;

import dev.penstock.perf.report.Section;
import dev.penstock.perf.report.Target;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What one segment costs. */
@Command(
        name = "segment",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        descriptionHeading = "%n",
        optionListHeading = "%nOptions:%n",
        description = {
            "Nanoseconds for the input of one TCP segment in order: from the device's poll to the callback that uses the data "
                    + "where it lies, the acknowledgments included. A scripted peer makes the frames, outside of the time "
                    + "that counts. Needs no TAP device."
        })
final class SegmentCommand extends Measurement {
    private static final int LARGEST = 1460;
    private static final int MOST = 64;

    @Option(
            names = "--message",
            paramLabel = "BYTES",
            defaultValue = "1460",
            description = "Payload of a segment (default ${DEFAULT-VALUE}).")
    private int message;

    @Option(
            names = "--burst",
            paramLabel = "LIST",
            split = ",",
            defaultValue = "64,8,1",
            description = "Segments in one duty cycle (default ${DEFAULT-VALUE}).")
    private List<Integer> bursts;

    @Override
    void check() {
        range("--message", message, 1, LARGEST);
        bursts.forEach(b -> range("--burst", b, 1, MOST));
    }

    @Override
    boolean needsTap() {
        return false;
    }

    @Override
    void measure(BenchRun run) throws Exception {
        Section section = new Section("Input of one " + message + " B segment in order, no copy");
        section.note = "acknowledgments included; the clock is read once in a duty cycle";
        List<Contender> contenders = new ArrayList<>();
        for (int burst : bursts) {
            contenders.add(contender(burst, true));
        }
        contenders.add(contender(bursts.get(0), false));
        section.figures.addAll(run.measure(contenders));
        section.figures.get(0).target = Target.atMost(100);
        run.add(section);
    }

    private Contender contender(int burst, boolean verified) {
        Map<String, String> conditions = new LinkedHashMap<>();
        conditions.put("segments in a duty cycle", String.valueOf(burst));
        conditions.put("checksum", verified ? "verified by the device" : "verified by the stack");
        String title = burst + " in a duty cycle, " + (verified ? "checksum offloaded" : "checksum in Java");
        String id = "segment." + message + "." + burst + "." + (verified ? "offload" : "plain");
        return Figures.contender(
                id, title, "ns", false, conditions, "segment", () -> new SegmentRig(message, burst, verified));
    }
}
