package dev.penstock.perf.bench;

import dev.penstock.perf.kernel.Service;
import dev.penstock.perf.report.Section;
import dev.penstock.perf.report.Target;
import dev.penstock.stack.blocking.IdleMode;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Short connections a second. */
@Command(
        name = "connections",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        descriptionHeading = "%n",
        optionListHeading = "%nOptions:%n",
        description = "Short connections a second: connect, a message each way, close; the client closes first.")
final class ConnectionsCommand extends Measurement {
    private static final int MOST_AT_ONCE = 1024;
    private static final int LARGEST = 16 << 10;

    @Option(
            names = "--at-once",
            paramLabel = "N",
            defaultValue = "16",
            description = "So many at the same time (default ${DEFAULT-VALUE}).")
    private int atOnce;

    @Option(
            names = "--message",
            paramLabel = "BYTES",
            defaultValue = "64",
            description = "Bytes each way (default ${DEFAULT-VALUE}).")
    private int message;

    @Option(
            names = "--mode",
            paramLabel = "spin|hybrid|blocking",
            defaultValue = "hybrid",
            converter = ModeConverter.class,
            description = "What an idle shard does (default ${DEFAULT-VALUE}).")
    private IdleMode mode;

    @Override
    void check() {
        range("--at-once", atOnce, 1, MOST_AT_ONCE);
        range("--message", message, 1, LARGEST);
    }

    @Override
    void measure(BenchRun run) throws Exception {
        Setting s = new Setting(
                Service.ECHO,
                atOnce,
                message,
                true,
                inMemory() ? IdleMode.BUSY : mode,
                inMemory() ? Placement.ONE : options.placement,
                options.congestion);
        String what = "Short connections, " + atOnce + " at once, " + message + " B each way, ";
        List<Contender> contenders = new ArrayList<>();
        if (inMemory()) {
            contenders.add(contender("memory", "Penstock to Penstock", s, () -> new MemoryConnectionsRig(s)));
        } else {
            if (options.has(BenchOptions.Side.PENSTOCK)) {
                contenders.add(contender("callback", "Penstock, callbacks", s, () -> ConnectionsRig.penstock(s)));
            }
            if (options.has(BenchOptions.Side.KERNEL)) {
                contenders.add(contender("kernel", "kernel to kernel, veth", s, () -> ConnectionsRig.kernel(s)));
            }
        }
        Section section = new Section(what + (inMemory() ? "in memory, two stacks on one thread" : "over TAP"));
        section.figures.addAll(run.measure(contenders));
        if (inMemory()) {
            section.figures.get(0).target = Target.atLeast(150_000);
        }
        new Compare(section, "").ratio("callback", "kernel", Target.atLeast(2.8));
        run.add(section);
    }

    private Contender contender(String who, String title, Setting s, SimpleContender.Starting starting) {
        String id = "connections." + BenchOptions.lower(options.device) + "." + s.id() + "." + who;
        return Figures.contender(id, title, "/s", true, s.conditions(), "connection", starting);
    }
}
